"""A report asked for while the day lasts is no report of the day, and what comes after it is not late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.reading.operation import reopened_days
from db.session import reading
from db.store import Store
from footfall.config_sections import ReportConfig
from footfall.errors import ConfigError
from reports.writer import ReportWriter
from tests.conftest import FakeClock
from tests.integration.conftest import visit
from tests.integration.reports.test_writer import read

MONDAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # in Berlin


def test_what_comes_after_a_look_at_today_is_not_late(
    engine: Engine, store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    writer = ReportWriter(engine, ReportConfig(directory=tmp_path), store, clock)
    store.save_visits([visit(1, NOON)])
    assert not writer.is_over("mall", MONDAY)
    with pytest.raises(ConfigError, match="not over"):
        writer.write("mall", MONDAY)
    so_far = writer.write_so_far("mall", MONDAY)
    assert so_far.name == "mall_2026-03-02_so_far.csv"
    assert {(row["reason"], row["revision"]) for row in read(so_far)} == {("the day is not over yet", "")}
    store.save_visits([visit(2, NOON + timedelta(hours=1))])
    with reading(engine) as connection:
        assert reopened_days(connection).empty
    clock.advance(days=1)
    assert writer.due("mall", clock()) == [MONDAY]
    report = writer.write("mall", MONDAY).report
    assert (report.revision, report.reason, report.visits) == (1, "", 2)
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["mall_2026-03-02.csv"]
