"""What the commands print and what they store holds no part of a camera's or the database's password."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from footfall.types import Outage
from ingest.live.checkpoint import SUFFIX, Checkpoint, write_checkpoint
from ingest.spooling.records import plain_reason
from tools.served import free_port

SECRETS = ("geheim77", "eim77", "5xZ8kQbYtW3hM2nL", "ssw0rd")
SETTINGS = """
[cameras.one]
source = "rtsp://admin:geh?eim77@127.0.0.1:{port}/stream"
[cameras.two]
source = "http://127.0.0.1:{port}/videostream.cgi?loginuse=admin&loginpas=geheim77"
[cameras.three]
source = "rtsp://127.0.0.1:{port}/user=admin_password=geheim77_channel=1_stream=0.sdp"
[cameras.four]
source = "rtsp://127.0.0.1:{port}/5xZ8kQbYtW3hM2nL"
[cameras.five]
source = "rtsp://admin:geheim77#@127.0.0.1:{port}/x"
[service]
http_port = {http_port}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five cameras that do not answer, with a password in each of the places where cameras take one."""
    text = SETTINGS.format(port=free_port(), http_port=free_port())
    (tmp_path / "footfall.toml").write_text(text, encoding="utf-8")
    return tmp_path


def footfall(folder: Path, *arguments: str, **environment: str) -> str:
    """Run a command and return everything it printed."""
    done = subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[4]), "COLUMNS": "400", **environment},
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("command", [("cameras", "check"), ("cameras", "check", "--json"), ("doctor",)])
def test_cameras_that_do_not_answer_are_named_without_their_passwords(folder: Path, command: tuple[str, ...]) -> None:
    printed = footfall(folder, *command)
    assert all(name in printed for name in ("one", "two", "three", "four", "five"))
    assert "the host is not clear" in printed and "http://127.0.0.1:" in printed
    assert not [secret for secret in SECRETS if secret in printed]


def test_what_an_older_version_left_behind_is_masked_when_it_is_shown(folder: Path) -> None:
    (folder / "spool").mkdir()
    reason = "http://127.0.0.1/videostream.cgi?loginuse=admin&loginpas=geheim77: nothing listens; then no answer"
    outage = Outage(uuid4(), "two", datetime.now(UTC), None, reason)
    write_checkpoint(folder / "spool" / f"two{SUFFIX}", Checkpoint(outage=outage))
    for printed in (footfall(folder, "status"), footfall(folder, "status", "--json")):
        assert "nothing listens" in printed and "geheim77" not in printed


def test_the_reason_of_an_outage_holds_no_address() -> None:
    told = plain_reason("the stream broke: OSError: [Errno 5] rtsp://admin:geh?eim77@127.0.0.1:5599/stream")
    assert told == "the stream broke: OSError: [Errno 5] rtsp://***"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anna:p@ssw0rd@127.0.0.1:1/footfall",
        "postgresql://anna:p@/ssw0rd@127.0.0.1:1/footfall",
        "postgresql://anna:p@?ssw0rd@127.0.0.1:1/footfall",
        "postgresql://anna:p%40ssw0rd@127.0.0.1:1/footfall",
        "postgresql://127.0.0.1:1/footfall?user=anna&sslpassword=ssw0rd",
        "postgresql://127.0.0.1:1/footfall?unheard_of=ssw0rd",
        "postgresql://127.0.0.1:1/footfall?sslmode=ssw0rd",
        "postgresql://anna:ssw0rd@127.0.0.1:notaport/footfall",
    ],
)
def test_a_database_that_does_not_answer_is_named_without_its_password(folder: Path, url: str) -> None:
    printed = footfall(folder, "users", "list", FOOTFALL_DATABASE_URL=url)
    assert "error: " in printed and "Traceback" not in printed
    assert not [part for part in ("ssw0rd", "0rd") if part in printed]
