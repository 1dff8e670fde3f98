"""What `footfall process` and `footfall demo` say of what they counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.text import Text

from analytics.unique_days import rounded, whole_interval
from app.cli.output import console
from app.counted_rows import came_in
from footfall.local_time import local_day
from reid.types import RegisterPart

if TYPE_CHECKING:
    from app.recordings import CountedRecording


def print_unique(parts: Sequence[RegisterPart]) -> None:
    """Print of each day how many came in, and how many people that were, as far as it can be told."""
    for part in sorted(parts, key=lambda part: (part.site, part.day)):
        if part.low is None or part.high is None:
            told = "how many people that were cannot be told: too few could be compared, or not surely enough"
        else:
            low, high = whole_interval(part.low, part.high)
            told = f"{rounded(part.unique)} unique ({low} to {high})"
        staff = f", {part.staff} arrivals of staff" if part.staff else ""
        console.print(f"{part.day} {part.site}: {part.arrivals} came in, {told}{staff}")


def _print_taken(recording: CountedRecording, zone: ZoneInfo) -> None:
    """Say what was taken and what was not, and that a file breaks off."""
    if not recording.stretches:
        console.print("  nothing taken: all of its time was counted before")
    elif recording.visits_left_out or recording.minutes_left_out:
        for one in recording.stretches:
            console.print(f"  took {one.start.astimezone(zone):%H:%M:%S} to {one.end.astimezone(zone):%H:%M:%S}")
        minutes, visits = recording.minutes_left_out, recording.visits_left_out
        console.print(f"  left out as counted before: minutes {minutes}, visits {visits}")
    if recording.is_cut:
        console.print(
            "  the file breaks off: it was copied too early or its recorder stopped; the whole file, processed later, "
            "takes its place",
            style="yellow",
        )


def _print_age(recording: CountedRecording, zone: ZoneInfo, visits_days: int) -> None:
    """Say of a recording that retention will take next that it can be corrected until then only."""
    age = local_day(datetime.now(UTC), zone) - local_day(recording.started_at, zone)
    if recording.stretches and age.days > visits_days:
        console.print(
            f"  older than retention.visits_days ({visits_days}): the next `footfall jobs` deletes its single visits; "
            "totals stay, but it can be neither processed again nor removed then",
            style="yellow",
        )


def print_recordings(
    recordings: Sequence[CountedRecording], zone: ZoneInfo, visits_days: int, *, has_line: bool
) -> None:
    """Print what each recording gave, in the site's time; without a counting line nobody knows directions."""
    for recording in recordings:
        ways = Counter(visit.direction.value for visit in recording.visits)
        begin, end = recording.started_at.astimezone(zone), recording.ended_at.astimezone(zone)
        console.print(Text(f"{recording.video.name}  {begin:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S %Z}", style="bold"))
        told = (
            f"of {len(recording.visits)} visits {ways['in']} in, {ways['out']} out, {ways['none']} not seen which way"
        )
        told = told if has_line else "no counting line, so people going out are in the number"
        console.print(f"  {came_in(recording, zone)} came in; {told}", end="")
        console.print("; replaces an earlier run of the same footage" if recording.replaced else "")
        _print_taken(recording, zone)
        _print_age(recording, zone, visits_days)
        speed = recording.frames / max(recording.elapsed_s, 1e-6)
        damaged = f", {recording.frames_damaged} damaged" if recording.frames_damaged else ""
        console.print(f"  {recording.frames} frames{damaged}, {speed:.0f} frames/s", style="dim")


def days_of(recordings: Sequence[CountedRecording], zone: ZoneInfo) -> list[date]:
    """Return the local days on which recordings began, in order."""
    return sorted({recording.started_at.astimezone(zone).date() for recording in recordings})
