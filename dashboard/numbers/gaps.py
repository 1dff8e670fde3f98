"""Who did not watch when, and what to say where there is nothing to show."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from dashboard.numbers.camera_day import TOO_SLOW
from dashboard.numbers.day import seen_until
from dashboard.numbers.headline import Gap
from dashboard.numbers.reading import Reader, Site
from dashboard.wording import long_day, plain
from db.reading.slowness import DROPPED_SHARE
from footfall.local_time import day_bounds

NOT_TOLD = "no picture arrived"
LEAST_LOST_S = 120


def gaps_of_day(reader: Reader, day: date, now: datetime) -> list[Gap]:
    """Return the cameras that did not watch during opening hours of `day`, longest first."""
    site = reader.site
    opening = site.opening(day)
    outages = reader.outages(day, day)
    expected = reader.observation(day, day, ("camera", "hour_start"))
    labels = dict(zip(*(reader.cameras()[name] for name in ("camera", "label")), strict=True))
    found = []
    for camera, rows in expected.groupby("camera"):
        past = seen_until(rows, opening, now)
        lost_s = float(past["open_s"].sum() - past["observed_open_s"].sum())
        if lost_s >= LEAST_LOST_S:
            dropped, processed = (float(past[name].sum()) for name in ("frames_dropped", "frames_processed"))
            slow = 0 < dropped >= DROPPED_SHARE * processed
            reason = TOO_SLOW if slow else _reason(outages, camera, site)
            found.append(Gap(str(labels.get(camera, camera)), lost_s, reason))
    return sorted(found, key=lambda gap: -gap.lost_s)


def nothing_counted(
    day: date, site: Site, observed_share: float | None, gaps: list[Gap], now: datetime
) -> tuple[str, str]:
    """Return a title (plain text) and what to do (Markdown) for a day without any visit."""
    opening = site.opening(day)
    if not opening:
        return (
            f"Closed on {long_day(day)}",
            "The opening hours of this site in footfall.toml say so. Choose another day.",
        )
    if now < opening[0].start:
        at = opening[0].start.astimezone(site.zone)
        return "Not open yet", f"The site opens at {at:%H:%M}. Choose an earlier day to look back."
    if gaps:
        listed = "; ".join(plain(f"camera {gap.camera}: {gap.reason}") for gap in gaps[:4])
        return f"No data for {long_day(day)}", f"{listed}. The page Cameras shows what each camera does now."
    if not observed_share:
        return (
            f"No data for {long_day(day)}",
            "No camera was configured or running on this day. Start `footfall run`, or process a recording with "
            "`footfall process`.",
        )
    return f"Nobody came on {long_day(day)}", "The cameras were watching and saw no visitor."


def opening_text(site: Site, day: date) -> str:
    """Return the opening hours of `day` in words."""
    hours = site.opening_hours[day.weekday()]
    length = day_bounds(day, site.zone)
    changed = (length.end - length.start).total_seconds() / 3600
    note = f", a day of {changed:g} hours: the clock was changed" if changed != 24 else ""
    return (hours if hours == "closed" else f"open {hours.replace('-', '–')}") + note


def _reason(outages: pd.DataFrame, camera: object, site: Site) -> str:
    rows = outages[outages["camera"] == camera]
    if rows.empty:
        return NOT_TOLD
    row = rows.iloc[-1]
    since = row["started_at"].astimezone(site.zone)
    until = "now" if pd.isna(row["ended_at"]) else f"{row['ended_at'].astimezone(site.zone):%H:%M}"
    return f"{row['reason']}, {since:%H:%M}–{until}"
