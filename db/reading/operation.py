"""What the pages about operation show: sites, cameras, their timeline, outages, reports, deletions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import Connection, and_, case, false, func, or_, select

from db.models import (
    CameraMinuteRow,
    CameraPeriodRow,
    CameraRow,
    DailyReportRow,
    DailyVisitsRow,
    DeletionRow,
    HourlyObservationRow,
    OutageRow,
    ReopenedDayRow,
    SiteRow,
)
from db.reading.machines import heard_of
from db.reading.queries import table_of
from db.reading.selection import SelectedCamera, Selection, selected_cameras
from db.reading.slowness import is_slow
from db.writing.registry import hours_histories
from db.writing.reopening import Change
from footfall.local_time import day_bounds

MINUTE = pd.Timedelta(minutes=1)


def sites(connection: Connection, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return site, label, time_zone, simulated, opening_hours, hours_history, first_day, last_day.

    The opening hours, seven texts, Monday first, are those that hold now, the history (valid from, seven texts) all
    there were. The days are the first and last with visits, None without any. `names` None means all sites.
    """
    query = select(SiteRow.id, SiteRow.name, SiteRow.label, SiteRow.time_zone, SiteRow.simulated).order_by(SiteRow.name)
    if names is not None:
        query = query.where(SiteRow.name.in_(names))
    found = connection.execute(query).all()
    histories = hours_histories(connection, [site.id for site in found])
    days = _days_with_visits(connection, [site.id for site in found])
    rows = [
        (*site[1:], histories[site.id][-1][1], histories[site.id], *days.get(site.id, (None, None))) for site in found
    ]
    columns = ["site", "label", "time_zone", "simulated", "opening_hours", "hours_history", "first_day", "last_day"]
    return pd.DataFrame(rows, columns=columns)


def time_zones(connection: Connection) -> dict[str, ZoneInfo]:
    """Return the time zone of each site, by name and in their order; one short question, unlike `sites`."""
    query = select(SiteRow.name, SiteRow.time_zone).order_by(SiteRow.name)
    return {row.name: ZoneInfo(row.time_zone) for row in connection.execute(query)}


def cameras(connection: Connection, selection: Selection) -> pd.DataFrame:
    """Return how each camera is on the last day of `selection`: camera, label, entrance, site, expected (is it to watch
    then), retired_from (the first day on which it is not any more, None while that is not known), and its last minute.

    last_minute, frames_per_second, frames_dropped, lag_s, faces, faces_small, picture (or "slow") describe the newest
    minute (missing values when there is none); outage_started_at, outage_ended_at, outage_reason the newest outage.
    """
    rows = [
        (*_about(connection, camera, selection.last_day), *_newest(connection, camera.id))
        for camera in selected_cameras(connection, selection)
    ]
    return table_of(rows, [*ABOUT_COLUMNS, *NEWEST_COLUMNS])


ABOUT_COLUMNS = ("camera", "label", "entrance", "site", "expected", "retired_from")
MINUTE_COLUMNS = ("last_minute", "frames_per_second", "frames_dropped", "lag_s", "faces", "faces_small", "picture")
NEWEST_COLUMNS = (*MINUTE_COLUMNS, "outage_started_at", "outage_ended_at", "outage_reason")


