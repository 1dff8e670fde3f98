"""Where the server listens, and what it tells Streamlit."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from dashboard.accounts.users import add_user
from dashboard.serving.launch import Listening, choose_listening, is_loopback, streamlit_options
from db.users import remove_account
from footfall.config import Config
from footfall.config_services import DashboardConfig
from tests.mall import NOW


@pytest.fixture
def open_config(config: Config) -> Config:
    return config.model_copy(update={"dashboard": DashboardConfig(host="0.0.0.0")})


def test_without_users_it_listens_on_this_computer_only_and_says_why(mall: Engine, open_config: Config) -> None:
    found = choose_listening(mall, open_config)
    assert (found.host, found.open_to_all) == ("127.0.0.1", True)
    assert "No user is configured" in found.warning
    assert "footfall users add" in found.warning
    options = streamlit_options(None, open_config, found.host, open_to_all=found.open_to_all)
    assert "localhost" in options["server.allowedHosts"]  # type: ignore[operator]


def test_with_a_user_it_listens_where_the_settings_say(mall: Engine, open_config: Config) -> None:
    add_user(mall, "ada", "a long enough password", "admin", [], NOW)
    assert choose_listening(mall, open_config) == Listening("0.0.0.0")


def test_after_the_last_user_it_is_open_to_nobody_and_says_so(mall: Engine, open_config: Config) -> None:
    add_user(mall, "ada", "a long enough password", "admin", [], NOW)
    remove_account(mall, "ada")
    found = choose_listening(mall, open_config)
    assert (found.host, found.open_to_all) == ("0.0.0.0", False)
    assert "The last user was removed" in found.warning and "footfall users add" in found.warning


def test_nothing_is_sent_to_anybody_and_secrets_lie_beside_the_settings(open_config: Config, tmp_path: Path) -> None:
    options = streamlit_options(tmp_path / "footfall.toml", open_config, "0.0.0.0", open_to_all=False)
    assert options["browser.gatherUsageStats"] is False
    assert options["secrets.files"] == [str(tmp_path / ".streamlit" / "secrets.toml")]


def test_no_script_is_parsed_into_a_tree_which_two_visitors_at_once_may_break(open_config: Config) -> None:
    assert streamlit_options(None, open_config, "0.0.0.0", open_to_all=False)["runner.magicEnabled"] is False


@pytest.mark.parametrize(("host", "expected"), [("127.0.0.1", True), ("::1", True), ("localhost", True)])
def test_loopback_addresses_are_known(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.4", "mall.example.org"])
def test_other_addresses_are_the_network(host: str) -> None:
    assert not is_loopback(host)
