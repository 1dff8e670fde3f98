"""A real Redis server that a test starts, stops and looks into."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from tests.missing import missing
from tools.served import free_port

MEMORY_ONLY = ("--save", "", "--appendonly", "no")
PATIENCE_S = 60
TRIED_EVERY_S = 0.02


class RedisServer:
    """A server on a port of its own; its memory ends with it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._program = shutil.which("redis-server") or missing("no Redis server; `apt install redis-server`")
        self.folder, self._options = folder, options or MEMORY_ONLY
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start it, with other options where they are given, and wait until it answers."""
        where = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder))
        command = [self._program, *where, *(options or self._options)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        tries = int(PATIENCE_S / TRIED_EVERY_S)
        client = redis.Redis(
            port=self.port, retry=Retry(ConstantBackoff(TRIED_EVERY_S), tries), retry_on_error=[redis.ConnectionError]
        )
        try:
            client.ping()
        except redis.AuthenticationError:
            pass  # an answer, too
        finally:
            client.close()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
            self._process = None

    @contextmanager
    def client(self, password: str | None = None) -> Iterator[Any]:
        """Give a client of the test's own."""
        client = redis.Redis(port=self.port, password=password)
        yield client
        client.close()
