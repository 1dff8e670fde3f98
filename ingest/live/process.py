"""A worker's process as the supervisor holds it: one pipe in, one pipe out, and its end."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

from ingest.live.assignment import Assignment
from ingest.live.heartbeat import Heartbeat
from ingest.live.outages import Trouble
from ingest.live.pipe import Inbox
from reid.types import Sighting


class WorkerProcess:
    """A started worker. It ends by itself when this process ends, because its standard input closes then.

    Raises:
        OSError: the process cannot be started.
    """

    def __init__(self, assignment: Assignment, before: Trouble | None = None) -> None:
        # The same modules as here, also when the program runs from a source tree. Matrices of a Kalman filter are
        # small: a second thread for them only waits, busily, on a processor that another camera needs.
        path = os.pathsep.join(item for item in sys.path if item)
        environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ingest.live.child", assignment.camera_id],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise OSError("no pipes to the worker")
        self._stdin, self._stdout = stdin, stdout
        self._inbox = Inbox(stdout.fileno())
        with suppress(BrokenPipeError):  # it died already; its exit code says so
            stdin.write(assignment.to_line(before))
            stdin.flush()

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
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Free the pipes of a process that ended."""
        self._inbox.close()
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):
                pipe.close()
