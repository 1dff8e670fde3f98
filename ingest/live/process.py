"""A worker's process as the supervisor holds it: one pipe in, one pipe out, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Protocol

from ingest.live.assignment import Assignment
from ingest.live.heartbeat import Heartbeat
from ingest.live.outages import Trouble
from ingest.live.pipe import Inbox
from reid.types import Sighting

LOOK_AGAIN_S = 0.005
KILLED_WITHIN_S = 1.0


class ProcessHandle(Protocol):
    """A child of this process; `subprocess.Popen` is one."""

    @property
    def pid(self) -> int:
        """The process number."""

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal, or None while it runs."""

    def send_signal(self, sig: int) -> None:
        """Send a signal; one that already ended does not get it."""


class Starter(Protocol):
    """How processes of workers come into being."""

    def is_ready(self) -> bool:
        """Return whether one can be started now; never waits."""

    def start(self, camera_id: str, task: int, news: int) -> ProcessHandle:
        """Start the worker of a camera with the descriptors `task` and `news` as its standard input and output.

        Raises:
            OSError: that is not possible now.
        """

    def close(self) -> None:
        """End what starting needs; the workers go on."""


class Alone:
    """Starts each worker as a program of its own, which loads everything anew."""

    def is_ready(self) -> bool:
        """Return True."""
        return True

    def start(self, camera_id: str, task: int, news: int) -> ProcessHandle:
        """Start it; raises OSError."""
        command = [sys.executable, "-m", "ingest.live.child", camera_id]
        return subprocess.Popen(command, stdin=task, stdout=news, env=environment())

    def close(self) -> None:
        """Nothing has to end."""


def environment() -> dict[str, str]:
    """Return the environment of processes that are started from here.

    The same modules as here, also when the program runs from a source tree. Matrices of a Kalman filter are small: a
    second thread for them only waits, busily, on a processor that another camera needs.
    """
    path = os.pathsep.join(item for item in sys.path if item)
    return {"OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path}


class WorkerProcess:
    """A started worker. It ends by itself when this process ends, because its standard input closes then.

    Raises:
        OSError: the process cannot be started.
    """

    def __init__(self, assignment: Assignment, before: Trouble | None = None, starter: Starter | None = None) -> None:
        task, to_worker = os.pipe()
        from_worker, news = os.pipe()
        self._stdin, self._stdout = os.fdopen(to_worker, "wb"), os.fdopen(from_worker, "rb")
        try:
            self._process = (starter or Alone()).start(assignment.camera_id, task, news)
        except OSError:
            self._close_pipes()
            raise
        finally:
            os.close(task)
            os.close(news)
        self._inbox = Inbox(from_worker)
        with suppress(BrokenPipeError):  # it died already; its exit code says so
            self._stdin.write(assignment.to_line(before))
            self._stdin.flush()

    @property
    def pid(self) -> int:
        """The process number."""
        return self._process.pid

    def messages(self) -> list[Heartbeat | Sighting]:
        """Return what arrived since the last call, oldest first."""
        return self._inbox.read()

    def exit_code(self) -> int | None:
        """Return the exit code, negative for a signal, or None while it runs."""
        return self._process.poll()

    def signal(self, number: int) -> None:
        """Send a signal; one that already ended does not get it."""
        self._process.send_signal(number)

    def wait(self, timeout_s: float) -> bool:
        """Return whether it ended within `timeout_s`."""
        give_up = time.monotonic() + timeout_s
        while self._process.poll() is None:
            if (left_s := give_up - time.monotonic()) <= 0:
                return False
            time.sleep(min(LOOK_AGAIN_S, left_s))
        return True

    def kill(self) -> None:
        """End it at once; one that hangs in the kernel ends later, and holds its camera's lock until then."""
        self._process.send_signal(signal.SIGKILL)
        self.wait(KILLED_WITHIN_S)

    def close(self) -> None:
        """Free the pipes of a process that ended."""
        self._inbox.close()
        self._close_pipes()

    def _close_pipes(self) -> None:
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):
                pipe.close()
