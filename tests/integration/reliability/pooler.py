"""PgBouncer in transaction mode before the tests' PostgreSQL: two server connections for whoever has a transaction."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from sqlalchemy import make_url

from tests.missing import missing
from tools.served import free_port

ADVICE = "no pgbouncer; `apt install pgbouncer`"
PROGRAM = "/usr/sbin/pgbouncer"  # not on everybody's path
# Connections to the server begin in a zone that is not the program's: whoever gets one that nobody prepared notices.
SETTINGS = """
[databases]
* = host={host} port={port} connect_query='SET timezone = ''Asia/Tokyo'''
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 2
logfile = {folder}/log
"""


class Pooler:
    """A running pooler on a free loopback port; as root it runs as the user postgres, for it refuses root."""

    def __init__(self, server: str) -> None:
        """`server` is the URL of the PostgreSQL behind it."""
        program = shutil.which("pgbouncer") or (PROGRAM if Path(PROGRAM).is_file() else missing(ADVICE))
        self._folder = Path(tempfile.mkdtemp(prefix="footfall-pooler-"))
        self._own = free_port()
        behind = make_url(server)
        text = SETTINGS.format(
            host=behind.host,
            port=behind.port or 5432,
            own=self._own,
            folder=self._folder,
        )
        (self._folder / "pgbouncer.ini").write_text(text, encoding="utf-8")
        (self._folder / "users").write_text(f'"{behind.username}" "{behind.password or ""}"\n', encoding="utf-8")
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if user is not None:
            shutil.chown(self._folder, user.pw_uid)
        self._process = subprocess.Popen(
            [program, "--quiet", str(self._folder / "pgbouncer.ini")],
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    def url(self, direct: str) -> str:
        """Return how a database that is reached at `direct` is reached through the pooler."""
        return make_url(direct).set(host="127.0.0.1", port=self._own).render_as_string(hide_password=False)

    def close(self) -> None:
        """End it and delete its files."""
        self._process.terminate()
        self._process.wait(60)
        shutil.rmtree(self._folder)

    def _wait(self, within_s: float = 60.0) -> None:
        began = time.monotonic()
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._own), timeout=1).close()
                return
            except OSError:
                log = self._folder / "log"
                assert self._process.poll() is None, log.read_text() if log.exists() else "pgbouncer ended at once"
                assert time.monotonic() - began < within_s, "pgbouncer does not listen"
                time.sleep(0.02)
