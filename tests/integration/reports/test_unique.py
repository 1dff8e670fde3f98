"""Unique visitors in the daily report: numbers that add up, none where nothing is told, none that gives others away."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet
import pytest
from sqlalchemy import Engine

from db.store import Store
from footfall.config_sections import ReidConfig, ReportConfig
from footfall.types import Direction, Gender, Visit
from reid.types import First
from reports.files import to_csv, to_excel, to_parquet
from reports.writer import ReportWriter
from tests.integration.conftest import first, minute, part, visit

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten in Berlin, the mall opens
MONDAY = date(2026, 3, 2)
NUMBERS = ["unique", "unique_low", "unique_high", "returns", "staff"]


def people() -> list[Visit]:
    """Return 60 visits: two of three came in, by two doors, over five hours, women and men."""
    return [
        visit(
            n,
            NINE + timedelta(minutes=5 * n),
            ("north", "south")[n % 2],
            direction=Direction.OUT if n % 3 == 2 else Direction.IN,
            gender=(Gender.FEMALE, Gender.MALE)[n // 2 % 2],
        )
        for n in range(60)
    ]


def judged(visits: Sequence[Visit]) -> list[First]:
    """Return that every arrival is the first with 83 %; the tenth visit of each is staff."""
    return [
        first(n, None if one.direction is Direction.OUT else 8_300, one.camera_id, staff=n % 10 == 0)
        for n, one in enumerate(visits)
    ]


@pytest.fixture
def filled(store: Store) -> None:
    """40 arrivals, 4 of them of staff, who also went out twice; 29.88 people."""
    store.save_visits(people())
    store.save_minutes([minute(NINE + timedelta(minutes=n)) for n in range(600)])
    store.save_firsts(judged(people()))
    store.save_parts([part(MONDAY, arrivals=40, staff=4, unique=29.88, low=27.5, high=32.1)])


def writer(
    engine: Engine, store: Store, folder: Path, *, small_cell: int = 0, staff_in_visits: bool = True
) -> ReportWriter:
    settings = ReportConfig(directory=folder, small_cell=small_cell)
    return ReportWriter(engine, settings, store, reid=ReidConfig(mode="clothes", staff_in_visits=staff_in_visits))


def totals(table: pd.DataFrame) -> list[object]:
    return table.loc[table["row"] == "site total", NUMBERS].astype(object).values.tolist()[0]


def test_numbers_add_up_from_groups_to_the_site(filled: None, engine: Engine, store: Store, tmp_path: Path) -> None:
    table = writer(engine, store, tmp_path).table("mall", MONDAY)
    assert list(table.columns[-18:-13]) == NUMBERS
    assert totals(table) == [30, 27, 33, 6, 4]
    for name in ("unique", "returns", "staff"):
        sums = table.groupby("row")[name].sum()
        assert sums.nunique() == 1
    assert table.loc[table["row"] != "site total", "unique_low"].isna().all()


def test_a_report_says_how_many_were_compared_at_one_machine_alone_where_machines_share(
    filled: None, engine: Engine, store: Store, tmp_path: Path
) -> None:
    reports = writer(engine, store, tmp_path)
    before = reports.table("mall", MONDAY)
    store.save_parts([part(MONDAY, arrivals=40, staff=4, unique=29.88, low=27.5, high=32.1, not_shared=7)])
    table = reports.table("mall", MONDAY)
    assert list(table.columns) == [*before.columns, "not_shared"]
    assert table.set_index("row")["not_shared"].dropna().to_dict() == {"site total": 7}
    assert "not_shared" not in reports.table("mall", MONDAY, by_hour=True)


def test_hours_add_up_to_the_day(filled: None, engine: Engine, store: Store, tmp_path: Path) -> None:
    table = writer(engine, store, tmp_path).table("mall", MONDAY, by_hour=True)
    assert table.groupby("row")["unique"].sum().tolist() == [30] * 4
    assert table["unique_high"].isna().all()
    by_hour = table.groupby(["hour", "row"])["unique"].sum().unstack()
    assert by_hour.nunique(axis=1).eq(1).all()


def test_a_day_that_nobody_compared_has_empty_cells(engine: Engine, store: Store, tmp_path: Path) -> None:
    store.save_visits(people())
    table = writer(engine, store, tmp_path).table("mall", MONDAY)
    assert table[NUMBERS].isna().all(axis=None)
    assert to_csv(table).decode("utf-8-sig").splitlines()[1].split(",")[-15:-6] == [""] * 9


def test_an_unsure_day_tells_staff_alone(filled: None, engine: Engine, store: Store, tmp_path: Path) -> None:
    store.save_parts([part(MONDAY, arrivals=40, staff=4, unique=29.88, low=None, high=None)])
    table = writer(engine, store, tmp_path).table("mall", MONDAY)
    assert table[["unique", "returns", "unique_low"]].isna().all(axis=None)
    assert table.loc[table["row"] == "site total", "staff"].tolist() == [4]


def test_a_visit_that_came_late_takes_the_interval_away(
    filled: None, engine: Engine, store: Store, tmp_path: Path
) -> None:
    store.save_visits([visit(99, NINE)])
    store.save_firsts([first(99, 5_000)])
    assert [*map(str, totals(writer(engine, store, tmp_path).table("mall", MONDAY))[:3])] == ["30", "<NA>", "<NA>"]


def test_a_camera_with_a_hidden_count_tells_no_group(
    filled: None, engine: Engine, store: Store, tmp_path: Path
) -> None:
    store.save_visits([visit(99, NINE, age_group="65+")])
    table = writer(engine, store, tmp_path, small_cell=3).table("mall", MONDAY)
    groups = table[table["row"] == "group"]
    assert groups.loc[groups["camera"] == "north", "suppressed"].any()
    assert groups.loc[groups["camera"] == "north", ["unique", "returns", "staff"]].isna().all(axis=None)
    assert table.loc[table["row"] == "camera total", "unique"].notna().all()
    # By hour more is hidden, and what the day tells must not give it away.
    shown = groups.loc[groups["unique"].notna(), "camera"].unique()
    hourly = writer(engine, store, tmp_path, small_cell=3).table("mall", MONDAY, by_hour=True)
    assert not hourly.loc[(hourly["row"] == "group") & hourly["camera"].isin(shown), "suppressed"].any()


@pytest.mark.parametrize("by_hour", [False, True])
def test_small_numbers_of_people_are_hidden_although_their_visits_are_many(
    filled: None, engine: Engine, store: Store, tmp_path: Path, by_hour: bool
) -> None:
    table = writer(engine, store, tmp_path, small_cell=3).table("mall", MONDAY, by_hour=by_hour)
    groups = table[table["row"] == "group"]
    assert not groups["suppressed"].any()
    told = groups[["unique", "returns", "staff"]]
    assert not told.isin([1, 2]).any(axis=None)
    assert told.isna().all(axis=1).eq(told.isna().any(axis=1)).all()  # or the rest could be computed
    assert table.loc[table["row"] == "site total", "staff"].sum() == 4


def test_an_unsure_day_tells_no_small_number_of_staff(
    filled: None, engine: Engine, store: Store, tmp_path: Path
) -> None:
    store.save_parts([part(MONDAY, arrivals=40, staff=4, unique=29.88, low=None, high=None)])
    table = writer(engine, store, tmp_path, small_cell=3).table("mall", MONDAY)
    assert not table.loc[table["row"] == "group", "staff"].isin([1, 2]).any()


def test_staff_can_be_left_out_of_the_visits(filled: None, engine: Engine, store: Store, tmp_path: Path) -> None:
    counted = writer(engine, store, tmp_path).table("mall", MONDAY)
    without = writer(engine, store, tmp_path, staff_in_visits=False).table("mall", MONDAY)
    groups = without[without["row"] == "group"]
    assert counted.loc[counted["row"] == "site total", "visits"].item() == 60
    assert without.loc[without["row"] == "site total", "visits"].item() == 54 == groups["visits"].sum()
    assert totals(without) == totals(counted)


def test_what_is_judged_anew_makes_a_new_revision(filled: None, engine: Engine, store: Store, tmp_path: Path) -> None:
    reports = writer(engine, store, tmp_path)
    reports.write("mall", MONDAY)
    store.save_firsts([first(0, 100, staff=True)])
    assert not reports.write("mall", MONDAY).written  # staff before and after: no number changed
    store.save_firsts([first(1, 100, "south")])
    again = reports.write("mall", MONDAY).report
    assert (again.revision, again.reason) == (2, "who came again was judged anew")


def test_files_keep_the_types(filled: None, engine: Engine, store: Store, tmp_path: Path) -> None:
    table = writer(engine, store, tmp_path).table("mall", MONDAY)
    sheet = openpyxl.load_workbook(io.BytesIO(to_excel(table))).worksheets[0]
    last = [cell.value for cell in list(sheet.rows)[-1]][-18:-13]
    assert last == [30, 27, 33, 6, 4]
    schema = pyarrow.parquet.read_schema(io.BytesIO(to_parquet(table)))
    assert {str(schema.field(name).type) for name in NUMBERS} == {"int64"}
