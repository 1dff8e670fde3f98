"""Commands about cameras and machines as a technician types them: listed, retired, resumed, forgotten."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.integration.app.cli.conftest import RunCommand, Scene, read_json


def only_camera(footfall: RunCommand) -> dict[str, Any]:
    """Return what `footfall cameras list` says of the one camera there is."""
    listed: Any = read_json(footfall("cameras", "list", "--json"))
    assert len(listed) == 1
    return dict(listed[0])


def opening_hours(workplace: Path) -> list[tuple[str, str, str]]:
    """Return time zone, first day and hours of every version of every site's opening hours."""
    query = "SELECT time_zone, valid_from, hours FROM sites JOIN opening_hours ON site_id = sites.id"
    with closing(sqlite3.connect(workplace / "footfall.db")) as database:
        return database.execute(query).fetchall()


def test_a_camera_is_listed_retired_and_resumed(footfall: RunCommand, workplace: Path) -> None:
    assert footfall("users", "list").code == 0  # any command that reads the settings makes the camera known
    camera = only_camera(footfall)
    assert (camera["camera"], camera["retired_from"], camera["trouble"]) == ("entrance", None, "")
    retired = footfall("cameras", "retire", "entrance", "--from", "2026-04-01")
    assert retired.code == 0
    assert "still name it" in retired.err
    assert footfall("users", "list").code == 0
    assert only_camera(footfall)["retired_from"] == "2026-04-01"
    listed = footfall("cameras", "list", COLUMNS="80").out
    assert "2026-04-01" in listed and camera["since"] in listed and max(map(len, listed.splitlines())) <= 80
    assert footfall("cameras", "resume", "entrance").code == 0
    assert only_camera(footfall)["retired_from"] is None
    for mistake, word in (
        (("retire", "entrence", "--from", "2026-04-01"), "cameras list"),
        (("retire", "entrance", "--from", "soon"), "2026-03-28"),
        (("resume", "entrance"), "not retired"),
    ):
        refused = footfall("cameras", *mistake)
        assert (refused.code, word in refused.err, len(refused.err.strip().splitlines())) == (2, True, 1)


def test_machines_are_listed_with_what_they_disagree_about_and_forgotten(footfall: RunCommand, workplace: Path) -> None:
    for box, hours in (("east", "10:00-20:00"), ("west", "08:00-09:00")):
        told = {"FOOTFALL_SERVICE__BOX": box, "FOOTFALL_SITES__DEMO__OPENING_HOURS": hours}
        assert footfall("users", "list", **told).code == 0
    listed: Any = read_json(footfall("boxes", "list", "--json"))
    assert [(box["name"], list(box["cameras"])) for box in listed["boxes"]] == [
        ("east", ["entrance"]),
        ("west", ["entrance"]),
    ]
    assert "disagree about its opening hours" in listed["disagreements"][0]
    assert "east" in footfall("boxes", "list").out
    assert footfall("boxes", "forget", "west").code == 0
    assert read_json(footfall("boxes", "list", "--json"))["disagreements"] == []  # type: ignore[index]
    assert footfall("boxes", "forget", "west").code == 2


def test_processing_without_a_settings_file_changes_no_site_and_expects_no_camera(
    footfall: RunCommand, workplace: Path, scene: Scene
) -> None:
    settings = workplace / "footfall.toml"
    opened = settings.read_text(encoding="utf-8").replace("[sites.demo]", '[sites.demo]\nopening_hours = "10:00-20:00"')
    settings.write_text(opened, encoding="utf-8")
    assert footfall("users", "list").code == 0
    before = opening_hours(workplace)
    assert '"10:00-20:00"' in before[0][2]
    settings.unlink()
    database = {"FOOTFALL_DATABASE_URL": "sqlite:///footfall.db"}
    started = ("--started-at", "2026-03-28T09:00+00:00", "--yes")
    processed = footfall("process", scene.footage, "--camera", "side", *started, **database)
    assert processed.code == 0, processed.err
    assert opening_hours(workplace) == before
    listed: Any = read_json(footfall("cameras", "list", "--json", **database))
    assert {camera["camera"]: camera["expected"] for camera in listed} == {"entrance": True, "side": False}
    assert {camera["site"] for camera in listed} == {"demo"}
