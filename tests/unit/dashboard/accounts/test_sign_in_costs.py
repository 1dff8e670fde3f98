"""What an attempt to sign in costs: the same for every name, and never the memory of many hashes at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, event

from dashboard.accounts import passwords, users
from dashboard.accounts.hashing_queue import BusyError, HashingQueue
from dashboard.accounts.users import add_user, sign_in
from db.users import Lockout
from tests.mall import NOW
from tests.unit.dashboard.accounts.test_access import PASSWORD, sign_in_form
from tests.unit.dashboard.conftest import OpenPage, texts

MANY = 25


@pytest.fixture
def people(mall: Engine) -> Engine:
    add_user(mall, "vera", PASSWORD, "viewer", ["main"], NOW)
    add_user(mall, "olga@example.org", None, "viewer", [], NOW)
    return mall


def test_every_attempt_costs_the_same_whatever_the_name_and_the_length(
    people: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[int] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            verified.append(len(password))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", cache(Counting))
    costs = set()
    for name in ("vera", "nobody", "olga@example.org", "n" * 10_000, "nul\0"):
        for password in ("wrong", "x" * 600, "x" * 600_000):
            verified.clear()
            with rows_written(people) as written:
                assert sign_in(people, name, password, Lockout(failures=2, minutes=15), NOW) is None
            assert max(verified) <= passwords.LONGEST_PASSWORD
            costs.add((len(verified), min(sum(written), 1)))
    assert costs == {(1, 1)}


def test_of_a_flood_of_sign_ins_few_hash_and_the_rest_is_refused() -> None:
    queue, refused, finish = HashingQueue(at_once=2, waiting=0), threading.Semaphore(0), threading.Event()

    def attempt() -> bool:
        try:
            with queue.turn():
                finish.wait()
                return True
        except BusyError:
            refused.release()
            return False

    with ThreadPoolExecutor(MANY) as pool:
        attempts = [pool.submit(attempt) for _ in range(MANY)]
        for _ in range(MANY - 2):
            refused.acquire()
        finish.set()
    assert sum(done.result() for done in attempts) == 2
    with queue.turn():
        assert attempt()  # every place was given back


def test_who_is_refused_in_a_flood_is_told_to_try_again_and_not_counted(
    people: Engine, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = HashingQueue(at_once=1, waiting=0)
    monkeypatch.setattr(users, "hashing_queue", lambda: queue)
    app = open_page()
    with queue.turn():
        for _ in range(5):  # more than lock an account
            sign_in_form(app, "vera", PASSWORD)
            assert "Try again in a few seconds" in texts(app)
    assert sign_in_form(app, "vera", PASSWORD).metric


@contextmanager
def rows_written(engine: Engine) -> Iterator[list[int]]:
    """Give a list to which every UPDATE adds the number of rows that it changed."""
    changed: list[int] = []

    def after(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE"):
            changed.append(cursor.rowcount)

    event.listen(engine, "after_cursor_execute", after)
    yield changed
    event.remove(engine, "after_cursor_execute", after)
