"""Carries records from the spools to the database, and waits patiently while it is away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from ingest.spooling.records import Batch, plain_reason
from ingest.spooling.spool import SUFFIX, Spool, SpoolError

Sink = Callable[[Batch], None]


class RefusedBatchError(Exception):
    """The database is there and will never take this batch: a record in it is impossible (not: try later)."""


@dataclass(frozen=True, slots=True)
class ForwardOptions:
    """How many records go at once, and how long to wait between rounds (seconds)."""

    batch_size: int = 500
    pause_s: float = 1.0
    pause_after_failure_s: float = 5.0


@dataclass(slots=True)
class ForwardState:
    """What the forwarder knows: waiting and refused records by camera, records sent, and why it cannot send."""

    waiting: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    failures: int = 0
    problem: str = ""


class Forwarder:
    """Drains every spool in `folder` into `sink`, those of cameras that were removed as well.

    `sink` stores a batch idempotently, or raises: RefusedBatchError when a record is impossible, anything else when
    it should be tried again. `say_alive` is called in every round, also without any record, and may raise as well.
    """

    def __init__(
        self,
        folder: Path,
        sink: Sink,
        options: ForwardOptions = ForwardOptions(),
        say_alive: Callable[[], None] | None = None,
    ) -> None:
        self._say_alive = say_alive
        self._folder = folder
        self._sink = sink
        self._options = options
        self._spools: dict[Path, Spool] = {}
        self._log = structlog.get_logger("footfall.forward")
        self.state = ForwardState()

    def run(self, stopping: threading.Event) -> None:
        """Forward until `stopping` is set, and once more then."""
        while not stopping.is_set():
            try:
                worked = self.forward_all()
            except Exception as error:  # a defect must not end the way of all records to the database
                self._log.exception("forwarding failed, the next round tries again")
                self._note(plain_reason(str(error)) or type(error).__name__)
                worked = False
            stopping.wait(self._options.pause_s if worked else self._options.pause_after_failure_s)
        self.forward_all()

    def forward_all(self) -> bool:
        """Send all that waits now; return whether the database and every spool could be used."""
        problem = ""
        try:
            spools = self._known_spools()
        except OSError as error:  # no file can be opened at this moment, a disk that fails
            self._note(f"the spool folder {self._folder} cannot be read ({error.strerror or error})")
            return False
        for spool in spools:
            try:
                self._empty(spool)
            except SpoolError as error:
                problem = str(error)
            except Exception as error:  # whatever the database's driver raises: the records stay where they are
                problem = plain_reason(str(error)) or type(error).__name__
                break  # the other cameras' records go to the same database
            finally:
                self._count(spool)
        self._note(problem or self._alive_problem())
        return not self.state.problem

    def _alive_problem(self) -> str:
        """Say that this program runs; return why that is impossible, or nothing."""
        try:
            if self._say_alive is not None:
                self._say_alive()
        except Exception as error:  # as above
            return plain_reason(str(error)) or type(error).__name__
        return ""

    def _empty(self, spool: Spool) -> None:
        while True:
            try:
                sent = spool.drain(self._sink, self._options.batch_size)
            except RefusedBatchError:
                sent = self._send_one_by_one(spool)
            self.state.sent += sent
            if sent < self._options.batch_size:
                return

    def _send_one_by_one(self, spool: Spool) -> int:
        """Send a refused batch record by record; those refused alone are set aside, so that others need not wait."""
        sent = 0
        for _ in range(self._options.batch_size):
            try:
                one = spool.drain(self._sink, 1)
            except RefusedBatchError as error:
                spool.reject_oldest(str(error))
                self._log.error("record refused by the database, kept aside", spool=spool.path.name, reason=str(error))
                one = 1
            if one == 0:
                break
            sent += one
        return sent

    def _known_spools(self) -> list[Spool]:
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            if path not in self._spools:
                self._spools[path] = self._opened(path)
        return list(self._spools.values())

    def _opened(self, path: Path) -> Spool:
        spool = Spool(path, notice=lambda text: self._log.warning(text))
        try:
            if again := spool.retry_rejected():
                self._log.info("records refused earlier are tried again", spool=path.name, records=again)
        except SpoolError as error:
            self._log.error("spool cannot be read", spool=path.name, reason=str(error))
        return spool

    def _count(self, spool: Spool) -> None:
        camera_id = spool.path.name.removesuffix(SUFFIX)
        try:
            self.state.waiting[camera_id] = spool.depth()
            self.state.refused[camera_id] = spool.rejected()
        except SpoolError:
            return  # the last numbers stay; the problem is said by the caller

    def _note(self, problem: str) -> None:
        if problem and problem != self.state.problem:
            self._log.error("records wait in the spool", reason=problem, waiting=sum(self.state.waiting.values()))
        if self.state.problem and not problem:
            self._log.info("records reach the database again")
        self.state.failures += bool(problem)
        self.state.problem = problem
