"""Alerts of a site: what began and what ended since the last look, noted together with the notices about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, Engine

from analytics.completeness import is_complete
from dashboard.wording import long_day
from db.reading.alerts import open_alerts
from db.reading.operation import reports
from db.reading.selection import Selection
from db.reading.sight import Sight, opening_around, sights
from db.session import reading, transact
from db.writing.alerts import (
    Alert,
    begin_alert,
    days_alerted,
    end_alert,
    forget_alerts,
    lock_site,
    new_uid,
)
from db.writing.notices import Notice, queue
from footfall.config import Config
from footfall.local_time import day_bounds, local_day
from notices.conditions import (
    INCOMPLETE,
    NO_MORE,
    Begun,
    Over,
    begun_words,
    incomplete_words,
    over_words,
    recoveries,
    subjects_of,
    summary_of,
    told_together,
    troubles,
)

NEWS = timedelta(hours=24)
DAYS_WATCHED = timedelta(days=7)
DAYS_OPEN = timedelta(days=31)
"""A day that nobody completed by then never will be; its alert ends without a word."""
WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class _Ended:
    """An open alert that ends, when, and what is said of it; nothing where `words` are empty."""

    alert: Alert
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class _News:
    """What a look came to."""

    begun: tuple[Begun, ...]
    ended: tuple[_Ended, ...]


def watch_site(config: Config, engine: Engine, site: str, now: datetime) -> list[str]:
    """Note what began and ended at `site`, queue who is told, and return both in sentences.

    Raises:
        StoreError: the database is away; nothing was noted.
    """
    with reading(engine) as connection:
        if not _look(connection, config, site, now):
            return []
    return transact(engine, _note, config, site, now)


def _look(connection: Connection, config: Config, site: str, now: datetime) -> _News | None:
    """Compare what is with what was told, None where nothing is new."""
    zone = config.sites[site].zone
    after = timedelta(minutes=config.alerts.after_minutes)
    known = {alert.subject: alert for alert in open_alerts(connection, site)}
    seen = sights(connection, site, now)
    wrong = [
        one
        for sight in seen
        for one in troubles(sight, opening_around(connection, sight.camera, now), now, after)
        if one.subject not in known
    ]
    over = [one for sight in seen for one in recoveries(sight, now, after) if one.subject in known]
    days, days_over = _days(connection, site, zone, now)
    ended = [*_camera_ends(known, over, subjects_of(seen), (zone, now)), *days_over]
    begun = [*told_together(wrong), *days]
    return _News(tuple(begun), tuple(ended)) if begun or ended else None


def _camera_ends(
    known: dict[str, Alert], over: list[Over], cameras: dict[str, Sight], when: tuple[ZoneInfo, datetime]
) -> list[_Ended]:
    zone, now = when
    if not any(one.is_settled for one in over):
        return []
    found = []
    for one in over:
        alert, camera = known[one.subject], cameras[one.subject].camera
        label = " ".join(camera.label.split()) or camera.camera
        ended_at = max(one.since, alert.since)
        words = over_words(label, alert.kind, (alert.since, ended_at), zone, now)
        found.append(_Ended(alert, ended_at, f"Camera {label} {NO_MORE}" if one.words else words))
    return found


def _days(connection: Connection, site: str, zone: ZoneInfo, now: datetime) -> tuple[list[Begun], list[_Ended]]:
    """Return the days that ended incomplete since yesterday, and those that were completed, as their reports say."""
    known = [alert for alert in open_alerts(connection, site) if alert.day is not None]
    today = local_day(now, zone)
    first = min([today - DAYS_WATCHED, *(alert.day for alert in known if alert.day)])
    written = reports(connection, Selection(first, today, sites=(site,))).drop_duplicates("day")
    alerted = days_alerted(connection, site)
    begun, newest = [], {row["day"]: row for row in written.to_dict("records")}
    for day, row in sorted(newest.items()):
        is_new = day not in alerted and day >= today - DAYS_WATCHED and now - row["written_at"] < NEWS
        if is_new and not is_complete(_share(row)):
            words = incomplete_words(day, _share(row) or 0.0)
            since = day_bounds(day, zone).end
            begun.append(Begun(f"day {day}", INCOMPLETE, "", "", since, words, True, day))
    ended = []
    for alert in known:
        row = newest.get(alert.day, {}) if alert.day else {}
        if row and is_complete(_share(row)):
            words = f"{long_day(row['day'])} is complete now, in revision {row['revision']} of its report"
            ended.append(_Ended(alert, now, words))
        elif alert.day and alert.day < today - DAYS_OPEN:
            ended.append(_Ended(alert, now, ""))
    return begun, ended


def _share(row: Any) -> float | None:
    share = row["observed_share"]
    return None if share is None or pd.isna(share) else float(share)


def _note(connection: Connection, config: Config, site: str, now: datetime) -> list[str]:
    """Look again under the lock of the site, and note what is new with the notices about it."""
    lock_site(connection, site)
    forget_alerts(connection, now)
    news = _look(connection, config, site, now)
    if news is None:
        return []
    zone = config.sites[site].zone
    began, ended = [], []
    for one in news.begun:
        words = one.why if one.day else begun_words(one, zone, now)
        alert = Alert(new_uid(), site, one.subject, one.kind, one.camera, one.day, one.since, None, words)
        if begin_alert(connection, alert, now):
            began.append(_document(alert, words, None))
    for over in news.ended:
        if end_alert(connection, over.alert.uid, over.at) and over.words:
            ended.append(_document(over.alert, over.words, over.at))
    sentences = [str(one["summary"]) for one in (*began, *ended)]
    if sentences:
        content = {
            "type": "alerts",
            "site": site,
            "label": config.sites[site].label or site,
            "at": now.isoformat(),
            "summary": summary_of(sentences, news.begun, zone, now),
            "began": began,
            "ended": ended,
        }
        queue(connection, _notices(config, site, content, now), now)
    return sentences


def _document(alert: Alert, words: str, ended_at: datetime | None) -> dict[str, Any]:
    return {
        "id": str(alert.uid),
        "kind": alert.kind,
        "camera": alert.camera or None,
        "day": None if alert.day is None else alert.day.isoformat(),
        "since": alert.since.isoformat(),
        "until": None if ended_at is None else ended_at.isoformat(),
        "summary": words,
    }


def _notices(config: Config, site: str, content: dict[str, Any], now: datetime) -> list[Notice]:
    key = f"alerts {uuid4()}"
    to = [Notice(site, key, "mail", address, content, now) for address in config.mail.alert_recipients(site)]
    if config.alerts.webhook_url.get_secret_value():
        to.append(Notice(site, key, "webhook", WEBHOOK, content, now))
    return to
