"""Camera minutes, the hours of observation that are derived from them, and outages."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from math import gcd
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, case, cast, delete, extract, func, select

from db.models import CameraMinuteRow, HourlyObservationRow, OutageRow
from db.writing.late import LeftOut, without_counted_minutes
from db.writing.registry import KnownCamera, hours_history, known_cameras, lock_sites, opening_on, storable
from db.writing.reopening import Change, reopen
from db.writing.upsert import insert_into
from footfall.local_time import LocalHour, hour_of, local_day
from footfall.types import CameraMinute, Outage, PictureState

MINUTE_S = 60.0
HOUR_S = 3600
# Nobody can be seen in a dark or covered picture; a blurred or moved one still shows people.
BLIND = (PictureState.DARK.value, PictureState.COVERED.value)
SUMMED = ("frames_seen", "frames_processed", "frames_dropped", "frames_damaged", "faces", "faces_small")
OBSERVED = ("observed_s", "observed_open_s")
CHANGED_S = 1e-6  # sums of floats; anything more may turn the last digit of a share


def save_minutes(connection: Connection, minutes: Sequence[CameraMinute], now: datetime) -> list[LeftOut]:
    """Store the minutes, each replacing what the same run said before, and derive their hours again.

    Returns what was left out, because a recording has counted it.
    """
    cameras = known_cameras(connection, (minute.camera_id for minute in minutes))
    lock_sites(connection, (camera.site_id for camera in cameras.values()))
    kept, left_out = without_counted_minutes(connection, minutes, cameras)
    insert_minutes(connection, kept, cameras)
    for camera in cameras.values():
        mine = [minute.minute for minute in kept if minute.camera_id == camera.name]
        derive_hours(connection, camera, mine, now)
    return left_out


def insert_minutes(
    connection: Connection,
    minutes: Sequence[CameraMinute],
    cameras: Mapping[str, KnownCamera],
    recording_id: int | None = None,
) -> None:
    """Insert or replace minutes; those of hours whose minutes retention deleted are left out, as they stand."""
    rows = {(cameras[m.camera_id].id, m.minute, m.run): _row(m, cameras[m.camera_id], recording_id) for m in minutes}
    frozen = _frozen_hours(connection, minutes, cameras)
    kept = [rows[key] for key in sorted(rows) if (key[0], rows[key].pop("hour_start")) not in frozen]
    if not kept:
        return
    insert = insert_into(connection, CameraMinuteRow)
    replaced = {name: insert.excluded[name] for name in kept[0] if name not in ("camera_id", "minute", "run")}
    keys = ["camera_id", "minute", "run"]
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=replaced), kept)


def derive_hours(connection: Connection, camera: KnownCamera, moments: Iterable[datetime], now: datetime) -> None:
    """Derive the observation of the hours that hold `moments` again, and reopen reported days that it changes."""
    hours = {hour.start: hour for hour in (hour_of(moment, camera.zone) for moment in moments)}
    frozen = {hour for _, hour in _frozen(connection, [camera.id], list(hours))}
    hours = {start: hour for start, hour in hours.items() if start not in frozen}
    if not hours:
        return
    before = _observed(connection, camera, hours)
    rows = observation_rows(connection, [camera], {camera.id: hours})[camera.id]
    match = (HourlyObservationRow.camera_id == camera.id, HourlyObservationRow.hour_start.in_(list(hours)))
    connection.execute(delete(HourlyObservationRow).where(*match))
    if rows:
        connection.execute(insert_into(connection, HourlyObservationRow), [rows[start] for start in sorted(rows)])
    changed: dict[tuple[int, date], Change] = {}
    for start in hours:
        seen = tuple(float(rows[start][name]) for name in OBSERVED) if start in rows else (0.0, 0.0)
        if any(abs(new - old) >= CHANGED_S for new, old in zip(seen, before.get(start, (0.0, 0.0)), strict=True)):
            changed[camera.site_id, local_day(start, camera.zone)] = Change(observation=True)
    reopen(connection, changed, now)


def observation_rows(
    connection: Connection, cameras: Sequence[KnownCamera], hours: Mapping[int, Mapping[datetime, LocalHour]]
) -> dict[int, dict[datetime, dict[str, Any]]]:
    """Return what the stored minutes say about `hours`, by camera id and start of the hour; empty hours are left out.

    A minute that two runs shared counts for at most its 60 seconds; a minute counts as open when it begins within the
    opening hours. The database adds minutes up to stretches that no hour and no opening or closing cuts.

    Args:
        connection: inside a transaction.
        cameras: of one site.
        hours: the hours to derive, by camera id and start; all within a stretch that is worth reading at once.
    """
    ends = [hour.end for mine in hours.values() for hour in mine.values()]
    starts = [start for mine in hours.values() for start in mine]
    if not starts:
        return {}
    zone = cameras[0].zone
    history = hours_history(connection, cameras[0].site_id)
    days = {local_day(start, zone) for start in starts}
    opened = {day: opening_on(history, day, zone) for day in days}
    bounds = [moment for intervals in opened.values() for one in intervals for moment in one]
    step_s = gcd(HOUR_S, *(int(moment.timestamp()) for moment in {*starts, *ends, *bounds}))
    by_start = {camera.id: sorted(hours.get(camera.id, {})) for camera in cameras}
    rows: dict[int, dict[datetime, dict[str, Any]]] = {camera.id: {} for camera in cameras}
    for found in connection.execute(_stretches(list(rows), min(starts), max(ends), step_s)):
        moment = datetime.fromtimestamp(found.stretch * step_s, UTC)
        known = by_start[found.camera_id]
        start = known[max(0, bisect_right(known, moment) - 1)] if known else moment
        if not known or not start <= moment < hours[found.camera_id][start].end:
            continue
        row = rows[found.camera_id].setdefault(start, _empty_hour(found.camera_id, local_day(start, zone), start))
        row["observed_s"] += found.seen_s
        row["observed_open_s"] += found.seen_s if any(a <= moment < b for a, b in opened[row["day"]]) else 0.0
        row["lag_s"] = max(row["lag_s"], found.lag_s)
        for name in SUMMED:
            row[name] += int(getattr(found, name))
    return rows


def _stretches(camera_ids: list[int], start: datetime, end: datetime, step_s: int) -> Select[*tuple[Any, ...]]:
    """Return the question for what cameras observed by stretch: its number since 1970, seen_s, lag_s and SUMMED."""
    minute = CameraMinuteRow
    seen_s = func.sum(case((minute.picture.in_(BLIND), 0.0), else_=minute.live_s)).label("seen_s")
    totals = [func.sum(getattr(minute, name)).label(name) for name in SUMMED]
    minutes = (
        select(minute.camera_id, minute.minute, seen_s, func.max(minute.lag_s).label("lag_s"), *totals)
        .where(minute.camera_id.in_(camera_ids), minute.minute >= start, minute.minute < end)
        .group_by(minute.camera_id, minute.minute)
    ).subquery()
    stretch = (cast(extract("epoch", minutes.c.minute), BigInteger) // step_s).label("stretch")
    whole = case((minutes.c.seen_s > MINUTE_S, MINUTE_S), else_=minutes.c.seen_s)
    sums = [func.sum(minutes.c[name]).label(name) for name in SUMMED]
    return (
        select(minutes.c.camera_id, stretch, func.sum(whole).label("seen_s"), func.max(minutes.c.lag_s).label("lag_s"))
        .add_columns(*sums)
        .group_by(minutes.c.camera_id, stretch)
        .order_by(minutes.c.camera_id, stretch)
    )


def save_outages(connection: Connection, outages: Sequence[Outage]) -> None:
    """Store the outages; one that is known gets its end and reason, and never loses its end again."""
    cameras = known_cameras(connection, (outage.camera_id for outage in outages))
    rows = [
        {
            "uid": outage.uid,
            "camera_id": cameras[outage.camera_id].id,
            "started_at": outage.started_at,
            "ended_at": outage.ended_at,
            "reason": storable(outage.reason, 500),
        }
        for outage in sorted(outages, key=lambda outage: outage.uid)
    ]
    insert = insert_into(connection, OutageRow)
    replaced = {
        "started_at": insert.excluded.started_at,
        "ended_at": func.coalesce(insert.excluded.ended_at, OutageRow.ended_at),
        "reason": insert.excluded.reason,
    }
    connection.execute(insert.on_conflict_do_update(index_elements=["uid"], set_=replaced), rows)


def _row(minute: CameraMinute, camera: KnownCamera, recording_id: int | None) -> dict[str, Any]:
    return {
        "camera_id": camera.id,
        "minute": minute.minute.astimezone(UTC),
        "run": minute.run,
        "recording_id": recording_id,
        "live_s": min(MINUTE_S, max(0.0, minute.live_s)),
        "lag_s": minute.lag_s,
        "picture": minute.picture.value,
        "hour_start": hour_of(minute.minute, camera.zone).start,
        **{name: getattr(minute, name) for name in SUMMED},
    }


def _empty_hour(camera_id: int, day: date, start: datetime) -> dict[str, Any]:
    sums: dict[str, Any] = {"observed_s": 0.0, "observed_open_s": 0.0, "lag_s": 0.0, **dict.fromkeys(SUMMED, 0)}
    return {"camera_id": camera_id, "day": day, "hour_start": start, "frozen": False, **sums}


def _frozen_hours(
    connection: Connection, minutes: Sequence[CameraMinute], cameras: Mapping[str, KnownCamera]
) -> set[tuple[int, datetime]]:
    starts = {hour_of(minute.minute, cameras[minute.camera_id].zone).start for minute in minutes}
    return _frozen(connection, [camera.id for camera in cameras.values()], list(starts))


def _frozen(connection: Connection, camera_ids: list[int], starts: list[datetime]) -> set[tuple[int, datetime]]:
    hour = HourlyObservationRow
    query = select(hour.camera_id, hour.hour_start).where(
        hour.camera_id.in_(camera_ids), hour.hour_start.in_(starts), hour.frozen
    )
    return {(row.camera_id, row.hour_start) for row in connection.execute(query)}


def _observed(
    connection: Connection, camera: KnownCamera, hours: Mapping[datetime, LocalHour]
) -> dict[datetime, tuple[float, float]]:
    hour = HourlyObservationRow
    query = select(hour.hour_start, hour.observed_s, hour.observed_open_s).where(
        hour.camera_id == camera.id, hour.hour_start.in_(list(hours))
    )
    return {row.hour_start: (row.observed_s, row.observed_open_s) for row in connection.execute(query)}