def timeline(connection: Connection, selection: Selection) -> pd.DataFrame:
    """Return stretches of minutes with the same state: camera, entrance, site, state, started_at, ended_at.

    `state` is "ok", "slow", "dark", "covered", "blurred" or "moved"; time without a row is time without a picture.
    Meant for single days: minutes are grouped in SQL, and a stretch is made of minutes that follow each other.
    """
    parts = []
    for camera in selected_cameras(connection, selection):
        start = day_bounds(selection.first_day, camera.zone).start
        end = day_bounds(selection.last_day, camera.zone).end
        minutes = _minutes(connection, camera.id, start, end)
        if not minutes.empty:
            begins = (minutes["minute"].diff() != MINUTE) | (minutes["state"] != minutes["state"].shift())
            part = minutes.groupby(begins.cumsum()).agg(
                state=("state", "first"), started_at=("minute", "first"), ended_at=("minute", "last")
            )
            part["ended_at"] += MINUTE
            parts.append(part.assign(camera=camera.camera, entrance=camera.entrance, site=camera.site))
    columns = ["camera", "entrance", "site", "state", "started_at", "ended_at"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else table_of([], columns)


def outages(connection: Connection, selection: Selection) -> pd.DataFrame:
    """Return camera, entrance, site, started_at, ended_at (missing while it lasts), reason, oldest first.

    heard_at is when a machine whose settings name the camera was heard of last: nobody ends an outage after that.
    """
    rows: list[tuple[Any, ...]] = []
    heard = heard_of(connection)
    for camera in selected_cameras(connection, selection):
        start = day_bounds(selection.first_day, camera.zone).start
        end = day_bounds(selection.last_day, camera.zone).end
        query = select(OutageRow.started_at, OutageRow.ended_at, OutageRow.reason).where(
            OutageRow.camera_id == camera.id,
            OutageRow.started_at < end,
            or_(OutageRow.ended_at.is_(None), OutageRow.ended_at > start),
        )
        about = (camera.camera, camera.entrance, camera.site)
        rows += [(*about, *row, heard.get(camera.camera)) for row in connection.execute(query)]
    rows.sort(key=lambda row: (row[3], row[0]))
    return table_of(rows, ["camera", "entrance", "site", "started_at", "ended_at", "reason", "heard_at"])


def reports(connection: Connection, selection: Selection) -> pd.DataFrame:
    """Return every revision of the written daily reports, newest first.

    Columns: site, day, revision, replaces, reason, path, sha256, visits, observed_share, written_at.
    """
    row = DailyReportRow
    names = ("day", "revision", "replaces", "reason", "path", "sha256", "visits", "observed_share", "written_at")
    query = (
        select(SiteRow.name, *(getattr(row, name) for name in names))
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(row.day.between(selection.first_day, selection.last_day))
        .order_by(row.day.desc(), SiteRow.name, row.revision.desc())
    )
    if selection.sites is not None:
        query = query.where(SiteRow.name.in_(selection.sites))
    return table_of(connection.execute(query).all(), ["site", *names]).astype({"replaces": "Int64"})


def reopened_days(connection: Connection, sites: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the days whose report no longer holds: site, day, reason (in words), reopened_at, oldest day first."""
    row = ReopenedDayRow
    query = (
        select(SiteRow.name, row.day, row.visits_added, row.visits_removed, row.observation_changed)
        .add_columns(row.unique_changed)
        .add_columns(row.reopened_at.label("at"))
        .join(SiteRow, SiteRow.id == row.site_id)
        .order_by(row.day, SiteRow.name)
    )
    if sites is not None:
        query = query.where(SiteRow.name.in_(sites))
    rows = [(row.name, row.day, Change(*row[2:6]).in_words(), row.at) for row in connection.execute(query)]
    return table_of(rows, ["site", "day", "reason", "reopened_at"])


def deletions(connection: Connection) -> pd.DataFrame:
    """Return what retention deleted: site, table_name, before_day, rows, deleted_at, newest first."""
    row = DeletionRow
    query = (
        select(SiteRow.name, row.table_name, row.before_day, row.rows, row.deleted_at)
        .join(SiteRow, SiteRow.id == row.site_id)
        .order_by(row.id.desc())
    )
    return table_of(connection.execute(query).all(), ["site", "table_name", "before_day", "rows", "deleted_at"])


def _days_with_visits(connection: Connection, site_ids: Sequence[int]) -> dict[int, tuple[date | None, date | None]]:
    """Return the first and last day with visits by site.

    One question that looks at either end of an index for each camera, however long the history is.
    """
    day, camera_id = DailyVisitsRow.day, DailyVisitsRow.camera_id
    first_of, last_of = (
        select(how(day)).where(camera_id == CameraRow.id).scalar_subquery() for how in (func.min, func.max)
    )
    query = select(CameraRow.site_id, first_of, last_of).where(CameraRow.site_id.in_(site_ids))
    found: dict[int, tuple[date | None, date | None]] = {}
    for site_id, first, last in connection.execute(query):
        before = found.get(site_id, (None, None))
        firsts, lasts = filter(None, (before[0], first)), filter(None, (before[1], last))
        found[site_id] = min(firsts, default=None), max(lasts, default=None)
    return found


def _about(connection: Connection, camera: SelectedCamera, day: date) -> tuple[Any, ...]:
    period = CameraPeriodRow
    query = select(period.first_day, period.last_day).where(period.camera_id == camera.id).order_by(period.first_day)
    periods = connection.execute(query).all()
    expected = any(one.first_day <= day <= (one.last_day or date.max) for one in periods)
    ended = periods[-1].last_day if periods else None
    retired_from = None if ended is None else ended + timedelta(days=1)
    return camera.camera, camera.label, camera.entrance, camera.site, expected, retired_from


def _newest(connection: Connection, camera_id: int) -> tuple[Any, ...]:
    minute, outage = CameraMinuteRow, OutageRow
    rate = case((minute.live_s > 0, minute.frames_processed / minute.live_s), else_=0.0)
    slow = is_slow(minute.live_s, minute.frames_dropped, minute.frames_processed)
    state = case((and_(minute.picture == "ok", slow), "slow"), else_=minute.picture)
    last_minute = (
        select(minute.minute, rate, minute.frames_dropped, minute.lag_s, minute.faces, minute.faces_small, state)
        .where(minute.camera_id == camera_id)
        .order_by(minute.minute.desc())
        .limit(1)
    )
    last_outage = (
        select(outage.started_at, outage.ended_at, outage.reason)
        .where(outage.camera_id == camera_id)
        .order_by(outage.started_at.desc())
        .limit(1)
    )
    found = connection.execute(last_minute).first() or (None,) * len(MINUTE_COLUMNS)
    return (*found, *(connection.execute(last_outage).first() or (None, None, None)))


def _minutes(connection: Connection, camera_id: int, start: datetime, end: datetime) -> pd.DataFrame:
    minute = CameraMinuteRow
    troubled = func.max(case((minute.picture == "ok", ""), else_=minute.picture))
    slow = is_slow(func.sum(minute.live_s), func.sum(minute.frames_dropped), func.sum(minute.frames_processed))
    query = (
        select(minute.minute, case((troubled != "", troubled), (slow, "slow"), else_="ok"))
        .where(and_(minute.camera_id == camera_id, minute.minute >= start, minute.minute < end))
        .group_by(minute.minute)
        .having(func.sum(minute.frames_seen) > 0)
        .order_by(minute.minute)
    )
    return table_of(connection.execute(query).all(), ["minute", "state"])


def unreported_days(connection: Connection, site: str, last_day: date) -> list[date]:
    """Return the local days up to `last_day` that should have a report and have none, oldest first.

    Those are the days with data and the days on which a camera was configured, be it that nothing was observed.
    """
    site_id = connection.execute(select(SiteRow.id).where(SiteRow.name == site)).scalar_one()
    mine = select(CameraRow.id).where(CameraRow.site_id == site_id)
    reported = set(connection.execute(select(DailyReportRow.day).where(DailyReportRow.site_id == site_id)).scalars())
    days: set[date] = set()
    period = CameraPeriodRow
    for first, last in connection.execute(select(period.first_day, period.last_day).where(period.camera_id.in_(mine))):
        until = min(last_day, last or last_day)
        days |= {first + timedelta(days=number) for number in range((until - first).days + 1)}
    # Of all other days nobody need read the data of years.
    open_to_question = list(_between(days | reported, last_day))
    for table in (DailyVisitsRow, HourlyObservationRow):
        asked = or_(false(), *(table.day.between(*span) for span in open_to_question))
        days |= set(connection.execute(select(table.day).distinct().where(table.camera_id.in_(mine), asked)).scalars())
    return sorted(days - reported)


def _between(days: Iterable[date], last_day: date) -> Iterator[tuple[date, date]]:
    """Yield the spans up to `last_day`, both ends included, that hold none of these days."""
    one = timedelta(days=1)
    since = date.min
    for day in sorted(day for day in days if day <= last_day):
        if since < day:
            yield since, day - one
        since = day + one
    if since <= last_day:
        yield since, last_day
