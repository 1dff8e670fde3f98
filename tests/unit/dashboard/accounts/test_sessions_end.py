"""A session lives no longer than the credential that opened it, and the dashboard never opens itself again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, update

from dashboard.accounts.door import Door
from dashboard.accounts.users import add_user, change_password
from dashboard.serving.wiring import wire, wired
from db.models import AccessStateRow, UserRow
from db.session import writing
from db.users import remove_account
from tests.mall import NOW
from tests.unit.dashboard.accounts.test_access import PASSWORD, sign_in_form
from tests.unit.dashboard.conftest import OpenPage, texts


@pytest.fixture
def people(mall: Engine) -> Engine:
    """An administrator of everything and a viewer of the main mall."""
    add_user(mall, "ada", PASSWORD, "admin", [], NOW)
    add_user(mall, "vera", PASSWORD, "viewer", ["main"], NOW)
    return mall


def test_a_new_password_ends_the_sessions_that_the_old_one_opened(people: Engine, open_page: OpenPage) -> None:
    app = sign_in_form(open_page(), "vera", PASSWORD)
    assert app.metric
    change_password(people, "vera", "another long password")
    assert not app.run().metric
    assert sign_in_form(app, "vera", "another long password").metric


def test_a_name_added_again_does_not_inherit_the_session_of_the_removed_one(
    people: Engine, open_page: OpenPage
) -> None:
    app = sign_in_form(open_page(), "vera", PASSWORD)
    assert app.metric
    remove_account(people, "vera")
    add_user(people, "vera", PASSWORD, "admin", [], NOW + timedelta(minutes=1))
    assert not app.run().metric


def test_another_role_and_other_sites_take_effect_with_the_next_look(people: Engine, open_page: OpenPage) -> None:
    app = sign_in_form(open_page(), "vera", PASSWORD)
    _become(people, "vera", role="admin", sites=["annex"])
    assert "Signed in as **vera** (admin)" in texts(app.run())
    assert "Annex" in texts(app)
    _become(people, "vera", role="viewer", sites=["main"])
    assert "Signed in as **vera** (viewer)" in texts(app.run())
    assert "Annex" not in texts(app)


def test_removing_the_last_user_opens_nothing(mall: Engine, open_page: OpenPage) -> None:
    app = open_page()
    assert app.metric  # nobody ever had to sign in
    add_user(mall, "ada", PASSWORD, "admin", [], NOW)
    assert not app.run().metric
    remove_account(mall, "ada")
    assert not app.run().metric
    assert "The last user was removed" in texts(app) and "footfall users add" in texts(app)
    wire(replace(wired(), door=Door(open_at_start=True)))  # the database remembers, whatever the process believes
    assert not open_page().metric
    add_user(mall, "ada", PASSWORD, "admin", [], NOW)
    assert sign_in_form(app.run(), "ada", PASSWORD).metric


def test_a_database_that_lost_its_users_does_not_open_the_running_dashboard(mall: Engine, open_page: OpenPage) -> None:
    add_user(mall, "ada", PASSWORD, "admin", [], NOW)
    assert not open_page().metric
    with writing(mall) as connection:
        connection.execute(delete(UserRow))
        connection.execute(delete(AccessStateRow))
    assert not open_page().metric


def _become(engine: Engine, name: str, *, role: str, sites: list[str]) -> None:
    with writing(engine) as connection:
        connection.execute(update(UserRow).where(UserRow.name == name).values(role=role, sites=sites))
