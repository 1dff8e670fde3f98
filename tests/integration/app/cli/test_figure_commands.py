"""`footfall sales`, `staff-hours` and `weather` as somebody at a terminal uses them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.integration.app.cli.conftest import RunCommand
from tests.integration.app.cli.test_commands import README, commands_of

DAY = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
TILL = f"Date;Net;Tickets\n{DAY} 09:00;1.204,50;12\n"


def test_a_till_file_is_checked_imported_listed_exported_and_removed(footfall: RunCommand, workplace: Path) -> None:
    (workplace / "till.csv").write_text(TILL, encoding="utf-8-sig")
    (workplace / "bad.csv").write_text(f"{TILL}{DAY} 10:00;x;1\n")
    footfall("cameras", "list")  # the database learns of the site
    refused = footfall("sales", "import", "bad.csv")
    assert refused.code == 2 and "bad.csv: line 3: 'x' is no number; nothing was stored" in refused.err
    assert len(refused.err.splitlines()) == 1
    checked = footfall("sales", "import", "till.csv", "--map", "Net=sales", "--check").out
    assert "12 transactions, sales of 1,204.50" in checked and "nothing was stored" in checked
    assert "1 day new. stored as import 1" in footfall("sales", "import", "till.csv").out
    [listed] = json.loads(footfall("sales", "list", "--json").out)
    assert (listed["file"], listed["days"], listed["first_day"]) == ("till.csv", 1, DAY)
    assert "…" not in footfall("sales", "list", COLUMNS="80").out, "a narrow terminal cuts nothing"
    exported = footfall("sales", "export", "--from", DAY, "--to", DAY, "--by", "hour").out
    assert f"demo,{DAY},09:00,all,0,,no,12,1204.5,," in exported
    assert "removed import 1: 1 day," in footfall("sales", "remove", "1").out


def test_every_command_is_in_its_document(footfall: RunCommand) -> None:
    text = (README.parent / "docs" / "sales.md").read_text(encoding="utf-8")
    commands = commands_of(footfall("sales", "--help").out)
    assert {"import", "list", "remove", "export"} <= commands
    assert [command for command in sorted(commands) if f"footfall sales {command}" not in text] == []
    for kind in ("staff-hours", "weather"):
        assert f"footfall {kind} import" in text
