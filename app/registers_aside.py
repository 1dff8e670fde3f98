"""The registers of the running program, in a thread: comparing a busy day takes seconds, and counting goes on."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

import structlog

from app.live_registers import LiveRegisters
from footfall.config import Config
from reid.types import Sighting

Task = Callable[[], None]


class RegistersAside:
    """Does what `LiveRegisters` do, in order, and writes what changed every `every_s`; never waits but in `close`.

    `make` is given what tells that there is no time for comparing anew any more.
    """

    def __init__(self, make: Callable[[Callable[[], bool]], LiveRegisters], every_s: float) -> None:
        self._ending = threading.Event()
        self._registers = make(self._ending.is_set)
        self._every_s = every_s
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._log = structlog.get_logger("footfall.register")
        self._thread = threading.Thread(target=self._work, name="registers", daemon=True)
        self.held = 0
        self.sharing = self._registers.sharing
        self.seen = 0
        self.late = 0

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def see(self, sighting: Sighting) -> None:
        """Take a visit; its templates are overwritten as soon as they are in the register."""
        self._tasks.put(lambda: self._registers.see(sighting))

    def use(self, config: Config) -> None:
        """Take over changed settings, after what was seen before."""
        self._tasks.put(lambda: self._registers.use(config))

    def hurry(self) -> None:
        """Compare nothing anew any more, also what is being compared now: the program ends."""
        self._ending.set()

    def close(self, within_s: float) -> None:
        """Write what is known and overwrite all templates; what that does not reach goes with the process's memory."""
        self.hurry()
        self._tasks.put(None)
        self._thread.join(within_s)
        if self._thread.is_alive():
            self._log.warning("no time to write the last judgements of visits; templates end with the program")

    def _work(self) -> None:
        write_at = time.monotonic() + self._every_s
        while True:
            try:
                task = self._tasks.get(timeout=max(0.0, write_at - time.monotonic()))
            except queue.Empty:
                task = _nothing
            self._do(self._registers.close if task is None else task)
            if task is None:
                return
            if time.monotonic() >= write_at:
                self._do(self._registers.write)
                write_at = time.monotonic() + self._every_s

    def _do(self, task: Task) -> None:
        """Do one thing; a defect of it ends neither this thread nor the program, which would end the counting."""
        try:
            task()
        except Exception:
            self._log.exception("comparing visits failed; they are counted all the same")
        self.held, self.seen, self.late = self._registers.held, self._registers.seen, self._registers.late
        self.sharing = self._registers.sharing


def _nothing() -> None:
    """Do nothing."""
