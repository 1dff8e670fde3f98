"""The process of one worker: `python -m ingest.live.child CAMERA`, or forked from one that has loaded this module.

Its task comes in one line on standard input, its heartbeats and what visits looked like go to standard output, its logs
to standard error. When standard input ends, the supervisor is gone, and the worker ends as it does on SIGTERM: open
visits written.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from footfall.config_sections import CameraConfig
from footfall.errors import FootfallError
from footfall.logs import log_as_set
from footfall.types import OutageReason, Visit
from ingest.live import checkpoint
from ingest.live.assignment import Assignment, WorkerSetup
from ingest.live.checkpoint import read_checkpoint, write_checkpoint
from ingest.live.exclusive import held_alone
from ingest.live.fork_server import FOR_THE_SUPERVISOR
from ingest.live.handover import Handover
from ingest.live.heartbeat import Heartbeat, WorkerState
from ingest.live.outages import OutageLog, Trouble
from ingest.live.pipe import Outbox
from ingest.live.reader import LiveReader
from ingest.live.worker import LiveWorker, WorkerParts, tell_nobody
from ingest.secrecy import forbid_dumps
from ingest.sightings import sighting_of
from ingest.signatures import overwrite
from ingest.spooling.spool import SUFFIX, Spool
from ingest.spooling.writer import SpoolWriter
from reid.types import Signature

EXIT_BROKEN = 1
EXIT_USER_ERROR = 2
LAST_WORDS_WITHIN_S = 0.5
KILLED = Trouble(OutageReason.NOT_RUNNING, "the program or the computer stopped without warning")
STOPPED = Trouble(OutageReason.NOT_RUNNING, "the program was stopped")


def main() -> None:
    """Run the worker until it is told to stop, and leave without waiting for threads that hang in a library."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())
    for ignored in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to every process; the supervisor decides
        signal.signal(ignored, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FOR_THE_SUPERVISOR)
    outbox = Outbox(sys.stdout.fileno())
    if not (task := sys.stdin.buffer.readline()):  # the supervisor is gone, or gave this worker up
        os._exit(0)
    assignment, trouble = Assignment.from_line(task)
    threading.Thread(target=_watch_supervisor, args=(stopping,), name="supervisor-watch", daemon=True).start()
    try:
        code = _work(assignment, trouble, stopping, outbox)
    except FootfallError as error:
        structlog.get_logger("footfall.worker").error("worker cannot work", camera=assignment.camera_id, why=str(error))
        outbox.beat(Heartbeat(assignment.camera_id, WorkerState.STOPPING, reason=str(error)))
        code = EXIT_USER_ERROR
    except Exception as error:  # the log masks credentials, which the interpreter's own last words do not
        structlog.get_logger("footfall.worker").exception("worker broke", camera=assignment.camera_id)
        reason = f"{type(error).__name__}, see the log"
        outbox.beat(Heartbeat(assignment.camera_id, WorkerState.STOPPING, reason=reason))
        code = EXIT_BROKEN
    outbox.close(LAST_WORDS_WITHIN_S)
    sys.stderr.flush()
    os._exit(code)


def _work(assignment: Assignment, trouble: Trouble | None, stopping: threading.Event, outbox: Outbox) -> int:
    config, camera_id = assignment.config(), assignment.camera_id
    log_as_set(config)
    log = structlog.get_logger("footfall.worker").bind(camera=camera_id)
    outbox.beat(Heartbeat(camera_id))
    if config.reid.mode != "off":
        forbid_dumps()
    # A worker whose supervisor was killed may still be saying goodbye; two on one camera would count twice.
    with held_alone(config.service.spool_directory / f"{camera_id}.worker.lock", f"camera {camera_id}", wait_s=10.0):
        setup = assignment.load()(config, camera_id)
        LiveWorker(_parts(assignment, setup, trouble, outbox)).run(stopping.is_set)
    log.info("worker stopped")
    return 0


def _parts(assignment: Assignment, setup: WorkerSetup, trouble: Trouble | None, outbox: Outbox) -> WorkerParts:
    config, camera_id = assignment.config(), assignment.camera_id
    folder: Path = config.service.spool_directory
    state_path = folder / f"{camera_id}{checkpoint.SUFFIX}"
    log = structlog.get_logger("footfall.worker").bind(camera=camera_id)
    left = read_checkpoint(state_path)
    outages = OutageLog(camera_id, left, trouble or (STOPPED if left.stopped_cleanly else KILLED))
    return WorkerParts(
        camera_id=camera_id,
        reader=LiveReader(setup.connect, outages),
        outages=outages,
        handover=Handover(left.open_visits, left.last_frame_at),
        new_pipeline=setup.new_pipeline,
        writer=SpoolWriter(Spool(folder / f"{camera_id}{SUFFIX}", notice=lambda text: log.warning(text))),
        beat=outbox.beat,
        save=lambda state: write_checkpoint(state_path, state),
        tell=tell_nobody if config.reid.mode == "off" else _teller(config.camera(camera_id), outbox),
    )


def _teller(camera: CameraConfig, outbox: Outbox) -> Callable[[Visit, Signature | None], None]:
    def tell(visit: Visit, signature: Signature | None) -> None:
        outbox.tell(sighting_of(visit, camera, signature))
        if signature is not None:
            overwrite(signature)

    return tell


def _watch_supervisor(stopping: threading.Event) -> None:
    """Stop when standard input ends: its other end was closed, if need be by the kernel."""
    while sys.stdin.buffer.read(1024):
        pass
    stopping.set()


if __name__ == "__main__":
    main()
