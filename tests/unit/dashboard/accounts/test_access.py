"""Who gets in, what they may see, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from dashboard.accounts.door import Door
from dashboard.accounts.person import AccessDeniedError, Person
from dashboard.accounts.sessions import Holder, Sessions
from dashboard.accounts.users import add_user, change_password, sign_in
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.serving.wiring import wire, wired
from db.users import Lockout, remove_account
from footfall.errors import ConfigError
from tests.conftest import FakeClock
from tests.mall import DAY, NOW
from tests.unit.dashboard.conftest import OpenPage, texts

PASSWORD = "correct horse battery"
VIEWER = Person("vera", "viewer", ("main",))


@pytest.fixture
def people(mall: Engine) -> Engine:
    """An administrator of everything and a viewer of the main mall."""
    add_user(mall, "ada", PASSWORD, "admin", [], NOW)
    add_user(mall, "vera", PASSWORD, "viewer", ["main"], NOW)
    return mall


def sign_in_form(app: AppTest, name: str, password: str) -> AppTest:
    app.text_input[0].set_value(name)
    app.text_input[1].set_value(password)
    app.button[0].click().run()
    return app


def test_the_form_lets_in_with_the_right_password_only(people: Engine, open_page: OpenPage) -> None:
    app = open_page()
    assert not app.metric
    assert "Name or password is wrong" in texts(sign_in_form(app, "vera", "wrong password"))
    assert not app.metric
    sign_in_form(app, "vera", PASSWORD)
    assert app.metric
    assert "Signed in as **vera** (viewer)" in texts(app)
    app.button(key="sign-out").click().run()
    assert not app.metric


def test_a_session_expires_and_a_removed_user_is_out_at_once(
    people: Engine, open_page: OpenPage, mall_clock: FakeClock
) -> None:
    app = sign_in_form(open_page(), "vera", PASSWORD)
    mall_clock.advance(hours=12, seconds=1)
    app.run()
    assert not app.metric
    sign_in_form(app, "vera", PASSWORD)
    assert app.metric
    remove_account(people, "vera")
    app.run()
    assert not app.metric


def test_too_many_failures_lock_the_account_for_a_while(people: Engine) -> None:
    lockout = Lockout(failures=3, minutes=15)
    for _ in range(3):
        assert sign_in(people, "vera", "guess", lockout, NOW) is None
    assert sign_in(people, "vera", PASSWORD, lockout, NOW) is None
    assert sign_in(people, "vera", PASSWORD, lockout, NOW + timedelta(minutes=14)) is None
    assert sign_in(people, "vera", PASSWORD, lockout, NOW + timedelta(minutes=15, seconds=1)) is not None
    change_password(people, "vera", "another long password")
    assert sign_in(people, "vera", "another long password", lockout, NOW) is not None


def test_a_user_without_password_or_unknown_is_refused(people: Engine) -> None:
    add_user(people, "olga@example.org", None, "viewer", [], NOW)
    for name in ("olga@example.org", "nobody", ""):
        assert sign_in(people, name, "", Lockout(3, 15), NOW) is None


def test_a_short_password_is_refused_before_anything_is_stored(mall: Engine) -> None:
    with pytest.raises(ConfigError, match="10 to 512 characters"):
        add_user(mall, "ben", "short", "viewer", [], NOW)


def test_a_viewer_sees_neither_other_sites_nor_administration(people: Engine, open_page: OpenPage) -> None:
    app = sign_in_form(open_page(), "vera", PASSWORD)
    assert [box.label for box in app.sidebar.selectbox] == []
    app.switch_page("../views/administration.py").run()
    assert "Only an administrator may do this" in texts(app)
    assert not app.dataframe
    app.switch_page("../views/reports.py").run()
    assert "write-again" not in [button.key for button in app.button]


def test_a_site_that_may_not_be_seen_is_refused_in_the_address(people: Engine, open_page: OpenPage) -> None:
    refused = sign_in_form(open_page(site="annex", day=DAY.isoformat()), "vera", PASSWORD)
    missing = sign_in_form(open_page(site="nowhere", day=DAY.isoformat()), "vera", PASSWORD)
    for app in (refused, missing):
        assert "You have no access to a site" in texts(app)
        assert not app.metric


def test_the_reader_checks_the_site_by_itself(people: Engine) -> None:
    annex = next(site for site in visible_sites(Person("ada", "admin")) if site.name == "annex")
    assert [site.name for site in visible_sites(VIEWER)] == ["main"]
    with pytest.raises(AccessDeniedError):
        Reader(VIEWER, annex)
    allowed = Reader(Person("ada", "admin"), annex)
    assert allowed.daily(DAY, DAY, ("day",))["visits"].sum() == 7


def test_without_users_a_server_that_the_network_reaches_shows_nothing(mall: Engine, open_page: OpenPage) -> None:
    wire(replace(wired(), door=Door(open_at_start=False)))
    app = open_page()
    assert "No user is configured" in texts(app)
    assert not app.metric


def test_tokens_are_random_expire_and_tickets_work_once(mall_clock: FakeClock) -> None:
    sessions = Sessions(timedelta(hours=1), mall_clock)
    vera = Holder("vera", "one credential")
    one, other = sessions.open(vera), sessions.open(vera)
    assert one != other
    ticket = sessions.ticket(one)
    assert sessions.redeem(ticket) == one
    assert sessions.redeem(ticket) is None
    late = sessions.ticket(one)
    mall_clock.advance(minutes=2)
    assert sessions.redeem(late) is None
    sessions.close(one)
    assert (sessions.holder_of(one), sessions.holder_of(other)) == (None, vera)
    mall_clock.advance(hours=1)
    assert sessions.holder_of(other) is None
