"""The interface behind a real server, in a thread, and a program that asks it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx2
import uvicorn
from sqlalchemy import Engine

from api.application import make_app
from api.launch import server_settings
from dashboard.numbers.kept import forget_kept
from footfall.config import Config
from footfall.config_services import ApiConfig

STARTED_WITHIN_S = 60


@contextmanager
def serving(
    config: Config, engine: Engine, clock: Callable[[], datetime], *, send_buffer: int = 0, **settings: object
) -> Iterator[str]:
    """Serve `config` with these settings of [api] and give the address.

    Of an answer about `send_buffer` bytes wait in the system for who reads it, as many as it likes where that is 0.
    """
    chosen = config.model_copy(update={"api": ApiConfig.model_validate({"requests_per_minute": 100_000, **settings})})
    forget_kept()
    listening = socket.create_server(("127.0.0.1", 0))
    if send_buffer:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    app = make_app(chosen, engine, clock)
    server = uvicorn.Server(server_settings(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"  # connections wait in the socket until it is ready
    finally:
        server.should_exit = True
        thread.join(STARTED_WITHIN_S)
        listening.close()


def program(address: str, token: str = "", **headers: str) -> httpx2.Client:
    """Return a client that sends `token` and `headers`."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        given["Authorization"] = f"Bearer {token}"
    return httpx2.Client(base_url=address, headers=given, timeout=60)


def ask(address: str, token: str, path: str, **headers: str) -> httpx2.Response:
    """Return the answer to one question of a program that goes away after it."""
    with program(address, token, **headers) as asking:
        return asking.get(path)
