"""`footfall run`: workers for all cameras, records carried to the database, health served, until it is told to end."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import structlog

from app.camera_kinds import file_cameras, is_live
from app.compose import check_networks
from app.file_cameras import count_file_cameras, counting_beside, settings_for
from app.live_registers import LiveRegisters
from app.notify import notify_systemd
from app.registers import require_comparable, utc_now
from app.registers_aside import RegistersAside
from app.store_sink import StoreSink
from app.worker_setup import SET_UP
from db.writing.boxes import box_name
from footfall.config import Config
from footfall.errors import ConfigError, ModelError, SourceError
from footfall.logs import log_as_set
from footfall.ports import why_not
from ingest.health.server import HealthServer
from ingest.health.state import Health, take_health
from ingest.live.assignment import Assignment
from ingest.live.exclusive import RUN_LOCK, held_alone
from ingest.live.forking import worker_starter
from ingest.live.supervisor import RestartOptions, Supervisor
from ingest.secrecy import forbid_dumps
from ingest.spooling.forward import Forwarder, ForwardOptions
from ingest.spooling.spool import SUFFIX, Spool
from ingest.spooling.writer import SpoolWriter

POLL_S = 0.1
PUBLISH_EVERY_S = 0.5
WRITE_REGISTERS_EVERY_S = 10.0
REGISTERS = "_registers"  # no camera can have this name
# SIGTERM must end the program in under 5 s: workers first, then what they wrote goes to the database if it is quick.
WORKERS_END_WITHIN_S = 3.3
REGISTERS_END_BY_S = 4.0
LAST_FORWARD_WITHIN_S = 0.8
USUAL_RESTARTS = RestartOptions()
USUAL_FORWARDING = ForwardOptions()


class Service:
    """The running program; `run` works until `stop` is called, also from a signal handler.

    Without `whole`, `config` is a part of this machine's settings, as for `footfall run --camera`.
    """

    def __init__(
        self,
        config: Config,
        read_settings: Callable[[], Config],
        *,
        set_up: str = SET_UP,
        restarts: RestartOptions = USUAL_RESTARTS,
        forwarding: ForwardOptions = USUAL_FORWARDING,
        whole: bool = True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`clock` says when a day is over; the times of visits are those of their frames.

        Raises:
            ModelError: visits shall be compared, and what tells pairs of them apart is missing.
        """
        self._config = config
        self._read_settings = read_settings
        self._set_up = set_up
        self._log = structlog.get_logger("footfall.service")
        spool = Spool(config.service.spool_directory / f"{REGISTERS}{SUFFIX}", notice=self._log.warning)
        write, origin = SpoolWriter(spool).write, f"box {box_name(config)}"
        self._registers = RegistersAside(
            lambda in_haste: LiveRegisters(config, origin, write, clock, in_haste), WRITE_REGISTERS_EVERY_S
        )
        self._supervisor = Supervisor(restarts, worker_starter(set_up), hear=self._registers.see)
        self._sink = StoreSink(config, whole=whole)
        self._forwarder = Forwarder(config.service.spool_directory, self._sink, forwarding, self._sink.say_alive)
        self._stopping = threading.Event()
        self._reloading = threading.Event()
        self._health = take_health({}, self._forwarder.state)

    def stop(self) -> None:
        """End soon and cleanly."""
        self._stopping.set()

    def reload(self) -> None:
        """Read the settings again soon, and touch the cameras whose settings changed."""
        self._reloading.set()

    def health(self) -> Health:
        """Return the newest published health."""
        return self._health

    def run(self) -> None:
        """Watch the cameras until `stop`.

        Raises:
            ConfigError: another run uses the same spool folder.
        """
        spools = self._config.service.spool_directory
        if self._config.reid.mode != "off":
            forbid_dumps()
        with held_alone(spools / RUN_LOCK, f"the spool folder {spools}", wait_s=2.0):
            last_round = threading.Event()  # set after the workers wrote their last visits
            forwarding = threading.Thread(target=self._forwarder.run, args=(last_round,), daemon=True)
            forwarding.start()
            self._registers.start()
            self._supervisor.apply(live_assignments(self._config, self._set_up))
            self._publish()
            server = self._serve_health()
            notify_systemd("READY=1")
            try:
                self._watch()
            finally:
                notify_systemd("STOPPING=1")
                give_up = time.monotonic() + REGISTERS_END_BY_S
                self._registers.hurry()
                self._supervisor.stop(WORKERS_END_WITHIN_S)
                self._registers.close(give_up - time.monotonic())
                last_round.set()
                forwarding.join(LAST_FORWARD_WITHIN_S)
                if not forwarding.is_alive():  # else it waits for a database that is away, and ends with the program
                    self._sink.close()
                if server is not None:
                    server.close()
                self._log.info("stopped")

    def _watch(self) -> None:
        publish_at = 0.0
        while not self._stopping.wait(POLL_S):
            if self._reloading.is_set():
                self._reloading.clear()
                self._read_settings_again()
            self._supervisor.poll()
            if time.monotonic() >= publish_at:
                publish_at = time.monotonic() + PUBLISH_EVERY_S
                self._publish()
                notify_systemd("WATCHDOG=1")

    def _publish(self) -> None:
        registers = self._registers
        self._health = replace(
            take_health(self._supervisor.workers, self._forwarder.state),
            templates_held=registers.held,
            visits_compared=registers.seen,
            visits_late=registers.late,
            sharing=registers.sharing,
        )

    def _read_settings_again(self) -> None:
        try:
            config = self._read_settings()
            require_comparable(config)
            if _models(config) != _models(self._config):
                check_networks(config)
        except (ConfigError, ModelError) as error:
            self._log.error("settings not taken over, the old ones stay", reason=str(error))
            return
        if self._config.service != config.service:
            self._log.warning("changes to [service] need a restart")
            config = config.model_copy(update={"service": self._config.service})
        self._config = config
        self._sink.use(config)
        if config.reid.mode != "off":
            forbid_dumps()
        touched = self._supervisor.apply(live_assignments(config, self._set_up))
        self._registers.use(config)  # after the last words of workers that ended
        self._log.info("settings taken over", cameras_touched=sorted(touched))

    def _serve_health(self) -> HealthServer | None:
        host, port = self._config.service.http_host, self._config.service.http_port
        if port == 0:
            return None
        try:
            return HealthServer(host, port, self.health)
        except OSError as error:  # counting matters more than being asked about it
            self._log.error("health is not served", reason=why_not(error, host, port, "service", "http_"))
            return None


