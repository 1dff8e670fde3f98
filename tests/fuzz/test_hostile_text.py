"""Names, labels and reasons full of SQL and CSV metacharacters: stored, reported, counted right, and never run."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import OutageRow, VisitRow
from db.session import open_database
from db.store import Store
from footfall.config import Config
from footfall.config_sections import ReportConfig
from footfall.types import Direction, Gender, Outage, Visit
from reports.files import to_csv
from reports.writer import ReportWriter
from tests.fuzz.cases import NASTY, TEXT, check, memory_folder

FIRST_DAY = date(2000, 1, 1)
FORMULA_STARTS = ("=", "+", "-", "@")
LABELS = st.lists(st.one_of(NASTY, TEXT), max_size=4).map("".join)
# As a model file names itself: libraries refuse text there that is no UTF-8.
VERSIONS = LABELS.map(lambda text: text.encode("utf-8", "replace").decode())


def visits_of(day: date, versions: Sequence[str]) -> list[Visit]:
    """Return one visit at noon for each model version."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return [
        Visit(uuid4(), "door", noon, noon + timedelta(seconds=3), Direction.IN, Gender.MALE, "25-34", *judged)
        for judged in ((30.0, 0.1, 3, 0.5, version) for version in versions)
    ]


@pytest.mark.parametrize("cases", [pytest.param(5, id="short"), pytest.param(300, id="long", marks=pytest.mark.soak)])
def test_hostile_text_is_stored_and_reported_and_counts_once(cases: int) -> None:
    days = (FIRST_DAY + timedelta(days=number) for number in count())
    with tempfile.TemporaryDirectory(dir=memory_folder()) as folder:
        engine = open_database(f"sqlite:///{folder}/footfall.db")
        store = Store(engine)
        writer = ReportWriter(engine, ReportConfig(directory=Path(folder)), store)

        @check(
            cases,
            site=LABELS,
            label=LABELS,
            entrance=LABELS,
            reason=LABELS,
            versions=st.lists(VERSIONS, max_size=5),
        )
        def holds(site: str, label: str, entrance: str, reason: str, versions: list[str]) -> None:
            day = next(days)
            camera = {"source": "0", "label": label, "entrance": entrance}
            store.sync(Config(sites={"mall": {"label": site}}, cameras={"door": camera}))
            visits = visits_of(day, versions)
            outage = Outage(uuid4(), "door", datetime.now(UTC), None, reason)
            for _ in range(2):  # stored twice, counted once
                store.save_visits(visits)
                store.save_outages([outage])
            with Session(engine) as session:
                found = session.scalars(select(VisitRow.uid).where(VisitRow.day == day)).all()
                assert sorted(found) == sorted(visit.uid for visit in visits)
                assert session.scalars(select(OutageRow.uid).where(OutageRow.uid == outage.uid)).all() == [outage.uid]
            text = to_csv(writer.table("mall", day)).decode("utf-8-sig")
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
            assert all(None not in row and None not in row.values() for row in rows), "a cell became two"
            assert not [cell for row in rows for cell in row.values() if cell.lstrip().startswith(FORMULA_STARTS)]
            for kind in ("group", "site total"):
                assert sum(int(row["visits"]) for row in rows if row["row"] == kind) == len(visits)

        engine.dispose()
