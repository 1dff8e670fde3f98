"""Runs commands in processes of their own without loading the program for each: one that has loaded it is copied.

Loading takes longer than most commands. Nothing happens at import, so a copy begins as a fresh process does; it has the
folder, the environment and the arguments that it is given, and the first three file descriptors are its own.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parents[4]
WITHIN_S = 300.0
# What is read while the program is loaded cannot be given to a copy.
READ_AT_IMPORT = {"COLUMNS", "NO_COLOR"}
ON_RAY = "--on"
SERVE = "import sys; from tests.integration.app.cli.forked import serve; serve(int(sys.argv[1]))"


class LoadedProgram:
    """A process that has loaded the program and makes copies of itself; they run one after the other."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment` is that in which the program is loaded."""
        self._environment = dict(environment)
        self._printed = tempfile.TemporaryDirectory(prefix="footfall-printed-")
        ours, theirs = socket.socketpair()
        ours.settimeout(WITHIN_S)
        with theirs:
            command = [sys.executable, "-c", SERVE, str(theirs.fileno())]
            path = os.pathsep.join([str(ROOT), *filter(None, [environment.get("PYTHONPATH")])])
            self._process = subprocess.Popen(
                command,
                env={**environment, "PYTHONPATH": path},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # what it runs ends with it
            )
        self._connection, self._answers = ours, ours.makefile("rb")

    def fits(self, arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
        """Return whether a copy in `environment` is what a fresh process would be; Ray takes no chances."""
        return ON_RAY not in arguments and all(
            environment.get(name) == self._environment.get(name) for name in READ_AT_IMPORT
        )

    def run(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
        """Run a command in `folder`; return its exit code and what it printed, on standard output and on the other.

        Raises:
            TimeoutError: it did not end in five minutes; it is killed with the loaded program.
        """
        printed = [Path(self._printed.name) / name for name in ("out", "err")]
        asked = [list(arguments), str(folder), dict(environment), *map(str, printed)]
        self._connection.sendall(json.dumps(asked).encode() + b"\n")
        try:
            answer = self._answers.readline()
        except TimeoutError:
            self.close()
            raise
        assert answer, "the loaded program is gone"
        out, err = (path.read_text(encoding="utf-8") for path in printed)
        return int(answer), out, err

    def close(self) -> None:
        """End it and what it runs."""
        self._answers.close()
        self._connection.close()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._printed.cleanup()


def serve(descriptor: int) -> None:
    """Copy this process for every request until nobody asks."""
    # What most commands load late, beside the command line itself, and the libraries that this loads late.
    import alembic.command
    import openpyxl
    import pandas

    import app.doctor
    import app.jobs
    import app.recordings
    import app.status
    import dashboard.accounts.users
    import db.reading.queries
    import inference.session
    import reports.audits
    import reports.figure_import
    from app.cli import main

    del alembic, openpyxl, pandas, app, dashboard, db, inference, reports
    os.set_inheritable(descriptor, False)
    with open(descriptor, "rb", buffering=0) as requests:  # no path
        for line in requests:
            copy = os.fork()
            if not copy:
                _become(*json.loads(line))
                _end_with(main)
            _, status = os.waitpid(copy, 0)
            os.write(descriptor, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(arguments: list[str], folder: str, environment: dict[str, str], out: str, err: str) -> None:
    """Make this copy what a process would be that was started anew."""
    for number, path in ((1, out), (2, err)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv[1:] = arguments


def _end_with(main: Callable[[], None]) -> NoReturn:
    """End this copy as a process ends after `main`, but for its libraries, which would wait for threads not copied."""
    code = 0
    try:
        main()
    except SystemExit as told:
        code = told.code if isinstance(told.code, int) else int(told.code is not None)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
