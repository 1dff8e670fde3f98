"""Which written reports are to be mailed to whom: each day once, and again when its numbers changed since."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, Engine

from db.reading.operation import reports
from db.reading.selection import Selection
from db.session import reading, transact
from db.writing.notices import Notice, State, queue, told_keys
from footfall.config import Config
from footfall.local_time import local_day

NEWS = timedelta(hours=24)
DAYS_TOLD, DAYS_REVISED = timedelta(days=3), timedelta(days=7)
"""Of older days nothing is mailed: a program that is new, or was off for long, writes many reports at once."""
SETTINGS_CHANGED = "the settings of the report or of the site changed"
GONE = (State.SENT, State.UNSURE, State.CLAIMED, State.HANDED)


def queue_reports(config: Config, engine: Engine, site: str, now: datetime) -> int:
    """Put the reports of `site` that were written within a day, of days lately, into the outbox.

    Returns how many mails that makes; those that are in the outbox already, sent or not, are not made again.

    Raises:
        StoreError: the database is away; nothing was queued.
    """
    recipients = config.mail.report_recipients(site)
    if not recipients:
        return 0
    with reading(engine) as connection:
        found = _wanted(connection, config, site, now)
    if found:
        transact(engine, queue, found, now)
    return len(found)


def report_key(day: Any, revision: int) -> str:
    """Return the key of a report in the outbox."""
    return f"report {day} r{revision}"


def _wanted(connection: Connection, config: Config, site: str, now: datetime) -> list[Notice]:
    zone = config.sites[site].zone
    today = local_day(now, zone)
    written = reports(connection, Selection(today - DAYS_REVISED, today, sites=(site,)))
    found: list[Notice] = []
    for _, revisions in written.groupby("day"):
        newest = revisions.iloc[0]
        if now - newest["written_at"] >= NEWS:
            continue
        told = told_keys(connection, site, newest["day"])
        key = report_key(newest["day"], int(newest["revision"]))
        for recipient in config.mail.report_recipients(site):
            earlier = _earlier(told, recipient, revisions)
            is_old = earlier is None and newest["day"] < today - DAYS_TOLD
            if is_old or (key, recipient) in told or (earlier is not None and not _is_news(config, newest, earlier)):
                continue
            content = {"day": str(newest["day"]), "revision": int(newest["revision"]), "revised": earlier is not None}
            content["reason"] = str(newest["reason"]) if earlier is not None else ""
            found.append(Notice(site, key, "mail", recipient, content, _when(config, zone, now)))
    return found


def _earlier(told: dict[tuple[str, str], State], recipient: str, revisions: pd.DataFrame) -> pd.Series | None:
    """Return the newest revision that this recipient was sent, None without one."""
    for _, row in revisions.iterrows():
        if told.get((report_key(row["day"], int(row["revision"])), recipient)) in GONE:
            return row
    return None


def _is_news(config: Config, newest: pd.Series, earlier: pd.Series) -> bool:
    """Tell whether the numbers changed, not only how the file is written."""
    if not config.mail.revisions:
        return False
    same = all(newest[name] == earlier[name] or pd.isna(newest[name]) for name in ("visits", "observed_share"))
    return not (same and newest["reason"] == SETTINGS_CHANGED)


def _when(config: Config, zone: ZoneInfo, now: datetime) -> datetime:
    """Return when to send: at the set time of today where that is still to come, else at once."""
    if config.mail.reports_at is None:
        return now
    local = now.astimezone(zone)
    at = local.replace(hour=config.mail.reports_at.hour, minute=config.mail.reports_at.minute, second=0, microsecond=0)
    return max(now, at.astimezone(now.tzinfo))
