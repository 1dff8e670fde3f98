"""Accounts and events: what the dashboard's people change themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial

import pytest
from sqlalchemy import Engine

from db.events import Event, add_event, change_event, events, remove_events
from db.reading.selection import Selection
from db.session import reading
from db.store import Store
from db.users import (
    Account,
    Lockout,
    accounts,
    add_account,
    begin_attempt,
    end_attempt,
    find_account,
    remove_account,
    set_password_hash,
)
from footfall.errors import StoreError
from tests.conftest import FakeClock

LOCKOUT = Lockout(failures=3, minutes=15)
MARCH = Selection(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def anna(engine: Engine, store: Store, clock: FakeClock) -> Account:
    """A viewer of one mall."""
    account = Account("anna", "viewer", ("mall",), "hash")
    add_account(engine, account, clock())
    return account


def test_an_account_is_found_as_it_was_added(engine: Engine, anna: Account, clock: FakeClock) -> None:
    add_account(engine, Account("zoe", "admin"), clock())
    assert accounts(engine) == [anna, Account("zoe", "admin")]
    assert find_account(engine, "anna") == anna
    assert find_account(engine, "Anna") is None


def test_mistakes_about_accounts_are_told(engine: Engine, anna: Account, clock: FakeClock) -> None:
    with pytest.raises(StoreError, match="a user 'anna' already"):
        add_account(engine, anna, clock())
    with pytest.raises(StoreError, match="no site 'mal'"):
        add_account(engine, Account("bob", "viewer", ("mal",)), clock())
    with pytest.raises(StoreError, match="1 to 200 characters"):
        add_account(engine, Account(" ", "viewer"), clock())
    for change in (partial(remove_account, engine, "bob"), partial(set_password_hash, engine, "bob", "x")):
        with pytest.raises(StoreError, match="no user 'bob'"):
            change()
    remove_account(engine, "anna")
    assert accounts(engine) == []


def test_an_account_locks_after_failures_and_opens_again(engine: Engine, anna: Account, clock: FakeClock) -> None:
    assert [begin_attempt(engine, "anna", clock(), LOCKOUT) for _ in range(5)] == [True, True, True, False, False]
    clock.advance(minutes=14)
    assert not begin_attempt(engine, "anna", clock(), LOCKOUT)
    clock.advance(minutes=1)
    assert [begin_attempt(engine, "anna", clock(), LOCKOUT) for _ in range(4)] == [True, True, True, False]


def test_a_success_forgets_earlier_failures(engine: Engine, anna: Account, clock: FakeClock) -> None:
    for _ in range(6):
        assert begin_attempt(engine, "anna", clock(), LOCKOUT)
        end_attempt(engine, "anna")


def test_a_new_password_frees_a_locked_account(engine: Engine, anna: Account, clock: FakeClock) -> None:
    for _ in range(3):
        begin_attempt(engine, "anna", clock(), LOCKOUT)
    set_password_hash(engine, "anna", "new")
    found = find_account(engine, "anna")
    assert found is not None and found.password_hash == "new"
    assert begin_attempt(engine, "anna", clock(), LOCKOUT)


def test_attempts_at_the_same_moment_do_not_pass_the_limit(engine: Engine, anna: Account, clock: FakeClock) -> None:
    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(lambda _: begin_attempt(engine, "anna", clock(), LOCKOUT), range(16)))
    assert sum(allowed) == 3


def test_nobody_signs_in_under_an_unknown_name(engine: Engine, anna: Account, clock: FakeClock) -> None:
    assert not begin_attempt(engine, "bob", clock(), LOCKOUT)


def test_events_are_found_by_the_days_they_touch(engine: Engine, store: Store) -> None:
    sale = Event("mall", date(2026, 2, 27), date(2026, 3, 1), "Winter sale", "sale")
    first = add_event(engine, sale)
    add_event(engine, Event("night", date(2026, 3, 8), date(2026, 3, 8), "Día de la Mujer", "holiday"))
    add_event(engine, Event("mall", date(2026, 4, 1), date(2026, 4, 2), "later"))
    with reading(engine) as connection:
        assert events(connection, MARCH)["name"].tolist() == ["Winter sale", "Día de la Mujer"]
        assert events(connection, Selection(MARCH.first_day, MARCH.last_day, sites=("night",)))["kind"].tolist() == [
            "holiday"
        ]
    change_event(engine, first, Event("mall", date(2026, 3, 2), date(2026, 3, 3), "Spring sale", "sale"))
    remove_events(engine, [first + 1, 999])
    with reading(engine) as connection:
        assert events(connection, MARCH)[["name", "ends_on"]].values.tolist() == [["Spring sale", date(2026, 3, 3)]]


def test_mistakes_about_events_are_told(engine: Engine, store: Store) -> None:
    day = date(2026, 3, 2)
    with pytest.raises(StoreError, match="no site 'mal'"):
        add_event(engine, Event("mal", day, day, "x"))
    with pytest.raises(StoreError, match="needs a name"):
        add_event(engine, Event("mall", day, day, " "))
    with pytest.raises(StoreError, match="before it starts"):
        add_event(engine, Event("mall", day, date(2026, 3, 1), "x"))
    with pytest.raises(StoreError, match="removed meanwhile"):
        change_event(engine, 5, Event("mall", day, day, "x"))
