"""The commands and questions of docs/api.md, as a user types them: `footfall api` in its own process, asked by curl."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.launch import run
from app.cli import main
from db.session import open_database
from footfall.config import load_config
from footfall.errors import ConfigError
from tests.mall import fill_mall, mall_config
from tests.missing import missing
from tools.served import free_port

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"
STARTED_WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


class Office:
    """A folder with settings for the small mall, in which commands are typed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        url = f"sqlite:///{folder / 'footfall.db'}"
        fill_mall(mall_config(url, folder)).dispose()
        zone = 'time_zone = "Europe/Berlin"\nopening_hours = "09:00-12:00"'
        settings = f'database_url = "{url}"\n[sites.main]\n{zone}\n[sites.annex]\n{zone}\n[api]\nport = {self.port}\n'
        (folder / "footfall.toml").write_text(settings)

    def footfall(self, *words: str) -> Outcome:
        """Run a command to its end, in this process: starting another takes longer than most of them."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["footfall", *words])
            patch.setattr(sys, "excepthook", sys.excepthook)
            patch.setenv("FOOTFALL_NEW_PASSWORD", "long enough")
            patch.setenv("COLUMNS", "120")
            with pytest.raises(SystemExit) as ended:
                main()
        return Outcome(int(ended.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    if shutil.which("curl") is None:
        missing("no curl; `apt install curl`")
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def token(office: Office) -> str:
    """The token that the commands of the document make."""
    typed = re.findall(r"^    footfall (users (?:add|token) .*?)(?:  +#.*| #.*)?$", DOCUMENT.read_text(), re.MULTILINE)
    assert len(typed) == 2
    added, made = (office.footfall(*shlex.split(words)) for words in typed)
    assert (added.code, made.code) == (0, 0), added.err + made.err
    assert "not shown again" in made.err
    return made.out.strip()


@pytest.fixture(scope="module")
def running(office: Office, token: str) -> Iterator[str]:
    """The address of the program."""
    command = [sys.executable, "-c", "from app.cli import main; main()", "api"]
    environment = {**os.environ, "PYTHONPATH": str(DOCUMENT.parents[1])}
    process = subprocess.Popen(command, cwd=office.folder, env=environment)
    address = f"http://127.0.0.1:{office.port}"
    deadline = time.monotonic() + STARTED_WITHIN_S
    try:
        while subprocess.run(["curl", "-sf", f"{address}/healthz"], capture_output=True, check=False).returncode:
            assert process.poll() is None and time.monotonic() < deadline, "it did not start"
            time.sleep(0.1)  # nothing to wait on: the other process opens its port when it is ready
        yield address
    finally:
        process.terminate()
        process.wait(60)


def test_every_question_of_the_document_is_answered(running: str, token: str) -> None:
    typed = re.findall(r"^    (curl .*)$", DOCUMENT.read_text(), re.MULTILINE)
    assert len(typed) == 12
    for line in typed:
        environment = {**os.environ, "API": running, "TOKEN": token}
        script = line.replace("curl ", "curl -sS --fail-with-body ", 1)
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        if " -I " in line:
            assert "etag:" in done.stdout.lower()
        elif "/days?" in line:
            assert [day["came_in"] for day in json.loads(done.stdout)["items"]] == [None, 37]
        else:
            assert json.loads(done.stdout)


def test_tokens_are_listed_without_themselves_and_revoked(office: Office, running: str, token: str) -> None:
    made = office.footfall("users", "token", "till", "--json")
    other = json.loads(made.out)["token"]
    listed = json.loads(office.footfall("users", "tokens", "--json").out)
    assert [(one["user"], one["label"], one["holds"]) for one in listed] == [
        ("till", "cash desk", True), ("till", "", True),
    ]  # fmt: skip
    table = office.footfall("users", "tokens").out
    assert "cash desk" in table and token not in table and other not in table
    assert office.footfall("users", "revoke", str(listed[1]["number"])).code == 0
    asked = ["curl", "-s", "-o", "-", "-H", f"Authorization: Bearer {other}", f"{running}/v1/sites"]
    assert "revoked" in subprocess.run(asked, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["users", "token", "nobody"], "no user 'nobody'"),
        (["users", "revoke", "77"], "no token 77"),
        (["mqtt"], "no broker is named"),
    ],
)
def test_mistakes_are_one_line(office: Office, words: list[str], told: str) -> None:
    ended = office.footfall(*words)
    assert ended.code == 2 and ended.err.startswith("error: ") and told in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_port_that_is_taken_says_what_to_do(office: Office, running: str) -> None:
    del running
    config = load_config(office.folder / "footfall.toml")
    engine = open_database(config.database_url.get_secret_value())
    with pytest.raises(ConfigError, match="set another host or port"):
        run(config, engine)
    engine.dispose()
