"""`footfall report --pdf`, `footfall mail` and what doctor says of mails, as a technician calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.root import app
from app.notice_checks import mail_found, notices_found
from footfall.config import load_config
from footfall.errors import FootfallError
from tests.integration.notices.conftest import SECRET, Hook, Mailbox


@pytest.fixture
def folder(mall_database: str, mail_port: int, hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the settings of the small mall, its mail server and webhook."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "footfall.toml").write_text(
        f"""
database_url = "{mall_database}"
[sites.main]
time_zone = "Europe/Berlin"
opening_hours = "09:00-12:00"
[mail]
host = "127.0.0.1"
port = {mail_port}
security = "none"
sender = "footfall@mall.example"
[alerts]
webhook_url = "{hook.url}"
webhook_secret = "{SECRET}"
""",
        encoding="utf-8",
    )
    return tmp_path


def test_the_page_is_written_and_tests_reach_server_and_webhook(folder: Path, mailbox: Mailbox, hook: Hook) -> None:
    runner = CliRunner()
    done = runner.invoke(app, ["report", "--day", "2026-03-02", "--out", "day.pdf"])
    assert done.exit_code == 0, done.output
    assert (folder / "day.pdf").read_bytes().startswith(b"%PDF-")
    refused = runner.invoke(app, ["report", "--day", "2026-03-02", "--pdf", "--by", "hour"])
    assert isinstance(refused.exception, FootfallError)
    done = runner.invoke(app, ["mail", "test", "--to", "me@mall.example", "--webhook"])
    assert done.exit_code == 0, done.output
    assert mailbox.told == [("me@mall.example", "A test of mall-footfall")]
    assert json.loads(hook.calls[0][1])["type"] == "test"
    assert "nothing was told" in runner.invoke(app, ["mail", "list"]).output
    found, advice = mail_found(load_config(folder / "footfall.toml"))
    assert ("nobody gets mails" in found, "reports_to" in advice) == (True, True)
    assert notices_found(load_config(folder / "footfall.toml")) == ("0 sent in the last week", "")
