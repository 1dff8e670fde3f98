"""The small mall behind the pages, without a web server."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from streamlit.config import set_option
from streamlit.testing.v1 import AppTest

from dashboard.accounts.door import Door
from dashboard.accounts.sessions import Sessions
from dashboard.menu import FIRST_KEY, OVERVIEW
from dashboard.numbers.kept import forget_kept
from dashboard.serving.wiring import Wiring, wire
from db.session import open_database
from footfall.config import Config
from tests.conftest import FakeClock
from tests.mall import NOW, fill_mall, mall_config

SCRIPT = Path(__file__).parents[3] / "dashboard" / "serving" / "script.py"
OpenPage = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the dashboard's script out of `__main__` again: processes that later tests spawn would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True, scope="session")
def _as_served() -> None:
    """Build pages from their scripts as the server does, see dashboard.serving.launch.streamlit_options."""
    set_option("runner.magicEnabled", False)


@pytest.fixture
def mall_clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture(scope="session")
def filled_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mall's database, written once; tests get copies."""
    path = tmp_path_factory.mktemp("mall") / "footfall.db"
    fill_mall(mall_config(f"sqlite:///{path}", path.parent)).dispose()
    return path


@pytest.fixture
def config(tmp_path: Path, sqlite_url: str, filled_database: Path) -> Config:
    for part in filled_database.parent.glob("footfall.db*"):
        shutil.copy(part, tmp_path / part.name)
    return mall_config(sqlite_url, tmp_path)


@pytest.fixture
def mall(config: Config, mall_clock: FakeClock) -> Iterator[Engine]:
    """The mall's database, wired to the pages of a server that only this computer reaches."""
    engine = open_database(config.database_url.get_secret_value())
    sessions = Sessions(timedelta(hours=config.dashboard.session_hours), mall_clock)
    wire(Wiring(config, engine, sessions, Door(open_at_start=True), clock=mall_clock))
    forget_kept()
    yield engine
    engine.dispose()


@pytest.fixture
def open_page(mall: Engine) -> OpenPage:
    """Return a function that opens the page of an address, with query parameters, as a browser would.

    An empty address is the page that opens first, which the dashboard chooses.
    """

    def opened(address: str = OVERVIEW, **query: str) -> AppTest:
        app = AppTest.from_file(str(SCRIPT), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        if address == OVERVIEW:
            app.session_state[FIRST_KEY] = OVERVIEW
        app.run()
        return app if address in ("", OVERVIEW) else app.switch_page(f"../views/{address}.py").run()

    return opened


def texts(app: AppTest) -> str:
    """Return everything that the page says in words."""
    parts: list[Any] = [app.title, app.markdown, app.caption, app.info, app.warning, app.error, app.success]
    return "\n".join(str(element.value) for elements in parts for element in elements)
