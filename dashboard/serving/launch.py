"""Starts the dashboard's web server."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from starlette.middleware import Middleware
from streamlit.web.server.starlette.starlette_app import App

from dashboard.accounts.sessions import Sessions
from dashboard.serving.server import SecurityHeaders, routes
from dashboard.serving.wiring import Wiring, utc_now, wire
from dashboard.theme import STREAMLIT_OPTIONS
from db.session import open_database
from db.users import accounts
from footfall.config import Config

SCRIPT = Path(__file__).with_name("script.py")
LOOPBACK = "127.0.0.1"
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")

log = logging.getLogger(__name__)


def run(
    config_path: Path | None,
    config: Config,
    *,
    engine: Engine | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Serve the dashboard until the process is told to stop.

    Without any user it listens on 127.0.0.1 only, whatever the settings say, and logs why. Streamlit's secrets (for
    OIDC) are read from `.streamlit/secrets.toml` beside the configuration file.

    Args:
        config_path: the file that `config` was read from, None without one.
        config: the settings.
        engine: the opened database that the settings name; opened here when it is not given.
        clock: gives the present moment, aware UTC; what "today" means.

    Raises:
        StoreError: the database is away or at another migration.
    """
    engine = engine or open_database(config.database_url.get_secret_value())
    host, reason = listening_address(engine, config)
    if reason:
        log.warning(reason)
    sessions = Sessions(timedelta(hours=config.dashboard.session_hours), clock)
    wire(Wiring(config, engine, sessions, local_only=is_loopback(host), clock=clock))
    app = App(SCRIPT, routes=routes(), middleware=[Middleware(SecurityHeaders)])
    app.run(config=streamlit_options(config_path, config, host, open_to_all=bool(reason)))


def listening_address(engine: Engine, config: Config) -> tuple[str, str]:
    """Return the address to listen on and, when there is no user, why it is the loopback address."""
    if accounts(engine):
        return config.dashboard.host, ""
    host = config.dashboard.host
    other = "set dashboard.host" if is_loopback(host) else f"start again to listen on {host}"
    return LOOPBACK, (
        f"No user is configured, so the dashboard listens on {LOOPBACK} only and everybody at this computer is an "
        f"administrator. To serve it on the network, add a user with `footfall users add` and {other}."
    )


def is_loopback(host: str) -> bool:
    """Return whether only this computer reaches `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def streamlit_options(config_path: Path | None, config: Config, host: str, *, open_to_all: bool) -> dict[str, object]:
    """Return Streamlit's settings: no statistics, no watching of files, no details of errors in the browser.

    While there is no password, names other than the computer's own are refused, so that neither a proxy nor a
    foreign page that points its name at this computer gets in.
    """
    folder = Path.cwd() if config_path is None else config_path.resolve().parent
    return {
        "server.address": host,
        "server.port": config.dashboard.port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.allowedHosts": list(LOCAL_NAMES) if open_to_all else [],
        "server.maxUploadSize": 1,
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
        "secrets.files": [str(folder / ".streamlit" / "secrets.toml")],
        **STREAMLIT_OPTIONS,
    }
