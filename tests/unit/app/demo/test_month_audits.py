"""Audits of the simulated month: what they say of the cameras is what was made so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from analytics.audits import pooled, recall_of
from app.demo.month import write_month
from app.demo.month_audits import AUDITS, FALSE_SHARE, TRUE_RECALL
from db.session import open_database
from reports.audits import checked_audits, estimate_of_day

NOW = datetime(2026, 11, 21, 14, 37, tzinfo=UTC)


def test_audits_of_the_month_find_the_truth_within_their_interval(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'month.db'}"
    write_month(url, NOW, days=7)
    engine = open_database(url)
    found = checked_audits(engine, ["galleria"], NOW)
    assert len(found) == len(AUDITS)
    assert [one.void for one in found] == [""] * len(AUDITS)
    everything = pooled((one.audit.started_at, one.comparison) for one in found if one.comparison)
    rate = recall_of(everything)
    assert rate is not None
    assert rate.low <= TRUE_RECALL <= rate.high
    assert everything.false / everything.counted < 2 * FALSE_SHARE + 0.02
    north = [one for one in found if one.audit.entrance == "North"]
    minutes = pooled((one.audit.started_at, one.comparison) for one in north if one.comparison).seconds / 60
    assert minutes == 30 + 30 + 45  # Ben's half hour lies within Ada's three quarters
    women = north[-1].comparison.genders["female"] if north[-1].comparison else {}
    assert women["female"] > 5 * women["male"]
    estimate = estimate_of_day(engine, "galleria", NOW.date().replace(day=19), found)
    assert estimate is not None and estimate.came.low > estimate.counted
    engine.dispose()
