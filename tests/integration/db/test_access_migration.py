"""Upgrading to migration 0007: users are remembered, and what earlier versions wrote about outages is masked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Engine, select

from db import migration
from db.models import OutageRow
from db.session import reading, upgrade, writing
from db.store import Store
from db.users import Account, add_account, had_users, remove_account
from footfall.types import Outage
from tests.conftest import FakeClock

Before = Callable[[], None]


@pytest.fixture
def before(engine: Engine) -> Before:
    """Return a function that takes the database back to how the version before left it."""

    def taken_back() -> None:
        with writing(engine) as connection:
            config = migration.alembic_config()
            config.attributes["connection"] = connection
            command.downgrade(config, "0006")

    return taken_back


def test_a_database_with_users_is_one_that_had_some(
    engine: Engine, database_url: str, clock: FakeClock, before: Before
) -> None:
    assert not had_users(engine)
    add_account(engine, Account("anna", "admin"), clock())
    before()
    upgrade(database_url)
    assert had_users(engine)
    remove_account(engine, "anna")
    assert had_users(engine)


def test_a_database_without_users_never_had_any(engine: Engine, database_url: str, before: Before) -> None:
    before()
    upgrade(database_url)
    assert not had_users(engine)


def test_passwords_in_the_reasons_of_old_outages_are_masked(
    engine: Engine, database_url: str, store: Store, clock: FakeClock, before: Before
) -> None:
    reasons = (
        "rtsp://admin:geh?eim77@10.0.0.5:554/stream: nothing listens at that address and port",
        "http://cam/videostream.cgi?loginuse=admin&loginpas=geheim77: the server refused",
        "the program was not running",
    )
    began = clock()
    outages = [Outage(uuid4(), "north", began, began + timedelta(hours=1), reason) for reason in reasons]
    store.save_outages(outages)
    before()
    upgrade(database_url)
    with reading(engine) as connection:
        kept = sorted(connection.execute(select(OutageRow.reason)).scalars())
    assert "eim77" not in "".join(kept)
    assert kept[0].startswith("http://***") and kept[1].startswith("rtsp://***") and kept[2] == reasons[2]
