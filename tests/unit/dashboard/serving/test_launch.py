"""Where the server listens, and what it tells Streamlit."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from dashboard.accounts.users import add_user
from dashboard.serving.launch import is_loopback, listening_address, streamlit_options
from footfall.config import Config, DashboardConfig
from tests.mall import NOW


@pytest.fixture
def open_config(config: Config) -> Config:
    return config.model_copy(update={"dashboard": DashboardConfig(host="0.0.0.0")})


def test_without_users_it_listens_on_this_computer_only_and_says_why(mall: Engine, open_config: Config) -> None:
    host, reason = listening_address(mall, open_config)
    assert host == "127.0.0.1"
    assert "No user is configured" in reason
    assert "footfall users add" in reason
    options = streamlit_options(None, open_config, host, open_to_all=bool(reason))
    assert "localhost" in options["server.allowedHosts"]  # type: ignore[operator]


def test_with_a_user_it_listens_where_the_settings_say(mall: Engine, open_config: Config) -> None:
    add_user(mall, "ada", "a long enough password", "admin", [], NOW)
    assert listening_address(mall, open_config) == ("0.0.0.0", "")


def test_nothing_is_sent_to_anybody_and_secrets_lie_beside_the_settings(open_config: Config, tmp_path: Path) -> None:
    options = streamlit_options(tmp_path / "footfall.toml", open_config, "0.0.0.0", open_to_all=False)
    assert options["browser.gatherUsageStats"] is False
    assert options["secrets.files"] == [str(tmp_path / ".streamlit" / "secrets.toml")]


@pytest.mark.parametrize(("host", "expected"), [("127.0.0.1", True), ("::1", True), ("localhost", True)])
def test_loopback_addresses_are_known(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.4", "mall.example.org"])
def test_other_addresses_are_the_network(host: str) -> None:
    assert not is_loopback(host)
