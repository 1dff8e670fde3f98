"""A way to the server that stays open while nothing gets through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from db.session import make_engine, reading
from footfall.errors import StoreError
from tests.integration.reliability.proxy import CutProxy


@pytest.fixture
def engine(proxy: CutProxy) -> Iterator[Engine]:
    """An engine behind the proxy that waits for an answer for two seconds."""
    made = make_engine(proxy.url, answer_within_s=2.0)
    yield made
    made.dispose()


def ask(engine: Engine, statement: str) -> object:
    with reading(engine) as connection:
        return connection.execute(text(statement)).scalar_one()


def test_a_connection_that_stays_open_and_deaf_is_given_up_and_the_next_one_works(
    proxy: CutProxy, engine: Engine
) -> None:
    with pytest.raises(StoreError, match=r"cannot be reached \(no answer within 2 s"), reading(engine) as connection:
        connection.execute(text("SELECT 1"))
        proxy.swallow()
        connection.execute(text("SELECT 1"))
    proxy.mend()
    assert ask(engine, "SELECT 7") == 7


def test_a_connection_that_went_deaf_in_the_pool_is_replaced_when_it_is_next_used(
    proxy: CutProxy, engine: Engine
) -> None:
    assert ask(engine, "SELECT 1") == 1
    proxy.swallow()
    proxy.mend()
    assert ask(engine, "SELECT 7") == 7
