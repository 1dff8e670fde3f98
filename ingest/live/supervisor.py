"""One process a camera: started, listened to, restarted when it dies or hangs, and ended cleanly."""

from __future__ import annotations

import random
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from footfall.types import OutageReason
from ingest.live.assignment import Assignment
from ingest.live.backoff import doubled_pause_s
from ingest.live.heartbeat import Heartbeat, WorkerState
from ingest.live.news import news
from ingest.live.outages import Trouble
from ingest.live.process import Alone, Starter, WorkerProcess
from reid.types import Sighting

TELLING = (WorkerState.LIVE, WorkerState.BLIND)
CHANGED = Trouble(OutageReason.SETTINGS, "the settings of this camera were changed")


@dataclass(frozen=True, slots=True)
class RestartOptions:
    """When a worker is believed dead, and how soon another one follows (seconds).

    Failures are counted within a window, so that a camera that fails once a day restarts at once, and one that fails
    all the time does not keep the computer busy. Nobody gives up: the longest pause is the worst that happens.
    """

    hang_after_s: float = 20.0
    start_within_s: float = 120.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0
    window_s: float = 600.0
    jitter: float = 0.25


@dataclass(slots=True)
class CameraWorker:
    """What the supervisor knows about one camera; `last_told` is the heartbeat whose news is in the log.

    `before` is what the next process is told of why nobody watched. Without an end there was no process yet.
    """

    assignment: Assignment
    before: Trouble | None = None
    process: WorkerProcess | None = None
    heartbeat: Heartbeat | None = None
    last_told: Heartbeat | None = None
    beaten_at: float = 0.0
    restart_at: float = 0.0
    restarts: int = 0
    last_end: str = ""
    failures: deque[float] = field(default_factory=deque)


def restart_pause_s(failures: int, options: RestartOptions, chance: float) -> float:
    """Return how long to wait after the `failures`-th failure within the window; `chance` in [0, 1) spreads it."""
    spread = 1.0 + options.jitter * (2.0 * chance - 1.0)
    return doubled_pause_s(failures, options.first_pause_s, options.longest_pause_s) * spread


class Supervisor:
    """Keeps one worker process alive for every assignment; call `poll` several times a second."""

    def __init__(
        self,
        options: RestartOptions = RestartOptions(),
        starter: Starter | None = None,
        clock: Callable[[], float] = time.monotonic,
        hear: Callable[[Sighting], object] = lambda sighting: None,
    ) -> None:
        """`hear` is given every visit that a worker tells of."""
        self._options = options
        self._starter = starter or Alone()
        self._clock = clock
        self._hear = hear
        self._log = structlog.get_logger("footfall.supervisor")
        self.workers: dict[str, CameraWorker] = {}

    def apply(self, assignments: Iterable[Assignment]) -> set[str]:
        """Work on exactly `assignments` from now on; return the cameras that were touched.

        Workers whose assignment did not change go on undisturbed.
        """
        wanted = {item.camera_id: item for item in assignments}
        touched = {name for name, worker in self.workers.items() if wanted.get(name) != worker.assignment}
        self._end([worker for name, worker in self.workers.items() if name in touched])
        for name in touched:
            del self.workers[name]
        added = [item for name, item in wanted.items() if name not in self.workers]
        for item in added:
            self.workers[item.camera_id] = CameraWorker(item, CHANGED if item.camera_id in touched else None)
            if self._starter.is_ready():
                self._launch(self.workers[item.camera_id])
        return touched | {item.camera_id for item in added}

    def poll(self) -> None:
        """Hear what the workers say, and end or restart those that need it."""
        now = self._clock()
        for worker in self.workers.values():
            if worker.process is None:
                if now >= worker.restart_at and self._starter.is_ready():
                    self._launch(worker)
                continue
            self._listen(worker)
            if (code := worker.process.exit_code()) is not None:
                self._ended(worker, _why_ended(code, worker.heartbeat), now)
            elif self._hangs(worker, now):
                worker.process.kill()
                self._ended(worker, "the worker hung and was ended", now)

    def stop(self, within_s: float = 4.0) -> None:
        """End all workers: SIGTERM, and SIGKILL for those that still live after `within_s`."""
        self._starter.close()
        self._end(list(self.workers.values()), within_s)

    def _end(self, workers: list[CameraWorker], within_s: float = 4.0) -> None:
        running = [worker for worker in workers if worker.process is not None]
        for worker in running:
            if worker.process is not None:
                worker.process.signal(signal.SIGTERM)
        give_up = time.monotonic() + within_s
        for worker in running:
            if worker.process is not None:
                while not worker.process.wait(0.02) and time.monotonic() < give_up:
                    self._listen(worker)
                if worker.process.exit_code() is None:
                    self._log.error("worker did not end in time and was killed", camera=worker.assignment.camera_id)
                    worker.process.kill()
            self._let_go(worker)

    def _listen(self, worker: CameraWorker) -> None:
        """Take what the worker said since the last time."""
        for told in worker.process.messages() if worker.process is not None else ():
            if isinstance(told, Heartbeat):
                self._tell_news(worker, told)
                worker.heartbeat, worker.beaten_at = told, self._clock()
            else:
                self._hear(told)

    def _tell_news(self, worker: CameraWorker, now: Heartbeat) -> None:
        """Log what the heartbeat says anew; a worker that follows another begins from what that one said."""
        if now.state not in TELLING:
            return
        for item in news(worker.last_told, now):
            (self._log.warning if item.is_bad else self._log.info)(item.event, camera=worker.assignment.camera_id)
        worker.last_told = now

    def _let_go(self, worker: CameraWorker) -> None:
        """Hear the last words of a process that ended, and forget it."""
        self._listen(worker)
        if worker.process is not None:
            worker.process.close()
            worker.process = None

    def _launch(self, worker: CameraWorker) -> None:
        worker.beaten_at = self._clock()
        worker.heartbeat = None
        worker.restarts += bool(worker.last_end)
        try:
            worker.process = WorkerProcess(worker.assignment, worker.before, self._starter)
        except OSError as error:  # no memory or no processes left; it may pass
            self._ended(worker, f"the worker cannot be started: {error}", self._clock())

    def _hangs(self, worker: CameraWorker, now: float) -> bool:
        silent_s = now - worker.beaten_at
        started = worker.heartbeat is not None and worker.heartbeat.state != "starting"
        return silent_s > (self._options.hang_after_s if started else self._options.start_within_s)

    def _ended(self, worker: CameraWorker, why: str, now: float) -> None:
        self._let_go(worker)
        worker.failures.append(now)
        while now - worker.failures[0] > self._options.window_s:
            worker.failures.popleft()
        pause_s = restart_pause_s(len(worker.failures), self._options, random.random())
        worker.restart_at = now + pause_s
        worker.last_end = why
        worker.before = Trouble(OutageReason.RESTARTED, why)
        self._log.error("worker ended", camera=worker.assignment.camera_id, why=why, restart_in_s=round(pause_s, 1))


def _why_ended(code: int, last: Heartbeat | None) -> str:
    if code < 0:
        return f"the worker was killed ({signal.Signals(-code).name})"
    if last is not None and last.reason:
        return f"the worker ended: {last.reason}"
    return f"the worker ended with exit code {code}"
