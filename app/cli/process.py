"""`footfall process`: recordings in, visits in the database, as fast as they decode."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from app.cli.moments import parse_moment
from app.cli.output import (
    ConfigOption,
    JsonOption,
    config_path,
    console,
    frame_progress,
    print_error,
    print_json,
    settings,
)
from footfall.config import Config
from footfall.errors import ConfigError, FootfallError
from footfall.local_time import local_day

if TYPE_CHECKING:
    from app.recordings import CountedRecording, RecordingCounter


def process(
    videos: Annotated[list[Path], typer.Argument(metavar="VIDEO...", help="Video files, or folders of pictures.")],
    camera: Annotated[str, typer.Option("--camera", help="The camera that took them, as in the settings.")],
    started_at: Annotated[
        str,
        typer.Option(
            "--started-at",
            help="When the first frame was taken, like 2026-03-28T09:00 (the mall's time) or with an offset. "
            "Default: the creation time inside the file, if it holds a credible one. Several files follow one another.",
        ),
    ] = "",
    fill_gaps: Annotated[
        bool,
        typer.Option(
            "--fill-gaps", help="Take only the time that nobody counted, as after an outage of the live camera."
        ),
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the visits of recordings. A file that was processed before is replaced; no minute is counted twice."""
    from app.compose import load_networks, open_store
    from app.recordings import RecordingCounter
    from footfall.logs import log_as_set

    chosen = settings_for(config, camera)
    log_as_set(chosen)
    networks = load_networks(chosen, chosen.camera(camera))
    store = open_store(chosen, whole=config_path(config) is not None)
    chosen = store.completed(chosen)
    begin = parse_moment(started_at, chosen.sites[chosen.site_of(camera)].zone, "--started-at") if started_at else None
    counter = RecordingCounter(chosen, camera, networks, store)
    counted, failures = _count_all(counter, videos, begin, fill_gaps=fill_gaps, quiet=as_json)
    if as_json:
        print_json([_as_dict(recording) for recording in counted])
    else:
        _print_recordings(counted, chosen, camera)
    for failure in failures:
        print_error(failure)
    if failures:
        raise typer.Exit(2)


def settings_for(path: Path | None, camera_id: str) -> Config:
    """Return the settings with `camera_id` in them; without any settings file every name is a camera with defaults.

    Raises:
        ConfigError: there is a settings file and it has no such camera.
    """
    chosen = settings(path)
    if config_path(path) is None and camera_id not in chosen.cameras:
        # Only what was said: defaults of sites would change those of the database. Nobody expects this camera to watch.
        values = chosen.model_dump(exclude_unset=True)
        values["cameras"] = {**values.get("cameras", {}), camera_id: {"source": "recordings", "enabled": False}}
        try:
            chosen = Config.model_validate(values)
        except ValueError:
            raise ConfigError(f"{camera_id!r}: a camera's name is made of a-z, 0-9, '-' and '_'") from None
    chosen.camera(camera_id)
    return chosen


def _count_all(
    counter: RecordingCounter, videos: list[Path], begin: datetime | None, *, fill_gaps: bool, quiet: bool
) -> tuple[list[CountedRecording], list[str]]:
    """Count one file after the other; a file that fails is reported at the end and does not stop the others."""
    counted: list[CountedRecording] = []
    failures: list[str] = []
    for video in videos:
        try:
            with frame_progress(video.name, quiet=quiet) as progress:
                counted.append(counter.count(video, begin, progress, fill_gaps=fill_gaps))
        except FootfallError as error:
            failures.append(str(error))
            if begin is not None and video is not videos[-1]:
                failures.append(f"stopped after {video}: when the following files begin is not known without it")
                break
        else:
            begin = counted[-1].ended_at if begin is not None else None
    return counted, failures


def _as_dict(recording: CountedRecording) -> dict[str, Any]:
    row = {name: getattr(recording, name) for name in ("video", "started_at", "ended_at", "frames", "frames_damaged")}
    directions = Counter(visit.direction.value for visit in recording.visits)
    row |= {"visits": len(recording.visits), "in": directions["in"], "out": directions["out"]}
    row |= {"visits_left_out": recording.visits_left_out, "minutes_left_out": recording.minutes_left_out}
    row |= {"taken": [{"from": one.start, "to": one.end} for one in recording.stretches], "cut": recording.is_cut}
    row |= {"replaced": recording.replaced, "elapsed_s": round(recording.elapsed_s, 3)}
    return row | {"stages": asdict(recording.times)}


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


def _print_recordings(recordings: list[CountedRecording], config: Config, camera: str) -> None:
    zone = config.sites[config.site_of(camera)].zone
    for recording in recordings:
        ways = Counter(visit.direction.value for visit in recording.visits)
        begin, end = recording.started_at.astimezone(zone), recording.ended_at.astimezone(zone)
        console.print(Text(f"{recording.video.name}  {begin:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S %Z}", style="bold"))
        console.print(f"  {len(recording.visits)} visits, {ways['in']} in, {ways['out']} out", end="")
        console.print("; replaces an earlier run of the same footage" if recording.replaced else "")
        _print_taken(recording, zone)
        _print_age(recording, zone, config.retention.visits_days)
        speed = recording.frames / max(recording.elapsed_s, 1e-6)
        damaged = f", {recording.frames_damaged} damaged" if recording.frames_damaged else ""
        console.print(f"  {recording.frames} frames{damaged}, {speed:.0f} frames/s", style="dim")
    for day in sorted({recording.started_at.astimezone(zone).date() for recording in recordings}):
        console.print(f"footfall report --day {day} writes the day's CSV")
