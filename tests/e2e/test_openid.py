"""Signing in through an organisation's provider, from the button to the numbers and out again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.accounts.users import add_user
from dashboard.wording import WORD_JOINER
from db.session import open_database
from db.users import remove_account
from tests.e2e.conftest import PATIENCE_MS, SERVE, Server, new_page
from tests.e2e.openid_provider import CLIENT_ID, CLIENT_SECRET, Resident, provided
from tests.mall import CAME_IN, DAY, NOW, fill_mall, mall_config
from tools.served import free_port, served

expect.set_options(timeout=PATIENCE_MS)
OLGA, OTTO, STRANGER = "olga@example.org", "otto@example.org", "stranger@example.org"
PAULA, ROSA, AMY = "paula@example.org", "rosa@example.org", "amy@example.org"
FORGER = Resident("forged@example.org", forged=True)
RESIDENTS = (
    Resident(OLGA),
    Resident(OTTO, email_verified=False),
    Resident(STRANGER),
    FORGER,
    Resident(PAULA),
    Resident(ROSA),
    Resident(AMY),
)
SECRETS = """
[auth]
redirect_uri = "{address}/oauth2callback"
cookie_secret = "a long random text for this test"
client_id = "{client_id}"
client_secret = "{client_secret}"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """A dashboard whose people sign in through a provider; all but the stranger have an account."""
    folder, port = tmp_path_factory.mktemp("openid"), free_port()
    config = mall_config(f"sqlite:///{folder / 'footfall.db'}", folder, port=port)
    engine = fill_mall(config)
    for email in (OLGA, OTTO, FORGER.email):
        add_user(engine, email, None, "viewer", ["main"], NOW)
    add_user(engine, ROSA, None, "viewer", ["main"], NOW)
    add_user(engine, AMY, None, "auditor", [], NOW)
    add_user(engine, PAULA, "correct horse battery", "admin", [], NOW)
    engine.dispose()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", SERVE, config.database_url.get_secret_value(), str(folder), str(port)]
    with provided(free_port(), RESIDENTS) as issuer, (folder / "server.log").open("w") as log:
        (folder / ".streamlit").mkdir()
        (folder / ".streamlit" / "secrets.toml").write_text(
            SECRETS.format(address=address, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, issuer=issuer)
        )
        with served(command, port, log):
            yield Server(address, config)


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    opened = new_page(browser)
    opened.goto(server.address)
    yield opened
    opened.context.close()


def as_shown(text: str) -> str:
    """Return how the pages write an address: with an invisible joiner, so that it does not become a link."""
    return text.replace("@", f"@{WORD_JOINER}")


def choose(page: Page, email: str) -> None:
    """Go to the provider and sign in there."""
    page.get_by_role("button", name="Sign in with your organisation").click()
    page.get_by_role("link", name=email).click()


def test_a_known_verified_address_gets_in_with_its_role_and_out_again(page: Page, server: Server) -> None:
    choose(page, OLGA)
    expect(page.get_by_text(as_shown(f"Signed in as {OLGA} (viewer)"))).to_be_visible()
    page.goto(f"{server.address}/?site=main&day={DAY.isoformat()}")
    came = page.get_by_test_id("stMetric").filter(has=page.get_by_text("Came in", exact=True))
    expect(came.get_by_test_id("stMetricValue")).to_have_text([str(CAME_IN)])
    page.goto(f"{server.address}/administration")
    expect(page.get_by_text("Only an administrator may do this")).to_be_visible()
    with page.expect_response(lambda response: "/auth/logout" in response.url):  # it takes the cookie away
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in with your organisation")).to_be_visible()
    page.goto(f"{server.address}/?site=main&day={DAY.isoformat()}")
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def test_an_auditor_of_the_provider_gets_the_page_to_count_on(page: Page, server: Server) -> None:
    with page.expect_response(lambda response: "/footfall/session" in response.url):
        choose(page, AMY)
    page.goto(f"{server.address}/footfall/audit")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()
    page.goto(server.address)
    with page.expect_response(lambda response: "/auth/logout" in response.url):
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in with your organisation")).to_be_visible()
    page.goto(f"{server.address}/footfall/audit")
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def test_an_address_without_an_account_is_refused_and_may_try_another(page: Page) -> None:
    choose(page, STRANGER)
    expect(page.get_by_text(as_shown(f"{STRANGER} may not sign in here"))).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)
    page.get_by_role("button", name="Use another account").click()
    choose(page, OLGA)
    expect(page.get_by_text(as_shown(f"Signed in as {OLGA} (viewer)"))).to_be_visible()


def test_an_address_that_the_provider_did_not_verify_is_refused(page: Page) -> None:
    choose(page, OTTO)
    expect(page.get_by_text("has not verified that the address")).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def test_a_token_that_somebody_else_signed_is_refused(page: Page) -> None:
    choose(page, FORGER.email)
    expect(page.get_by_role("button", name="Sign in with your organisation")).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def test_an_account_with_a_password_is_not_opened_by_the_same_address_at_the_provider(page: Page) -> None:
    choose(page, PAULA)
    expect(page.get_by_text(as_shown(f"{PAULA} may not sign in here"))).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def test_a_removed_name_that_is_added_again_does_not_inherit_the_sign_in(page: Page, server: Server) -> None:
    choose(page, ROSA)
    expect(page.get_by_text(as_shown(f"Signed in as {ROSA} (viewer)"))).to_be_visible()
    engine = open_database(server.config.database_url.get_secret_value())
    remove_account(engine, ROSA)
    page.reload()
    expect(page.get_by_text(as_shown(f"{ROSA} may not sign in here"))).to_be_visible()
    add_user(engine, ROSA, None, "admin", [], datetime.now(UTC) + timedelta(minutes=1))
    engine.dispose()
    page.reload()
    expect(page.get_by_text(as_shown(f"{ROSA} may not sign in here"))).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)
