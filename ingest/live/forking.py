"""Workers that share the memory of their modules: forked from a process that has loaded them (`fork_server`)."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog

from ingest.live.fork_server import READY
from ingest.live.process import Alone, ProcessHandle, Starter, environment

PR_SET_CHILD_SUBREAPER = 36  # of <linux/prctl.h>
ANSWER_BYTES = 1000


@dataclass(frozen=True, slots=True)
class ForkOptions:
    """How long the server may load and think about one worker, and how long after trouble nothing is forked (s)."""

    load_within_s: float = 120.0
    answer_within_s: float = 10.0
    without_after_trouble_s: float = 600.0


class Orphan:
    """A process that somebody else forked and this process adopted; only one thread may use it."""

    def __init__(self, pid: int) -> None:
        """Raises ChildProcessError when it was not adopted."""
        self.pid = pid
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal, or None while it runs."""
        if self._code is None:
            try:
                ended, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # whoever started the program ignores ends of children; so does the kernel
                self._code = 0
            else:
                self._code = os.waitstatus_to_exitcode(status) if ended else None
        return self._code

    def send_signal(self, sig: int) -> None:
        """Send a signal; one that already ended does not get it."""
        if self.poll() is None:
            os.kill(self.pid, sig)


class Forking:
    """Forks workers from a server that it starts, and starts anew when it died.

    Where that is impossible or unsafe, and for a while after trouble, workers are started alone: counting matters more
    than memory.
    """

    def __init__(
        self,
        modules: Sequence[str],
        options: ForkOptions = ForkOptions(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`modules` are loaded by the server, beside those that every worker needs."""
        self._modules = list(modules)
        self._options = options
        self._clock = clock
        self._alone = Alone()
        self._log = structlog.get_logger("footfall.supervisor")
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._is_loaded = False
        self._began_at = 0.0
        self._without_until = float("-inf")

    @property
    def server_pid(self) -> int | None:
        """The process number of the server once it has loaded, else None."""
        return self._server.pid if self._server is not None and self._is_loaded else None

    def is_ready(self) -> bool:
        """Return False for the seconds in which the server loads."""
        if self._clock() < self._without_until:
            return True
        if self._server is not None and self._is_loaded and self._server.poll() is not None:
            self._log.warning("the process that workers are forked from ended, and is started anew")
            self.close()
        try:
            control = self._control or self._launch()
            if not self._is_loaded:
                self._hear(control)
        except OSError as error:
            self._give_up(str(error))
        return self._is_loaded or self._server is None

    def start(self, camera_id: str, task: int, news: int) -> ProcessHandle:
        """Start a worker.

        Raises:
            OSError: that is not possible now, or the server did not answer.
        """
        if self._control is None or not self._is_loaded:
            return self._alone.start(camera_id, task, news)
        try:
            with adopting():
                socket.send_fds(self._control, [camera_id.encode()], [task, news])
                answer = self._answer(self._control)
                if answer.isdigit():
                    return Orphan(int(answer))
        except OSError as error:
            # It may have forked a worker all the same. That one ends when it finds its pipes closed, and must be the
            # only one that was given them.
            self._give_up(f"no worker from it: {error}")
            raise
        self._give_up(answer)
        return self._alone.start(camera_id, task, news)

    def close(self) -> None:
        """End the server; the workers go on."""
        if self._server is not None:
            self._server.kill()  # it has nothing to lose
            self._server.wait()
            self._server = None
        if self._control is not None:
            self._control.close()
            self._control = None
        self._is_loaded = False

    def _launch(self) -> socket.socket:
        with adopting():  # a system that does not know that says so now, before a worker waits for it
            pass
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._began_at = self._clock()
        with theirs:
            command = [sys.executable, "-m", "ingest.live.fork_server", *self._modules]
            self._server = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=environment()
            )
        return self._control

    def _hear(self, control: socket.socket) -> None:
        """Take the server's word that it has loaded, if it came; raises OSError when it will not come."""
        control.setblocking(False)
        try:
            word = control.recv(ANSWER_BYTES).decode(errors="replace")
        except BlockingIOError:
            if self._clock() - self._began_at > self._options.load_within_s:
                raise OSError(f"it did not load within {self._options.load_within_s:.0f} s") from None
            return
        if word != READY:
            raise OSError(word or "it ended while it loaded")
        self._is_loaded = True

    def _answer(self, control: socket.socket) -> str:
        control.settimeout(self._options.answer_within_s)
        if not (answer := control.recv(ANSWER_BYTES).decode(errors="replace")):
            raise ConnectionError("it ended")
        return answer

    def _give_up(self, why: str) -> None:
        self.close()
        self._without_until = self._clock() + self._options.without_after_trouble_s
        self._log.warning("workers are started without the memory that they could share", why=why)


def worker_starter(set_up: str) -> Starter:
    """Return how workers whose set-up is `set_up` ('module:function') are started on this system."""
    return Forking([set_up.partition(":")[0]]) if sys.platform == "linux" else Alone()


@contextmanager
def adopting() -> Iterator[None]:
    """Make this process, while the block runs, the parent of those among its descendants that lose theirs.

    Raises:
        OSError: the system does not know that.
    """
    _adopt(True)
    try:
        yield
    finally:
        with suppress(OSError):
            _adopt(False)


def _adopt(orphans: bool) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(orphans), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "this process cannot adopt others")
