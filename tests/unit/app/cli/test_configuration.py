"""`footfall config`: the settings of several files and the environment as one, and where each of them stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.root import app
from footfall.errors import ConfigError

FLEET = """
database_url = "postgresql://footfall:hush@db/footfall"
[sites.main]
opening_hours = "10:00-20:00"
[cameras.north-east]
source = "rtsp://10.0.1.11/hush"
max_fps = 10.0
"""


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a box, a shared file, and an environment that changes one setting and adds a password."""
    (tmp_path / "fleet.toml").write_text(FLEET, encoding="utf-8")
    path = tmp_path / "east.toml"
    path.write_text('include = ["fleet.toml"]\n[service]\nbox = "east"\n[visits]\nmin_hits = 4\n', encoding="utf-8")
    monkeypatch.setenv("FOOTFALL_CAMERAS__NORTH_EAST__PASSWORD", "hushhush")
    monkeypatch.setenv("FOOTFALL_CAMERAS__NORTH_EAST__MAX_FPS", "6")
    return path


def printed(*arguments: str | Path) -> str:
    """Return what a command printed after it ended well."""
    done = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_every_setting_is_shown_once_with_the_file_that_counts_and_no_secret(box: Path) -> None:
    rows = json.loads(printed("config", "show", "--json", "--config", box))
    places = {row["setting"]: (row["value"], row["stands_in"]) for row in rows}
    assert len(places) == len(rows)
    fleet = str(box.with_name("fleet.toml"))
    assert places["service.box"] == ("east", str(box))
    assert places["sites.main.opening_hours"] == ("10:00-20:00", fleet)
    assert places["cameras.north-east.max_fps"] == (6.0, "environment")
    assert places["cameras.north-east.password"][1] == "environment"
    text = printed("config", "show", "--config", box)
    assert f"# {box}\n" in text and "visits.min_hits = 4\n" in text
    assert "hush" not in text and "hush" not in json.dumps(rows)


def test_the_files_are_checked_as_one(box: Path) -> None:
    told = printed("config", "check", "--config", box)
    assert told == f"good: {box} with {box.with_name('fleet.toml')}; box: east, sites: main, cameras: north-east\n"
    box.write_text(box.read_text() + "[cameras.roof]\nsource = '1'\nsite = 'mian'\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"east\.toml: cameras\.roof\.site: no site 'mian'; did you mean 'main'"):
        printed("config", "check", "--config", box)


def test_init_does_not_replace_a_file_that_includes_others(box: Path) -> None:
    before = box.read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match=r"east\.toml includes .*fleet\.toml, which a new file would not"):
        printed("init", box, "--force", "--no-ask")
    assert box.read_text(encoding="utf-8") == before
