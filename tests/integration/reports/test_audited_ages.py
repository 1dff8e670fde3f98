"""Audits correct the ages of their day and of days after it, by name, so that every report can be made again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest
from sqlalchemy import Engine

from db.audits import Audit, Tap
from db.estimates import AGE, GENDER, WHOLE_SITE, StoredEstimate
from db.reading.estimates import stored_estimates
from db.session import reading
from db.store import Store
from db.writing.audits import save_audit, void_audit
from footfall.config import Config
from footfall.config_sections import CameraConfig, ReidConfig, ReportConfig
from footfall.types import Gender
from reports.derive import Derived, derive
from reports.estimates import estimate_differences, keep_past_days
from reports.hidden_cells import EstimateSettings
from reports.writer import AUDITS_CHANGED, ReportWriter
from tests.integration.conftest import minute, visit
from tests.integration.reports.shares import MONDAY, NETWORK, NINE, STARTS, know_network, visitors

SUNDAY, TUESDAY = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SETTINGS = EstimateSettings(STARTS)
JUDGED = 96  # of the 120 people of the first hour, who all come by the north door


@pytest.fixture
def audit(store: Store, engine: Engine) -> Audit:
    """The same 600 people on three days, and an audit of an hour of Monday: they look 25 to 34, and are older."""
    know_network(engine)
    for number, shift in enumerate((-DAY, 0 * DAY, DAY)):
        store.save_visits(visitors(600, NINE + shift, first=10_000 * number))
    store.save_minutes([minute(NINE + timedelta(minutes=number)) for number in range(180)])
    made = Audit(uuid4(), "mall", "North", "", "ann", NINE, NINE + HOUR)
    save_audit(engine, made, taps())
    return made


def taps() -> list[Tap]:
    people = visitors(120, first=10_000)
    return [
        Tap(number + 1, "in", one.left_at, None, "55+" if one.age_group == "65+" else "35-54")
        for number, one in enumerate(people)
    ]


def kept(engine: Engine, settings: EstimateSettings = SETTINGS) -> dict[tuple[date, str, str], StoredEstimate]:
    """Return what is stored by day, entrance and dimension, made anew where it is due."""
    keep_past_days(engine, "mall", settings, NOW)
    with reading(engine) as connection:
        found = stored_estimates(connection, "mall", SUNDAY, TUESDAY)
    return {(one.day, one.entrance, one.dimension): one for one in found}


def share(one: StoredEstimate, group: str) -> float:
    return float(one.shares["estimate"][one.shares["groups"].index(group)])


def written(engine: Engine, store: Store, folder: Path) -> ReportWriter:
    return ReportWriter(engine, ReportConfig(directory=folder), store, lambda: NOW)


def derived(engine: Engine, digest: str) -> Derived:
    return derive(engine, digest, (ReportConfig(), ReidConfig()), NOW)


def test_an_audit_corrects_ages_from_its_day_on_and_nothing_else(engine: Engine, config: Config, audit: Audit) -> None:
    found = kept(engine)
    before, then, after = (found[day, WHOLE_SITE, AGE] for day in (SUNDAY, MONDAY, TUESDAY))
    named = {str(audit.uid): JUDGED}
    assert [one.basis["audits"] for one in (before, then, after)] == [{}, named, named]
    assert share(then, "25-34") < share(before, "25-34") - 0.005
    assert abs(share(then, "25-34") - share(after, "25-34")) < 0.01
    women = [found[day, WHOLE_SITE, GENDER] for day in (SUNDAY, MONDAY)]
    assert abs(share(women[0], "female") - share(women[1], "female")) < 0.005
    assert "audits" not in women[1].basis
    with reading(engine) as connection:
        assert list(estimate_differences(connection, config, SUNDAY, TUESDAY)) == []
    void_audit(engine, audit.uid, "called away")
    assert keep_past_days(engine, "mall", SETTINGS, NOW) == [MONDAY, TUESDAY]
    assert kept(engine)[MONDAY, WHOLE_SITE, AGE].basis["audits"] == {}


def test_a_report_names_its_audits_and_is_derived_again_whatever_is_counted_later(
    engine: Engine, store: Store, audit: Audit, tmp_path: Path
) -> None:
    made = written(engine, store, tmp_path)
    report = made.write("mall", MONDAY).report
    assert report.basis is not None and report.basis["age_audits"] == {str(audit.uid): JUDGED}
    table = pd.read_csv(report.path, encoding="utf-8-sig")
    shares = table[table["row"] == "share"]
    of_ages = shares[shares["age_group"] != "all"]
    assert set(of_ages["audits"]) == {1} and set(of_ages["taps"]) == {JUDGED}
    assert shares.loc[shares["age_group"] == "all", ["audits", "taps"]].isna().all(axis=None)
    later = replace(audit, uid=uuid4(), started_at=NINE + 2 * HOUR, ended_at=NINE + 3 * HOUR)
    people = [one for one in visitors(600, first=10_000) if later.started_at <= one.left_at < NINE + 3 * HOUR]
    save_audit(engine, later, [Tap(n + 1, "in", one.left_at, None, "18-34") for n, one in enumerate(people)])
    assert len(kept(engine)[MONDAY, WHOLE_SITE, AGE].basis["audits"]) == 2
    assert derived(engine, report.sha256).is_same
    assert not made.write("mall", MONDAY).written
    void_audit(engine, audit.uid, "called away")
    found = derived(engine, report.sha256)
    assert not found.is_same and any("does not hold for this day any more" in note for note in found.notes)
    again = made.write("mall", MONDAY).report
    assert (again.revision, again.reason) == (2, AUDITS_CHANGED)


def test_two_who_count_at_once_correct_once_and_a_camera_that_was_set_otherwise_is_another(
    engine: Engine, store: Store, config: Config, audit: Audit
) -> None:
    save_audit(engine, replace(audit, uid=uuid4(), auditor="bob", started_at=NINE + HOUR / 2), taps()[60:])
    assert kept(engine)[MONDAY, WHOLE_SITE, AGE].basis["audits"] == {str(audit.uid): JUDGED}
    camera = CameraConfig(source="0", site="mall", entrance="North", line=((0.0, 0.5), (1.0, 0.5)))
    lined = config.model_copy(update={"cameras": {**config.cameras, "north": camera}})
    Store(engine, lambda: NINE + DAY - 3 * HOUR).sync(lined)  # on Tuesday, before it opens
    found = kept(engine)
    assert [len(found[day, WHOLE_SITE, AGE].basis["audits"]) for day in (SUNDAY, MONDAY, TUESDAY)] == [0, 1, 0]


def test_people_of_hidden_cells_correct_nothing(engine: Engine, store: Store, audit: Audit) -> None:
    settings = EstimateSettings(STARTS, small_cell=5)
    before = kept(engine, settings)[TUESDAY, WHOLE_SITE, AGE]
    child = visit(90_000, NINE + timedelta(seconds=14), age_group="0-12", age_shares=(1000, 0, 0, 0, 0, 0, 0, 0),
                  gender=Gender.FEMALE, p_female=0.8, model_version=f"finder-1+{NETWORK}")  # fmt: skip
    store.save_visits([child])
    save_audit(engine, audit, [*taps(), Tap(500, "in", child.left_at, None, "0-17")])
    after = kept(engine, settings)[TUESDAY, WHOLE_SITE, AGE]
    assert after.basis["audits"] == before.basis["audits"] and after.shares == before.shares
    assert sum(kept(engine)[TUESDAY, WHOLE_SITE, AGE].basis["audits"].values()) == JUDGED + 1