def _models(config: Config) -> tuple[str, ...]:
    return config.detector.model, config.attributes.model, config.reid.mode, config.reid.model


def live_assignments(config: Config, set_up: str = SET_UP) -> list[Assignment]:
    """Return the tasks of the enabled live cameras of `config`."""
    return [
        Assignment.of(config, camera_id, set_up)
        for camera_id, camera in config.cameras.items()
        if camera.enabled and is_live(camera)
    ]


def run_service(path: Path | None, only: str = "") -> None:
    """Run with the settings in `path` until SIGTERM or SIGINT; SIGHUP reads them again.

    Cameras that are files or folders are counted once, beside the live ones; without a live camera the run ends when
    they are counted. `only` names the one camera to run; empty for all.

    Raises:
        ConfigError: a mistake in the settings, no camera in them, or another run with the same spool.
        ModelError: a network is missing, or this computer computes it otherwise than its reference.
        SourceError: without a live camera, a file could not be counted.
    """
    config = settings_for(path, only)
    log_as_set(config)
    require_comparable(config)
    if not live_assignments(config):
        if not file_cameras(config):
            raise ConfigError("no camera is enabled; put one into the settings, `footfall init` shows how")
        if problems := count_file_cameras(config, whole=not only):
            raise SourceError("; ".join(problems))
        return

    check_networks(config)  # here and not in each worker: its ModelError ends the program, and its time is spent once

    def read_again() -> Config:
        found = settings_for(path, only)
        log_as_set(found.model_copy(update={"service": config.service}))  # a new camera has a new password
        return found

    service = Service(config, read_again, whole=not only)
    with counting_beside(path, only) if file_cameras(config) else nullcontext():
        run_until_told(service)
    leave_at_once()


def run_until_told(service: Service) -> None:
    """Run `service` until a signal ends it."""
    with signals_to(service):
        service.run()


def leave_at_once() -> NoReturn:
    """End the process: the interpreter's own farewell, with all libraries loaded, takes seconds on a busy computer."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@contextmanager
def signals_to(service: Service) -> Iterator[None]:
    """Let SIGTERM, SIGINT and SIGHUP reach `service` while the block runs."""
    actions = {signal.SIGTERM: service.stop, signal.SIGINT: service.stop, signal.SIGHUP: service.reload}
    before = {number: signal.signal(number, lambda *_, act=action: act()) for number, action in actions.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
