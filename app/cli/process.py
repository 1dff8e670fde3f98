"""`footfall process`: recordings in, visits in the database, as fast as they decode."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from app.cli.counted import as_dict, days_of, print_recordings, print_unique
from app.cli.moments import parse_moment, require_likely
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
from ingest.secrecy import forbid_dumps
from reid.types import RegisterPart

if TYPE_CHECKING:
    from app.recordings import CountedRecording, RecordingCounter


def process(
    videos: Annotated[list[Path], typer.Argument(metavar="VIDEO...", help="Video files, or folders of pictures.")],
    camera: Annotated[
        list[str],
        typer.Option(
            "--camera",
            help="The camera that took them, as in the settings; or one for each video, in their order. "
            "Visits of one call are compared with each other, when the settings compare visits.",
        ),
    ],
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
    yes: Annotated[
        bool, typer.Option("--yes", help="Take --started-at as it is, also when it is nearly a year ago or more.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the visits of recordings. A file that was processed before is replaced; no minute is counted twice."""
    from app.calibrations import keep_calibration_of
    from app.compose import check_networks, load_networks, open_engine
    from app.recordings import RecordingCounter
    from app.registers import RECORDINGS, Registers, store_recorded, utc_now
    from db.store import Store
    from footfall.logs import log_as_set

    cameras = _camera_of_each(videos, camera)
    names = list(dict.fromkeys(cameras))
    chosen = settings_for(config, *names)
    log_as_set(chosen)
    if chosen.reid.mode != "off":
        forbid_dumps()
    _ask_about(started_at, [chosen.sites[chosen.site_of(name)].zone for name in names], yes=yes)
    check_networks(chosen)
    networks = {name: load_networks(chosen, chosen.camera(name), checked=True) for name in names}
    engine = open_engine(chosen, whole=config_path(config) is not None)
    for loaded in networks.values():
        keep_calibration_of(engine, loaded.attributes)
    store = Store(engine)
    chosen = store.completed(chosen)
    zones = {name: chosen.sites[chosen.site_of(name)].zone for name in names}
    begins = {name: parse_moment(started_at, zones[name], "--started-at") if started_at else None for name in names}
    registers = Registers(chosen, RECORDINGS)
    counters = {name: RecordingCounter(chosen, name, networks[name], store, registers) for name in names}
    call = _Call(counters, fill_gaps=fill_gaps, quiet=as_json)
    call.count_all(list(zip(videos, cameras, strict=True)), begins)
    parts = store_recorded(registers, store, utc_now())
    if as_json:
        here = {name: [part for part in parts if part.site == chosen.site_of(name)] for name in names}
        print_json([as_dict(one, here[name], zones[name]) for one, name in call.counted])
    else:
        _print_all(call.counted, parts, chosen)
    for failure in call.failures:
        print_error(failure)
    if call.failures:
        raise typer.Exit(2)


def _ask_about(started_at: str, zones: Sequence[ZoneInfo], *, yes: bool) -> None:
    """Ask about a --started-at that looks like a slip, before anything is opened.

    Raises:
        ConfigError: it is no moment, in the future, or nobody said that it is meant.
    """
    if started_at:
        moment = parse_moment(started_at, zones[0], "--started-at")
        require_likely(moment, datetime.now(UTC), zones[0], yes=yes)


def _camera_of_each(videos: list[Path], cameras: list[str]) -> list[str]:
    """Return one name for each video.

    Raises:
        ConfigError: there are several names, and not one for each video.
    """
    if len(cameras) == 1:
        return cameras * len(videos)
    if len(cameras) != len(videos):
        raise ConfigError(f"--camera: {len(cameras)} names for {len(videos)} videos; give one, or one for each")
    return cameras


def settings_for(path: Path | None, *camera_ids: str) -> Config:
    """Return the settings with `camera_ids` in them; without any settings file every name is a camera with defaults.

    Raises:
        ConfigError: there is a settings file and it has no such camera.
    """
    chosen = settings(path)
    for camera_id in camera_ids:
        if config_path(path) is None and camera_id not in chosen.cameras:
            # Only what was said: defaults of sites would change those of the database. Nobody expects it to watch.
            values = chosen.model_dump(exclude_unset=True)
            values["cameras"] = {**values.get("cameras", {}), camera_id: {"source": "recordings", "enabled": False}}
            try:
                chosen = Config.model_validate(values)
            except ValueError:
                raise ConfigError(f"{camera_id!r}: a camera's name is made of a-z, 0-9, '-' and '_'") from None
        chosen.camera(camera_id)
    return chosen


class _Call:
    """Counts one file after the other; one that fails is reported at the end, and does not stop other cameras."""

    def __init__(self, counters: dict[str, RecordingCounter], *, fill_gaps: bool, quiet: bool) -> None:
        self._counters = counters
        self._fill_gaps = fill_gaps
        self._quiet = quiet
        self.counted: list[tuple[CountedRecording, str]] = []
        self.failures: list[str] = []

    def count_all(self, videos: list[tuple[Path, str]], begins: dict[str, datetime | None]) -> None:
        """Count `videos`, each of a camera, whose first one begins as `begins` says (None: as the file says)."""
        stopped: set[str] = set()
        for number, (video, camera) in enumerate(videos):
            if camera in stopped:
                continue
            begin = begins[camera]
            try:
                with frame_progress(video.name, quiet=self._quiet) as progress:
                    one = self._counters[camera].count(video, begin, progress, fill_gaps=self._fill_gaps)
            except FootfallError as error:
                self.failures.append(str(error))
                if begin is not None and camera in [name for _, name in videos[number + 1 :]]:
                    stopped.add(camera)
                    self.failures.append(
                        f"stopped after {video}: when the following files begin is not known without it"
                    )
            else:
                self.counted.append((one, camera))
                begins[camera] = one.ended_at if begin is not None else None


def _print_all(counted: list[tuple[CountedRecording, str]], parts: Sequence[RegisterPart], config: Config) -> None:
    days: set[date] = set()
    for name in dict.fromkeys(name for _, name in counted):
        zone, mine = config.sites[config.site_of(name)].zone, [one for one, camera in counted if camera == name]
        has_line = config.camera(name).line is not None
        print_recordings(mine, zone, config.retention.visits_days, has_line=has_line)
        days.update(days_of(mine, zone))
    print_unique(parts)
    for day in sorted(days):
        console.print(f"footfall report --day {day} writes the day's CSV")
