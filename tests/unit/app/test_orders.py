"""What is to be counted, as it is written in a manifest or on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.orders import Order, in_a_row, orders_of, read_manifest
from footfall.errors import ConfigError

BERLIN = ZoneInfo("Europe/Berlin")


def manifest(folder: Path, text: str) -> Path:
    """Write a manifest."""
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_manifest_names_days_and_cameras_of_several_sites_in_their_own_times(tmp_path: Path) -> None:
    text = (
        "file,camera,started_at\na.mp4,north,2026-03-28T09:00\n\ns3://b/c.mp4,bar,2026-03-28T09:00\n/x/d.mp4,north,\n"
    )
    asked = read_manifest(manifest(tmp_path, text))
    orders = orders_of(asked, {"north": BERLIN, "bar": ZoneInfo("America/Santiago")}, follow=False)
    assert orders == [
        Order(str(tmp_path / "a.mp4"), "north", datetime(2026, 3, 28, 8, tzinfo=UTC)),
        Order("s3://b/c.mp4", "bar", datetime(2026, 3, 28, 12, tzinfo=UTC)),
        Order("/x/d.mp4", "north"),
    ]


def test_a_manifest_of_a_spreadsheet_without_beginnings_is_read(tmp_path: Path) -> None:
    asked = read_manifest(manifest(tmp_path, "\ufeffcamera;file\nnorth;a.mp4\n"))
    assert orders_of(asked, {"north": BERLIN}, follow=False) == [Order(str(tmp_path / "a.mp4"), "north")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("file,started_at\na.mp4,2026-03-28\n", "columns file, camera and started_at"),
        ("file,camera,start\na.mp4,north,2026-03-28\n", "columns file, camera and started_at"),
        ("file,camera\na.mp4,\n,north\n", "line 2 has no camera; line 3 has no file"),
        ("file,camera\na.mp4,north\nb.mp4,north\na.mp4,north\n", "line 4 names the file of line 2 again"),
        ("file,camera\n", "no line below its header"),
    ],
)
def test_a_wrong_manifest_is_refused_and_the_lines_are_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read_manifest(manifest(tmp_path, text))


def test_a_wrong_moment_is_named_with_its_line(tmp_path: Path) -> None:
    asked = read_manifest(manifest(tmp_path, "file,camera,started_at\na.mp4,north,yesterday\n"))
    with pytest.raises(ConfigError, match=r"list\.csv line 2: started_at 'yesterday' is no date and time"):
        orders_of(asked, {"north": BERLIN}, follow=False)


def test_files_of_the_command_line_follow_one_another_camera_by_camera() -> None:
    asked = in_a_row(["a", "b", "c"], ["north", "south", "north"], "2026-03-28T09:00")
    nine = datetime(2026, 3, 28, 8, tzinfo=UTC)
    assert orders_of(asked, {"north": BERLIN, "south": BERLIN}, follow=True) == [
        Order("a", "north", nine),
        Order("b", "south", nine),
        Order("c", "north", None, follows=True),
    ]
    unsaid = orders_of(in_a_row(["a", "b"], ["north", "north"], ""), {"north": BERLIN}, follow=True)
    assert unsaid == [Order("a", "north"), Order("b", "north")]
