"""The small mall behind the interface, with a token of somebody who may see the main site only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from sqlalchemy import Engine

from db.tokens import add_token
from db.users import Account, add_account
from footfall.config import Config
from tests.conftest import FakeClock
from tests.integration.api.serving import ask, program, serving
from tests.mall import NOW, fill_mall, mall_config


@dataclass(frozen=True)
class Served:
    """A running interface, its database and settings, and tokens of a viewer of `main` and of one of every site."""

    address: str
    engine: Engine
    config: Config
    clock: FakeClock
    main_token: str
    every_token: str

    def program(self, token: str | None = None, **headers: str) -> httpx2.Client:
        """Return a client, with the token of the main site unless another (or "") is given."""
        return program(self.address, self.main_token if token is None else token, **headers)

    def ask(self, path: str, token: str | None = None) -> httpx2.Response:
        """Return the answer to one question."""
        return ask(self.address, self.main_token if token is None else token, path)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small mall on SQLite; the clock stands half an hour after the second Tuesday's opening."""
    folder = tmp_path_factory.mktemp("mall")
    config = mall_config(f"sqlite:///{folder / 'footfall.db'}", folder)
    engine, clock = fill_mall(config), FakeClock(NOW)
    add_account(engine, Account("vera", "viewer", ("main",)), NOW)
    add_account(engine, Account("ada", "admin"), NOW)
    tokens = (add_token(engine, "vera", "till", None, NOW), add_token(engine, "ada", "", None, NOW))
    with serving(config, engine, clock) as address:
        yield Served(address, engine, config, clock, *tokens)
    engine.dispose()
