"""`footfall init` in a terminal: questions, answers checked at once, a file that the program takes."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from footfall.config import load_config
from tests.integration.ingest.http_camera import served_by
from tests.integration.ingest.test_stream import PASSWORD, USER, MjpegCamera
from tests.missing import missing

FOOTFALL = [sys.executable, "-c", "from app.cli import main; main()"]


Typed = tuple[str, str]  # what is asked, as far as it needs, and the answer


def in_a_terminal(folder: Path, *answers: Typed) -> str:
    """Run `footfall init` in a terminal of its own and answer each question when it comes; return what was shown."""
    if shutil.which("script") is None:
        missing("no `script`, which gives a program a terminal; `apt install bsdutils` brings one")
    command = ["script", "-qec", shlex.join([*FOOTFALL, "init"]), "/dev/null"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[4]), "TERM": "dumb"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder, env=environment, bufsize=0
    ) as asking:
        assert asking.stdin is not None and asking.stdout is not None
        shown, seen = "", 0
        for question, answer in answers:
            while question not in shown[seen:]:
                part = asking.stdout.read(4096)
                assert part, f"{question!r} was not asked: {shown}"
                shown += part.decode("utf-8", "replace")
            seen = len(shown)
            asking.stdin.write(f"{answer}\n".encode())
        shown += asking.stdout.read().decode("utf-8", "replace")
    assert asking.returncode == 0, shown
    return shown


def test_a_terminal_is_asked_and_each_answer_checked_at_once(tmp_path: Path) -> None:
    with served_by(MjpegCamera) as url:
        shown = in_a_terminal(
            tmp_path,
            ("Name of the mall", "Gallery “Süd”"),
            ("Time zone", "Europe/Belin"),
            ("Time zone", "Europe/Berlin"),
            ("Opening hours", "9-21"),
            ("Opening hours", "10:00-20:00"),
            ("first camera", f"{url}/video"),
            ("short name", "Gate 1"),
            ("short name", "gate-1"),
            ("entrance", "Main gate"),
            ("User name", USER),
            ("Password: ", "wrong-pass"),
            ("Keep it", "n"),
            ("first camera", f"{url}/video"),
            ("short name", "gate-1"),
            ("entrance", "Main gate"),
            ("User name", USER),
            ("Password: ", PASSWORD),
            ("next camera", "rtsp://127.0.0.1:9/x"),
            ("short name", "south"),
            ("entrance", ""),
            ("User name", ""),
            ("Keep it", "y"),
            ("next camera", ""),
        )
    assert "did you mean 'Europe/Berlin'" in shown
    assert "is not like '09:00-21:00'" in shown
    assert "A name is made of" in shown
    assert "user name or password refused" in shown
    assert "it answers: 320x180" in shown
    assert "nothing listens" in shown
    assert "FOOTFALL_CAMERAS__GATE_1__PASSWORD" in shown
    text = (tmp_path / "footfall.toml").read_text(encoding="utf-8")
    assert PASSWORD not in text + shown and "# Counting line" in text
    config = load_config(tmp_path / "footfall.toml")
    site = config.sites["main"]
    assert (site.label, site.time_zone, site.opening_hours) == ("Gallery “Süd”", "Europe/Berlin", "10:00-20:00")
    assert {name: (one.entrance, one.username) for name, one in config.cameras.items()} == {
        "gate-1": ("Main gate", USER),
        "south": ("South", ""),
    }


def test_without_a_camera_the_example_stays_switched_off(tmp_path: Path) -> None:
    in_a_terminal(
        tmp_path,
        ("Name", ""),
        ("Time zone", "Europe/Berlin"),
        ("Opening", ""),
        ("first camera", "http://u:letmein@h/"),
        ("first camera", ""),
    )
    text = (tmp_path / "footfall.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["cameras"]["north"]["enabled"] is False
    assert "letmein" not in text  # an address with a password is asked for again
