"""The process of one worker: `python -m ingest.live.child CAMERA`, started and told its task by the supervisor.

Its task comes in one line on standard input, its heartbeats go to standard output, its logs to standard error. When
standard input ends, the supervisor is gone, and the worker ends as it does on SIGTERM: open visits written.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import structlog

from footfall.config import Config
from footfall.errors import FootfallError
from footfall.logs import log_as_set
from footfall.types import OutageReason
from ingest.live import checkpoint
from ingest.live.assignment import Assignment, WorkerSetup
from ingest.live.checkpoint import read_checkpoint, write_checkpoint
from ingest.live.exclusive import held_alone
from ingest.live.handover import Handover
from ingest.live.heartbeat import Heartbeat, WorkerState
from ingest.live.outages import OutageLog, Trouble
from ingest.live.reader import LiveReader
from ingest.live.worker import LiveWorker, WorkerParts
from ingest.spooling.spool import SUFFIX, Spool
from ingest.spooling.writer import SpoolWriter

EXIT_BROKEN = 1
EXIT_USER_ERROR = 2
KILLED = Trouble(OutageReason.NOT_RUNNING, "the program or the computer stopped without warning")
STOPPED = Trouble(OutageReason.NOT_RUNNING, "the program was stopped")


def main() -> None:
    """Run the worker until it is told to stop, and leave without waiting for threads that hang in a library."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())
    for ignored in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to every process; the supervisor decides
        signal.signal(ignored, signal.SIG_IGN)
    os.set_blocking(sys.stdout.fileno(), False)
    assignment, trouble = Assignment.from_line(sys.stdin.buffer.readline())
    threading.Thread(target=_watch_supervisor, args=(stopping,), name="supervisor-watch", daemon=True).start()
    try:
        code = _work(assignment, trouble, stopping)
    except FootfallError as error:
        structlog.get_logger("footfall.worker").error("worker cannot work", camera=assignment.camera_id, why=str(error))
        send(Heartbeat(assignment.camera_id, WorkerState.STOPPING, reason=str(error)))
        code = EXIT_USER_ERROR
    except Exception as error:  # the log masks credentials, which the interpreter's own last words do not
        structlog.get_logger("footfall.worker").exception("worker broke", camera=assignment.camera_id)
        send(Heartbeat(assignment.camera_id, WorkerState.STOPPING, reason=f"{type(error).__name__}, see the log"))
        code = EXIT_BROKEN
    sys.stderr.flush()
    os._exit(code)


def send(heartbeat: Heartbeat) -> None:
    """Write a heartbeat to the supervisor; one that does not read now misses it, one that is gone is noticed anyway."""
    try:
        os.write(sys.stdout.fileno(), heartbeat.to_line())
    except OSError:  # full or broken pipe
        return


def _work(assignment: Assignment, trouble: Trouble | None, stopping: threading.Event) -> int:
    config, camera_id = assignment.config(), assignment.camera_id
    log_as_set(config)
    log = structlog.get_logger("footfall.worker").bind(camera=camera_id)
    send(Heartbeat(camera_id))
    # A worker whose supervisor was killed may still be saying goodbye; two on one camera would count twice.
    with held_alone(config.service.spool_directory / f"{camera_id}.worker.lock", f"camera {camera_id}", wait_s=10.0):
        setup = assignment.load()(config, camera_id)
        LiveWorker(_parts(config, camera_id, setup, trouble)).run(stopping.is_set)
    log.info("worker stopped")
    return 0


def _parts(config: Config, camera_id: str, setup: WorkerSetup, trouble: Trouble | None) -> WorkerParts:
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
        beat=send,
        save=lambda state: write_checkpoint(state_path, state),
    )


def _watch_supervisor(stopping: threading.Event) -> None:
    """Stop when standard input ends: its other end was closed, if need be by the kernel."""
    while sys.stdin.buffer.read(1024):
        pass
    stopping.set()


if __name__ == "__main__":
    main()
