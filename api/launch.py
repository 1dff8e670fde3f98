"""Starts the server of the interface."""

from __future__ import annotations

import logging
import socket

import uvicorn
from sqlalchemy import Engine
from starlette.types import ASGIApp

from api.application import make_app
from api.connections import ASKS_WITHIN_S, PatientProtocol
from db.tokens import tokens
from footfall.config import Config
from footfall.errors import ConfigError

LARGEST_HEAD_BYTES = 16 * 1024
MOST_AT_ONCE = 64
SHUTS_WITHIN_S = 5

log = logging.getLogger(__name__)


def run(config: Config, engine: Engine) -> None:
    """Answer until the process is told to stop.

    A proxy on this computer may say whom it asks for (X-Forwarded-For); nobody else is believed.

    Raises:
        ConfigError: it cannot listen where the settings say.
    """
    listening = _listen(config.api.host, config.api.port)
    if not tokens(engine):
        log.warning("there is no token, so nobody gets numbers; `footfall users token NAME` makes one")
    log.info("listening on http://%s:%d, explained at /docs", config.api.host, config.api.port)
    uvicorn.Server(server_settings(make_app(config, engine))).run(sockets=[listening])


def server_settings(app: ASGIApp) -> uvicorn.Config:
    """Return how the server deals with whoever connects."""
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        h11_max_incomplete_event_size=LARGEST_HEAD_BYTES,
        limit_concurrency=MOST_AT_ONCE + 1,  # at its limit uvicorn refuses
        timeout_keep_alive=ASKS_WITHIN_S,
        timeout_graceful_shutdown=SHUTS_WITHIN_S,
    )


def _listen(host: str, port: int) -> socket.socket:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigError(f"api: cannot listen on {place}: {error.strerror}; set another host or port there") from None
