"""`footfall process`: recordings in, visits in the database, as fast as they decode; on this box or on many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from app.cli.moments import require_likely
from app.cli.output import ConfigOption, JsonOption, config_path, print_error, settings
from app.extras import require_extra
from app.orders import Asked, in_a_row, orders_of, read_manifest
from footfall.config import Config
from footfall.errors import ConfigError
from ingest.secrecy import forbid_dumps


def process(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE...", help="Video files, folders of pictures, or addresses like s3://bucket/monday.mp4."
        ),
    ] = None,
    camera: Annotated[
        list[str] | None,
        typer.Option(
            "--camera",
            help="The camera that took them, as in the settings; or one for each file, in their order. "
            "Visits of one call are compared with each other, when the settings compare visits.",
        ),
    ] = None,
    started_at: Annotated[
        str,
        typer.Option(
            "--started-at",
            help="When the first frame was taken, like 2026-03-28T09:00 (the mall's time) or with an offset. "
            "Default: the creation time inside the file, if it holds a credible one. Several files follow one another.",
        ),
    ] = "",
    manifest: Annotated[
        Path | None,
        typer.Option(
            "--manifest", help="A CSV with the columns file, camera, started_at: many cameras and days in one call."
        ),
    ] = None,
    fill_gaps: Annotated[
        bool,
        typer.Option(
            "--fill-gaps", help="Take only the time that nobody counted, as after an outage of the live camera."
        ),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave out what is stored already, counted by the same networks.")
    ] = False,
    on: Annotated[
        str,
        typer.Option("--on", help="Count on a Ray cluster, ray://HEAD:10001, or on all cores of this machine, local."),
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Take beginnings as they are, also when they are nearly a year ago or more.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the visits of recordings. A file that was processed before is replaced; no minute is counted twice."""
    from footfall.logs import log_as_set

    asked = _asked(files or [], camera or [], started_at, manifest)
    names = list(dict.fromkeys(one.camera for one in asked))
    chosen = settings_for(config, *names)
    log_as_set(chosen)
    if on:
        require_extra("ray", "ray", "fsspec")
        from app.cluster.place import require_place

        require_place(on, chosen)
    if chosen.reid.mode != "off":
        forbid_dumps()
    _ask_about(asked, {name: chosen.sites[chosen.site_of(name)].zone for name in names}, yes=yes)
    # What is mistaken in the call was said by now, before networks and libraries are loaded.
    from app.calibrations import keep_calibration_of
    from app.compose import check_networks
    from app.opening import open_engine
    from app.order_counting import How, LoadedNetworks
    from db.store import Store

    check_networks(chosen)
    networks = LoadedNetworks(chosen)
    engine = open_engine(chosen, whole=config_path(config) is not None)
    loaded = networks.of(names[0])
    keep_calibration_of(engine, loaded.attributes)
    store = Store(engine)
    chosen = store.completed(chosen)
    zones = {name: chosen.sites[chosen.site_of(name)].zone for name in names}
    orders = orders_of(asked, zones, follow=manifest is None)
    how = How(fill_gaps, loaded.version if resume else "")
    if on:
        from app.cli.process_on import count_on

        engine.dispose()
        failures = count_on(on, chosen, orders, how, loaded.version, as_json=as_json)
    else:
        from app.cli.process_here import count_here

        failures = count_here(chosen, store, networks, orders, how, as_json=as_json)
    for failure in failures:
        print_error(failure)
    if failures:
        raise typer.Exit(2)


def _asked(files: list[str], cameras: list[str], started_at: str, manifest: Path | None) -> list[Asked]:
    """Return what is to be counted, from the command line or from a manifest.

    Raises:
        ConfigError: neither or both say it, several cameras are not one for each file, or the manifest is wrong.
    """
    if manifest is not None:
        if files or cameras or started_at:
            raise ConfigError("--manifest says files, cameras and beginnings; leave FILE, --camera, --started-at out")
        return read_manifest(manifest)
    if not files:
        raise ConfigError("no recording is named: give files, or a list of them with --manifest")
    if not cameras:
        raise ConfigError("--camera: name the camera that took the recordings, as in the settings")
    if len(cameras) not in (1, len(files)):
        raise ConfigError(f"--camera: {len(cameras)} names for {len(files)} videos; give one, or one for each")
    return in_a_row(files, cameras * len(files) if len(cameras) == 1 else cameras, started_at)


def _ask_about(asked: Sequence[Asked], zones: Mapping[str, ZoneInfo], *, yes: bool) -> None:
    """Ask about the earliest and the latest beginning if it looks like a slip, before anything is opened.

    Raises:
        ConfigError: one is no moment, or in the future, or nobody said that it is meant.
    """
    moments = [(moment, one) for one in asked if (moment := one.moment(zones[one.camera])) is not None]
    now = datetime.now(UTC)
    for pick, meant in ((max, True), (min, yes)):  # the latest must not lie in the future, the earliest be meant
        if moments:
            moment, one = pick(moments, key=lambda pair: pair[0])
            require_likely(moment, now, zones[one.camera], one.where, yes=meant)


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
