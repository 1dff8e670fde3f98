"""`footfall audits` as somebody at a terminal uses it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tests.integration.app.cli.conftest import RunCommand
from tests.integration.app.cli.test_commands import README, commands_of

SHEET = "time,direction,gender,age\n10:03:20,in,woman,35-54\n10:04:01,out,,\n"
WHERE = ("--entrance", "entrance", "--from", "10:00", "--to", "10:15", "--auditor", "Ann", "--day", "yesterday")


def test_a_sheet_is_imported_listed_exported_and_voided(footfall: RunCommand, workplace: Path) -> None:
    assert "nobody has counted by hand yet" in footfall("audits", "list").out
    (workplace / "bad.csv").write_text(f"{SHEET}10:05:00,up,,\n")
    (workplace / "sheet.csv").write_text(SHEET)
    [entrance] = json.loads(footfall("cameras", "list", "--json").out)
    where = tuple(entrance["entrance"] if word == "entrance" else word for word in WHERE)
    refused = footfall("audits", "import", "bad.csv", *where)
    assert refused.code == 2 and "line 4: direction 'up'" in refused.err and len(refused.err.splitlines()) == 1
    assert json.loads(footfall("audits", "list", "--json").out) == []
    for _ in range(2):  # the same sheet is the same audit
        assert "read 2 people" in footfall("audits", "import", "sheet.csv", *where).out
    [audit] = json.loads(footfall("audits", "list", "--json").out)
    assert (audit["auditor"], audit["by_hand"], audit["by_camera"]) == ("Ann", 2, 0)
    assert "watched only 0%" in audit["void"]
    rows = list(csv.DictReader(io.StringIO(footfall("audits", "export").out.lstrip("\ufeff"))))
    assert [row["direction"] for row in rows if row["row"] == "tap"] == ["in", "out"]
    assert {"comparison", "used"} < {row["row"] for row in rows}
    assert footfall("audits", "void", audit["uid"][:8], "--why", "called away").code == 0
    listed = footfall("audits", "list", COLUMNS="80").out
    assert "does not count: called away" in listed
    assert "…" not in listed and audit["uid"][:8] in listed and "10:00-10:15" in listed, (
        "a narrow terminal cuts nothing"
    )
    ended = footfall("audits", "end", audit["uid"][:8])
    assert ended.code == 2 and "this audit has ended" in ended.err and len(ended.err.splitlines()) == 1
    unknown = footfall("audits", "end", "zz")
    assert unknown.code == 2 and "no audit begins with 'zz'" in unknown.err
    unknown = footfall("audits", "void", "zz", "--why", "x")
    assert unknown.code == 2 and "no audit begins with 'zz'" in unknown.err


def test_an_entrance_that_is_not_there_is_named_with_those_that_are(footfall: RunCommand, workplace: Path) -> None:
    (workplace / "sheet.csv").write_text(SHEET)
    outcome = footfall("audits", "import", "sheet.csv", *(w if w != "entrance" else "West" for w in WHERE))
    assert outcome.code == 2 and "no entrance 'West'" in outcome.err and "there are: " in outcome.err


def test_every_command_of_audits_is_in_its_document(footfall: RunCommand) -> None:
    commands = commands_of(footfall("audits", "--help").out)
    assert {"list", "export", "import", "void", "end"} <= commands
    text = (README.parent / "docs" / "audits.md").read_text(encoding="utf-8")
    assert [command for command in sorted(commands) if f"footfall audits {command}" not in text] == []
