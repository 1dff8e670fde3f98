"""Corrected shares in the daily report, what it rests on, and the same report made again."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet
import pytest
from sqlalchemy import Engine, select, update

from db.estimate_models import ShareEstimateRow
from db.models import DailyReportRow
from db.session import reading, writing
from db.store import Store
from footfall import __version__
from footfall.config import Config
from footfall.config_sections import ReidConfig, ReportConfig
from footfall.errors import ConfigError
from reports.derive import Derived, derive
from reports.files import to_csv, to_excel, to_parquet
from reports.table import LAST_COLUMNS
from reports.writer import SETTINGS_CHANGED, ReportWriter
from tests.integration.conftest import minute
from tests.integration.reports.shares import MONDAY, NETWORK, NINE, know_network, visitors

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
COLUMNS = ["estimate", "low", "high", "coverage"]
AUDITS = ["audits", "taps"]


@pytest.fixture
def filled(store: Store, engine: Engine) -> None:
    """1000 visits of Monday, 59 of 100 with the look of a woman."""
    know_network(engine)
    store.save_visits(visitors())
    store.save_minutes([minute(NINE + timedelta(minutes=n)) for n in range(600)])


def writer(engine: Engine, store: Store, folder: Path, small_cell: int = 0) -> ReportWriter:
    return ReportWriter(engine, ReportConfig(directory=folder, small_cell=small_cell), store, lambda: NOW)


def derived(engine: Engine, digest: str, settings: ReportConfig | None = None) -> Derived:
    return derive(engine, digest, (settings or ReportConfig(), ReidConfig()), NOW)


@pytest.mark.usefixtures("filled")
def test_shares_follow_the_totals_and_the_old_columns_stay(engine: Engine, store: Store, tmp_path: Path) -> None:
    table = writer(engine, store, tmp_path).table("mall", MONDAY)
    assert list(table.columns)[-13:] == [*COLUMNS, *AUDITS, *LAST_COLUMNS]
    old = table[~table["row"].isin(["share", "coarser share"])]
    assert old["visits"].notna().all()
    assert old[COLUMNS].isna().all(axis=None)
    women = table[(table["row"] == "share") & (table["gender"] == "female")]
    assert women["entrance"].tolist() == ["all", "North", "South"]
    whole = women.iloc[0]
    assert whole["low"] < 0.6 < whole["high"]
    assert (whole["coverage"], whole["age_group"]) == (0.8, "all")
    assert women[["visits", "share"]].isna().all(axis=None)
    ages = table[(table["row"] == "share") & (table["age_group"] != "all") & (table["entrance"] == "all")]
    assert len(ages) == 8
    assert set(ages["gender"]) == {"all"}


@pytest.mark.usefixtures("filled")
def test_a_report_by_hour_has_the_shares_of_the_sites_hours(engine: Engine, store: Store, tmp_path: Path) -> None:
    table = writer(engine, store, tmp_path).table("mall", MONDAY, by_hour=True)
    shares = table[table["row"].isin(["share", "coarser share"])]
    assert set(shares["entrance"]) == {"all"}
    eleven = shares[shares["hour"] == "2026-03-02T11:00+01:00"]
    assert eleven["row"].tolist() == ["share"] * 2 + ["coarser share"] * 4
    assert eleven["age_group"].tolist() == ["all", "all", "0-17", "18-34", "35-54", "55+"]
    assert (eleven["coverage"] == 0.8).all()
    women = eleven[eleven["gender"] == "female"].iloc[0]
    assert women["low"] > 0.9  # the women come first
    others = table[~table.index.isin(shares.index)]
    assert others[COLUMNS].isna().all(axis=None)


def test_what_is_too_few_to_say_has_no_number(engine: Engine, store: Store, tmp_path: Path) -> None:
    know_network(engine)
    store.save_visits(visitors(400))
    store.save_minutes([minute(NINE)])
    table = writer(engine, store, tmp_path).table("mall", MONDAY)
    shares = table[table["row"].isin(["share", "coarser share"])]
    known = shares.dropna(subset=["estimate"])
    assert len(known) < len(shares)
    assert (known["high"] - known["low"] <= 0.1001).all()
    assert shares.loc[shares["estimate"].isna(), ["low", "high"]].isna().all(axis=None)


@pytest.mark.usefixtures("filled")
def test_excel_and_parquet_have_typed_shares(engine: Engine, store: Store, tmp_path: Path) -> None:
    table = writer(engine, store, tmp_path).table("mall", MONDAY)
    again = pyarrow.parquet.read_table(io.BytesIO(to_parquet(table))).to_pandas()
    assert all(str(again[name].dtype) == "float64" for name in COLUMNS)
    sheet = openpyxl.load_workbook(io.BytesIO(to_excel(table))).active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    place = [cell.value for cell in rows[0]].index("estimate")
    numbers = [row[place] for row in rows[1:] if row[place].value is not None]
    assert numbers
    assert {cell.number_format for cell in numbers} == {"0.00%"}


@pytest.mark.usefixtures("filled")
def test_the_log_says_what_a_report_rests_on(engine: Engine, store: Store, tmp_path: Path) -> None:
    basis = writer(engine, store, tmp_path).write("mall", MONDAY).report.basis
    assert basis is not None
    with reading(engine) as connection:
        assert connection.execute(select(DailyReportRow.basis)).scalar_one() == basis
    assert (basis["networks"], list(basis["calibrations"]), basis["audits"]) == ([NETWORK], [NETWORK], [])
    assert basis["software"] == __version__
    assert basis["settings"]["small_cell"] == 0


@pytest.mark.usefixtures("filled")
def test_a_report_is_derived_again_with_the_same_bytes(engine: Engine, store: Store, tmp_path: Path) -> None:
    report = writer(engine, store, tmp_path).write("mall", MONDAY).report
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM share_estimates")
    found = derived(engine, report.sha256[:12], ReportConfig(small_cell=7))  # settings of now do not matter
    assert (found.is_same, found.notes) == (True, ())
    assert found.content == Path(report.path).read_bytes()
    assert b"came_in" in found.content.splitlines()[0]
    earlier = {name: value for name, value in (report.basis or {}).items() if name != "format"}
    with writing(engine) as connection:
        connection.execute(update(DailyReportRow).values(basis=earlier))
    assert b"came_in" not in derived(engine, report.sha256).content.splitlines()[0]


@pytest.mark.usefixtures("filled")
def test_a_width_that_changed_is_for_new_reports_and_a_derived_one_has_its_own(
    engine: Engine, store: Store, tmp_path: Path
) -> None:
    settings = ReportConfig(directory=tmp_path)
    narrow = settings.model_copy(update={"max_share_interval": 0.05})
    report = ReportWriter(engine, settings, store, lambda: NOW).write("mall", MONDAY).report
    content, kept = Path(report.path).read_bytes(), estimates(engine)
    found = derived(engine, report.sha256, narrow)
    assert (found.is_same, found.notes, found.content) == (True, (), content)
    anew = ReportWriter(engine, narrow, store, lambda: NOW)
    written = anew.write("mall", MONDAY).report
    assert (written.revision, written.reason) == (2, SETTINGS_CHANGED)
    assert [(one.basis or {})["estimates"]["widest"] for one in (report, written)] == [0.1, 0.05]
    wide, few = (told(data) for data in (content, Path(written.path).read_bytes()))
    assert len(few) < len(wide)
    assert (few["high"] - few["low"] <= 0.0501).all()
    by_hour = [told(to_csv(one.table("mall", MONDAY, by_hour=True))) for one in (writer(engine, store, tmp_path), anew)]
    assert len(by_hour[1]) < len(by_hour[0])
    assert derived(engine, written.sha256).is_same
    assert derived(engine, report.sha256).is_same
    assert estimates(engine) == kept


def told(content: bytes) -> pd.DataFrame:
    """Return the shares of a report that have a number."""
    table = pd.read_csv(io.BytesIO(content), encoding="utf-8-sig")
    return table[table["row"].isin(["share", "coarser share"])].dropna(subset=["estimate"])


def estimates(engine: Engine) -> list[tuple[object, ...]]:
    """Return what is stored of shares."""
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(select(ShareEstimateRow.__table__))]


@pytest.mark.usefixtures("filled")
def test_after_retention_the_same_bytes_come_with_what_is_gone(
    engine: Engine, store: Store, config: Config, tmp_path: Path
) -> None:
    report = writer(engine, store, tmp_path).write("mall", MONDAY).report
    store.apply_retention(config, NOW + timedelta(days=200))
    found = derived(engine, report.sha256)
    assert found.is_same
    assert any("are deleted" in note for note in found.notes)
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM share_estimates")
    without = derived(engine, report.sha256)
    assert not without.is_same
    assert any("shares can no longer be derived" in note for note in without.notes)


@pytest.mark.usefixtures("filled")
def test_a_changed_day_or_estimate_does_not_give_the_bytes(engine: Engine, store: Store, tmp_path: Path) -> None:
    report = writer(engine, store, tmp_path).write("mall", MONDAY).report
    row = ShareEstimateRow
    with writing(engine) as connection:
        connection.execute(update(row).where(row.dimension == "gender").values(judged=700))
    assert not derived(engine, report.sha256).is_same
    store.save_visits(visitors(5, NINE + timedelta(hours=9), first=1000))
    found = derived(engine, report.sha256)
    assert not found.is_same
    assert found.notes[0].startswith("the numbers of 2026-03-02 changed since")


@pytest.mark.usefixtures("filled")
def test_a_report_of_an_earlier_version_keeps_its_revision_and_its_columns(
    engine: Engine, store: Store, tmp_path: Path
) -> None:
    made = writer(engine, store, tmp_path)
    report = made.write("mall", MONDAY).report
    lines = pd.read_csv(report.path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    kept = lines[~lines["row"].isin(["share", "coarser share"])]
    old = to_csv(kept.drop(columns=[*COLUMNS, *AUDITS, *LAST_COLUMNS]))
    Path(report.path).write_bytes(old)
    with writing(engine) as connection:
        connection.execute(update(DailyReportRow).values(sha256=sha256(old).hexdigest(), basis=None))
    again = made.write("mall", MONDAY)
    assert (again.written, again.report.revision) == (False, 1)
    assert to_csv(made.table("mall", MONDAY)) == old
    found = derived(engine, sha256(old).hexdigest())
    assert found.is_same
    assert "did not note" in found.notes[0]


def test_an_unknown_digest_is_a_mistake_that_is_named(engine: Engine, store: Store) -> None:
    with pytest.raises(ConfigError, match="no written report"):
        derived(engine, "abc")
    assert store.last_report("mall", date(2026, 3, 1)) is None
