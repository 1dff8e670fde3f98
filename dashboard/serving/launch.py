"""Starts the dashboard's web server."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from starlette.middleware import Middleware
from streamlit.web.server.starlette.starlette_app import App

from analytics.figures.text import LARGEST_BYTES
from dashboard.accounts.door import Door
from dashboard.accounts.sessions import Sessions
from dashboard.numbers.ground import utc_now
from dashboard.serving.paths import OWN_NAMES
from dashboard.serving.server import Gate, SecurityHeaders, routes
from dashboard.serving.setup_look import NewPipeline
from dashboard.serving.warming import warm_up
from dashboard.serving.wiring import Wiring, wire
from dashboard.theme import STREAMLIT_OPTIONS
from db.session import open_database
from db.users import accounts, had_users
from footfall.config import Config
from footfall.ports import require_free

SCRIPT = Path(__file__).with_name("script.py")
LOOPBACK = "127.0.0.1"
LARGEST_MESSAGE_MB = 32  # anybody can send one; a page's largest is a few
LARGEST_UPLOAD_MB = LARGEST_BYTES // 2**20  # by administrators only, see dashboard.serving.server
LOCAL_NAMES = (*OWN_NAMES, "[::1]")
STAYS_SHUT = (
    "The last user was removed, so the dashboard shows nothing to anybody. To let people in again, add a user with "
    "`footfall users add NAME --role admin`."
)

log = logging.getLogger(__name__)


def run(
    config_path: Path | None,
    config: Config,
    *,
    engine: Engine | None = None,
    clock: Callable[[], datetime] = utc_now,
    new_pipeline: NewPipeline | None = None,
) -> None:
    """Serve the dashboard until the process is told to stop.

    While there never was a user it listens on 127.0.0.1 only, whatever the settings say, and logs why. Streamlit's
    secrets (for OIDC) are read from `.streamlit/secrets.toml` beside the configuration file.

    Args:
        config_path: the file that `config` was read from, None without one.
        config: the settings.
        engine: the opened database that the settings name; opened here when it is not given.
        clock: gives the present moment, aware UTC; what "today" means.
        new_pipeline: makes what looks through a camera, for the page that sets it up; that page shows none without.

    Raises:
        ConfigError: another program listens there.
        StoreError: the database is away or at another migration.
    """
    engine = engine or open_database(config.database_url.get_secret_value())
    listening = choose_listening(engine, config)
    if listening.warning:
        log.warning(listening.warning)
    require_free(listening.host, config.dashboard.port, "dashboard")
    sessions = Sessions(timedelta(hours=config.dashboard.session_hours), clock)
    door = Door(open_at_start=listening.open_to_all)
    wire(Wiring(config, engine, sessions, door, clock, config_path, new_pipeline))
    warm_up()
    app = App(SCRIPT, routes=routes(), middleware=[Middleware(SecurityHeaders), Middleware(Gate)])
    app.run(config=streamlit_options(config_path, config, listening.host, open_to_all=listening.open_to_all))


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the server listens, whether nobody has to sign in there, and what the log has to say about it."""

    host: str
    open_to_all: bool = False
    warning: str = ""


def choose_listening(engine: Engine, config: Config) -> Listening:
    """Return where to listen: on the loopback address and open to all while there never was a user, else as set."""
    host = config.dashboard.host
    if accounts(engine):
        return Listening(host)
    if had_users(engine):
        return Listening(host, warning=STAYS_SHUT)
    other = "set dashboard.host" if is_loopback(host) else f"start again to listen on {host}"
    warning = (
        f"No user is configured, so the dashboard listens on {LOOPBACK} only and everybody at this computer is an "
        "administrator. To serve it on the network, add a user with `footfall users add NAME --role admin` and "
        f"{other}."
    )
    return Listening(LOOPBACK, open_to_all=True, warning=warning)


def is_loopback(host: str) -> bool:
    """Return whether only this computer reaches `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def streamlit_options(config_path: Path | None, config: Config, host: str, *, open_to_all: bool) -> dict[str, object]:
    """Return Streamlit's settings: no statistics, no watching of files, no details of errors in the browser, no magic.

    Magic, which writes bare expressions to the page, parses each script into a tree; before Python 3.11.9 two threads
    that do so at once may fail (`AST constructor recursion depth mismatch`, gh-106905), and with them two visitors.

    While there is no password, names other than the computer's own are refused, so that neither a proxy nor a
    foreign page that points its name at this computer gets in.
    """
    folder = Path.cwd() if config_path is None else config_path.resolve().parent
    return {
        "server.address": host,
        "server.port": config.dashboard.port,
        "server.baseUrlPath": config.dashboard.base_path,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.allowedHosts": list(LOCAL_NAMES) if open_to_all else [],
        "server.maxUploadSize": LARGEST_UPLOAD_MB,
        "server.maxMessageSize": LARGEST_MESSAGE_MB,
        "server.enableAgentApi": False,
        "client.allowedOrigins": [],
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
        "runner.magicEnabled": False,
        "secrets.files": [str(folder / ".streamlit" / "secrets.toml")],
        **STREAMLIT_OPTIONS,
    }
