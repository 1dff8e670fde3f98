"""A PostgreSQL server of the test's own, which may be stopped without disturbing anybody."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.missing import missing

ADVICE = "no PostgreSQL server programs; `apt install postgresql`"


class PostgresServer:
    """A cluster on a free loopback port; as root it runs as the user postgres, as the server demands.

    It lies in a folder of its own: pytest's are private to the user who runs the tests.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="footfall-postgres-"))
        self._programs = _programs()
        self._port = _free_port()
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "--username=postgres", "--auth=trust", "--no-sync", "-D", str(self._folder / "data"))

    @property
    def url(self) -> str:
        """The database's URL."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Return when it takes connections."""
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
        self._control("start", "-o", options, "-l", str(self._folder / "log"))

    def stop(self) -> None:
        """Break off every connection, also in the middle of a transaction."""
        self._control("stop", "-m", "immediate")

    def remove(self) -> None:
        """Stop it and delete its files."""
        self.stop()
        shutil.rmtree(self._folder)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's client programs against the server."""
        self._run(program, "-h", "127.0.0.1", "-p", str(self._port), "-U", "postgres", *arguments)

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-w", "-D", str(self._folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        user = pwd.getpwnam(self._user) if self._user else None
        said = self._folder / f"{program}.out"
        with said.open("wb") as output:  # not a pipe: a started server keeps its output open
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                cwd=self._folder,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        assert done.returncode == 0, f"{program} {' '.join(arguments)}: {said.read_text()}"


def _free_port() -> int:
    """Return a port that no connection out can take while the server is stopped (those begin at 32768)."""
    for port in range(25_000 + os.getpid() % 5000, 32_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no free port")


def _programs() -> Path:
    """Return the folder of the newest installed server; skip, or in CI fail, where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).parent
    missing(ADVICE)
