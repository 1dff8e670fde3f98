"""Cameras whose source is a file or a folder: counted once and whole, beside the live ones."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from app.camera_kinds import beginning_of, file_cameras
from app.compose import Networks, check_networks, load_networks
from app.opening import open_engine
from app.recordings import RecordingCounter
from app.registers import RECORDINGS, Registers, store_recorded, utc_now
from db.store import Store
from footfall.config import Config, load_config
from footfall.errors import FootfallError
from footfall.logs import log_as_set
from ingest.recording import identify_recording
from ingest.secrecy import forbid_dumps

END_WITHIN_S = 1.0


def count_file_cameras(config: Config, *, whole: bool = True) -> list[str]:
    """Count every file camera that these networks have not counted yet; return the problems, one line each.

    Without `whole`, `config` is a part of this machine's settings.

    Raises:
        ModelError: a model file is missing or damaged, or this computer computes it wrongly.
        StoreError: the database is away.
    """
    log = structlog.get_logger("footfall.files")
    if config.reid.mode != "off":
        forbid_dumps()
    check_networks(config)
    engine = open_engine(config, whole=whole)
    config = Store(engine).completed(config)  # a box may leave its site to the database: its time zone dates the file
    problems = []
    registers = Registers(config, RECORDINGS)
    try:
        for camera_id in file_cameras(config):
            networks = load_networks(config, config.camera(camera_id), checked=True)
            try:
                _count(config, camera_id, networks, Store(engine), registers)
            except FootfallError as error:
                log.error("not counted", camera=camera_id, reason=str(error))
                problems.append(str(error))
        store_recorded(registers, Store(engine), utc_now())
    finally:
        engine.dispose()
    return problems


@contextmanager
def counting_beside(path: Path | None, only: str) -> Iterator[None]:
    """Count the file cameras of the settings in a process of its own while the block runs.

    What is not finished at its end is not stored at all, and is counted at the next start.
    """
    process = multiprocessing.get_context("spawn").Process(target=_count_from_settings, args=(path, only), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(END_WITHIN_S)


def _count_from_settings(path: Path | None, only: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole terminal; the service ends this process
    config = settings_for(path, only)
    log_as_set(config)
    try:
        count_file_cameras(config, whole=not only)
    except FootfallError as error:
        structlog.get_logger("footfall.files").error("files not counted", reason=str(error))


def settings_for(path: Path | None, only: str) -> Config:
    """Return the settings of `path`, reduced to the camera `only` unless it is empty.

    Raises:
        ConfigError: a mistake in the settings, or no such camera.
    """
    config = load_config(path)
    return config.model_copy(update={"cameras": {only: config.camera(only)}}) if only else config


def _count(config: Config, camera_id: str, networks: Networks, store: Store, registers: Registers) -> None:
    log = structlog.get_logger("footfall.files")
    video = Path(config.camera(camera_id).source.removeprefix("file://")).expanduser()
    known = store.find_recording(camera_id, identify_recording(camera_id, video).sha256)
    begins = beginning_of(config, camera_id)
    is_dated_so = known is not None and begins in (None, known.started_at)
    if known is not None and is_dated_so and known.model_version == networks.version:
        log.info("counted before, nothing to do", camera=camera_id, file=video.name)
        return
    counter = RecordingCounter(config, camera_id, networks, store, registers)
    counted = counter.count(video, begins)
    log.info(
        "counted",
        camera=camera_id,
        file=video.name,
        visits=len(counted.visits),
        frames=counted.frames,
        began=counted.started_at.isoformat(timespec="seconds"),  # which day's report it is in
    )
