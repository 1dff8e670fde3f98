"""A printed sheet in a CSV: read as a whole, or refused with the lines that are wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.sheets import Sheet, read_sheet
from footfall.errors import ConfigError

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
SHEET = Sheet("main", "North", "", "Ann", "2026-03-02", ("10:00", "10:15"))


def sheet_of(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "sheet.csv"
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def test_a_sheet_becomes_an_audit_in_the_order_of_its_times(tmp_path: Path) -> None:
    path = sheet_of(tmp_path, "Time;Direction;Gender;Age", "10:04:01;OUT;;", "", "10:03:20;in;;")
    audit, taps = read_sheet(path, SHEET, BERLIN, NOW)
    assert audit.started_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert (audit.source, audit.precision_s) == ("sheet", 1)
    assert [tap.kind for tap in taps] == ["in", "out"]
    assert taps[0].tapped_at == datetime(2026, 3, 2, 9, 3, 20, tzinfo=UTC)
    again, _ = read_sheet(path, SHEET, BERLIN, NOW)
    assert again.uid == audit.uid


def test_times_without_seconds_stand_for_a_minute(tmp_path: Path) -> None:
    audit, taps = read_sheet(sheet_of(tmp_path, "time,direction", "10:04,in"), SHEET, BERLIN, NOW)
    assert audit.precision_s == 60
    assert taps[0].gender is None


def test_words_of_a_person_are_understood(tmp_path: Path) -> None:
    path = sheet_of(tmp_path, "time,direction,gender,age", "10:04:00,i,W,55+", "10:04:01,o,man,18–34")
    _, taps = read_sheet(path, SHEET, BERLIN, NOW)
    assert [(tap.kind, tap.gender, tap.age_group) for tap in taps] == [
        ("in", "female", "55+"),
        ("out", "male", "18-34"),
    ]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("time,direction", "10:04,in", "25:00,in"), "line 3: time '25:00' is no time"),
        (("time,direction", "10:15,in"), "line 2: time '10:15' is not within"),
        (("time,direction", "10:04,left", "10:05,in", "x,in"), "line 2: direction 'left'.*; line 4: time 'x'"),
        (("time,direction,age", "10:04,in,30"), "line 2: age '30' is not 0-17, 18-34"),
        (("time,direction,gender", "10:04,in,x"), "line 2: gender 'x'"),
        (("time,direction", *["10:04,up"] * 7), "and 2 more; nothing was stored"),
        (("when,direction", "10:04,in"), "line 1 must name the columns"),
        (("time,direction",), "holds nobody"),
        ((), "line 1 must name"),
    ],
)
def test_mistakes_are_named_by_their_line(tmp_path: Path, lines: tuple[str, ...], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_sheet(sheet_of(tmp_path, *lines), SHEET, BERLIN, NOW)


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (Sheet("main", "North", "", "", "2026-03-02", ("10:00", "10:15")), "--auditor"),
        (Sheet("main", "North", "", "Ann", "2026-03-02", ("10:15", "10:00")), "--to must come after"),
        (Sheet("main", "North", "", "Ann", "2026-03-03", ("11:00", "11:15")), "lie in the past"),
        (Sheet("main", "North", "", "Ann", "2026-02-30", ("10:00", "10:15")), "not a day"),
        (Sheet("main", "North", "", "Ann", "2026-03-02", ("ten", "10:15")), "--from 'ten' is no time"),
    ],
)
def test_mistakes_of_the_command_line_are_told(tmp_path: Path, sheet: Sheet, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_sheet(sheet_of(tmp_path, "time,direction", "10:04,in"), sheet, BERLIN, NOW)


def test_files_that_are_no_sheets_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_sheet(tmp_path / "absent.csv", SHEET, BERLIN, NOW)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00time")
    with pytest.raises(ConfigError, match="not text in UTF-8"):
        read_sheet(tmp_path / "binary.csv", SHEET, BERLIN, NOW)
    (tmp_path / "large.csv").write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(ConfigError, match="more than 1 MiB"):
        read_sheet(tmp_path / "large.csv", SHEET, BERLIN, NOW)
