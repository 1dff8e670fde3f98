"""Who did not watch when, and what to say where there is nothing to show."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from dashboard.numbers.camera_day import day_spans
from dashboard.numbers.day import seen_until
from dashboard.numbers.headline import Gap
from dashboard.numbers.reading import Reader, Site
from dashboard.numbers.reasons import NOT_TOLD
from dashboard.wording import duration, long_day, plain
from footfall.local_time import day_bounds

LEAST_LOST_S = 120
MOST_REASONS = 3


def gaps_of_day(reader: Reader, day: date, now: datetime) -> list[Gap]:
    """Return the cameras that did not watch during opening hours of `day`, longest first."""
    opening = reader.site.opening(day)
    expected = reader.observation(day, day, ("camera", "hour_start"))
    lost, observed = {}, {}
    for camera, rows in expected.groupby("camera"):
        past = seen_until(rows, opening, now)
        lost[str(camera)] = float(past["open_s"].sum() - past["observed_open_s"].sum())
        observed[str(camera)] = float(past["observed_s"].sum())
    lost = {camera: lost_s for camera, lost_s in lost.items() if lost_s >= LEAST_LOST_S}
    if not lost:
        return []
    labels = dict(zip(*(reader.cameras()[name] for name in ("camera", "label")), strict=True))
    timeline = reader.timeline(day)
    bounds = day_bounds(day, reader.site.zone)
    # By name, not by label, because labels need not differ; without minutes (they are kept for a time) nothing is told.
    told = {camera: camera for camera in lost if camera in set(timeline["camera"]) or not observed[camera]}
    spans = day_spans(timeline, reader.outages(day, day), told, opening, bounds, now, reader.site.zone)
    stretches = spans[spans["state"] == "gap"]
    found = [
        Gap(str(labels.get(camera, camera)), lost_s, _reason(stretches[stretches["camera"] == camera]))
        for camera, lost_s in lost.items()
    ]
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
    hours = site.hours_on(day)[day.weekday()]
    length = day_bounds(day, site.zone)
    changed = (length.end - length.start).total_seconds() / 3600
    note = f", a day of {changed:g} hours: the clock was changed" if changed != 24 else ""
    return (hours if hours == "closed" else f"open {hours.replace('-', '–')}") + note


def _reason(stretches: pd.DataFrame) -> str:
    """Return why a camera did not watch: the one reason and when, or the longest reasons and for how long each."""
    if stretches.empty:
        return NOT_TOLD
    if len(stretches) == 1:
        row = stretches.iloc[0]
        return f"{row['reason']}, {row['from_text']}–{row['to_text']}"
    hours = (stretches["to_h"] - stretches["from_h"]).groupby(stretches["reason"]).sum()
    longest = hours.sort_values(ascending=False)[:MOST_REASONS]
    return ", ".join(f"{reason} for {duration(3600 * float(length))}" for reason, length in longest.items())
