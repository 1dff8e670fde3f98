"""Which way people went and how many were inside, in the report; and the form of its file."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, select, update

from db.models import DailyReportRow
from db.session import reading, writing
from db.store import Store
from footfall.config import Config
from footfall.config_sections import ReidConfig, ReportConfig
from footfall.types import Direction, Gender
from reports.data import report_data
from reports.derive import derive
from reports.files import CsvForm, to_csv
from reports.occupancy import NotInside
from reports.table import LAST_COLUMNS
from reports.writer import ReportWriter
from tests.integration.conftest import first, minute, part, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MONDAY = date(2026, 3, 2)
OPENS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVENING = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
WAYS = ["in", "out", "unseen"]
FRENCH = {"csv_separator": ";", "csv_decimal": ","}
COMES, GOES = (40, 20, 10, 0), (0, 18, 20, 25)
"""By hour: 70 came in and 63 were seen leaving."""

Made = Callable[..., ReportWriter]


@pytest.fixture
def made(engine: Engine, store: Store, tmp_path: Path) -> Made:
    """Return a function that makes writers of one folder with settings of the report; the mall is filled."""
    number = 0
    for direction, by_hour in ((Direction.IN, COMES), (Direction.OUT, GOES), (Direction.NONE, (3, 0, 0, 1))):
        people = []
        for hour, count in enumerate(by_hour):
            for place in range(count):
                at, number = OPENS + timedelta(hours=hour, seconds=60 * place), number + 1
                people.append(visit(number, at, camera=("north", "south")[number % 2], direction=direction,
                                    gender=(Gender.FEMALE, Gender.MALE)[number % 3 % 2]))  # fmt: skip
        store.save_visits(people)
    cameras = ("north", "south")
    store.save_minutes([minute(OPENS + timedelta(minutes=n), camera) for n in range(600) for camera in cameras])

    def writer(now: datetime = EVENING, reid: ReidConfig | None = None, **settings: object) -> ReportWriter:
        chosen = ReportConfig.model_validate({"directory": tmp_path / "reports", **settings})
        return ReportWriter(engine, chosen, store, now=lambda: now, reid=reid)

    return writer


@pytest.mark.parametrize("by_hour", [False, True])
def test_every_row_tells_its_directions_and_they_add_up_to_its_visits(made: Made, by_hour: bool) -> None:
    table = made().table("mall", MONDAY, by_hour=by_hour)
    counted = table[~table["row"].str.contains("share")]
    assert (counted[WAYS].sum(axis=1) == counted["visits"]).all()
    sums = counted.groupby("row")[WAYS].sum().drop_duplicates()
    assert sums.to_numpy().tolist() == [[70, 63, 4]]
    assert table.loc[table["row"].str.contains("share"), list(LAST_COLUMNS)].isna().all(axis=None)
    assert list(table.columns[-7:]) == list(LAST_COLUMNS)


def test_a_group_with_a_small_number_in_a_direction_hides_those_of_its_camera(made: Made) -> None:
    table = made(small_cell=5).table("mall", MONDAY)
    groups = table[table["row"] == "group"]
    assert not groups[WAYS].isin([1, 2, 3, 4]).any(axis=None)
    assert groups[WAYS].isna().all(axis=1).eq(groups[WAYS].isna().any(axis=1)).all()
    assert groups[WAYS].isna().any(axis=None)
    assert table.loc[table["row"] == "camera total", WAYS].notna().all(axis=None)


def test_nobody_says_how_many_were_inside_on_a_day_that_ends_open(made: Made, store: Store, engine: Engine) -> None:
    def why_not() -> NotInside | None:
        with reading(engine) as connection:
            told = report_data(connection, "mall", MONDAY, ReidConfig()).inside
        return None if told is None else told.not_told

    cameras = ("north", "south")
    made()
    store.save_minutes([minute(OPENS + timedelta(minutes=n), camera) for n in range(600, 900) for camera in cameras])
    assert why_not() is None
    hours = {"mon": "09:00-02:00"} | dict.fromkeys(("tue", "wed", "thu", "fri", "sat", "sun"), "09:00-21:00")
    told = {"sites": {"mall": {"opening_hours": hours}}, "cameras": {name: {"source": "0"} for name in cameras}}
    store.sync(Config.model_validate(told))
    assert why_not() is NotInside.OPEN_AT_MIDNIGHT


def test_staff_leave_visits_and_directions_but_stay_inside(made: Made, store: Store) -> None:
    camera = ("north", "south")
    store.save_firsts([first(number, 100, camera[number % 2], staff=True) for number in range(1, 11)])
    store.save_parts([part(MONDAY, arrivals=10, unique=0.1, staff=10)])
    with_staff = site_total(made().table("mall", MONDAY))
    without = site_total(made(reid=ReidConfig(mode="clothes", staff_in_visits=False)).table("mall", MONDAY))
    assert (with_staff["in"], without["in"], without["visits"]) == (70, 60, 127)
    assert with_staff["inside"] == without["inside"]


def site_total(table: pd.DataFrame) -> pd.Series:
    return table[table["row"] == "site total"].iloc[0]


def test_how_many_were_inside_by_hour_and_the_most_by_day(made: Made) -> None:
    by_hour = made().table("mall", MONDAY, by_hour=True)
    totals = by_hour[by_hour["row"] == "site total"]
    assert by_hour.loc[by_hour["row"] != "site total", "inside"].isna().all()
    inside = dict(zip(totals["hour"].str[11:16], totals["inside"], strict=True))
    assert inside["10:00"] == pytest.approx(40, abs=1)
    assert inside["11:00"] == pytest.approx(40, abs=2)
    assert inside["13:00"] == 0
    assert (totals["inside_low"] <= totals["inside"]).all()
    assert (totals["inside"] <= totals["inside_high"]).all()
    day = site_total(made().table("mall", MONDAY))
    most = totals.iloc[int(totals["inside"].to_numpy("int64").argmax())]
    assert (
        day[["inside", "inside_low", "inside_high"]].tolist() == most[["inside", "inside_low", "inside_high"]].tolist()
    )
    running = made(now=OPENS + timedelta(hours=4)).table("mall", MONDAY, by_hour=True)
    assert running["inside"].isna().all()
    assert running["in"].notna().any()


def test_the_form_of_the_file_is_a_setting_and_a_written_report_keeps_its_own(made: Made, engine: Engine) -> None:
    written = made(**FRENCH).write("mall", MONDAY).report
    content = Path(written.path).read_bytes()
    assert content.startswith(b"\xef\xbb\xbfrow;site;entrance;")
    assert ";1,0000;" in content.decode("utf-8-sig")
    read = pd.read_csv(io.BytesIO(content), sep=";", decimal=",", encoding="utf-8-sig")
    assert read["observed_share"].tolist() == [1.0] * len(read)
    assert made().write("mall", MONDAY).written is False  # other settings since are no reason to write it again
    assert site_total(made().table("mall", MONDAY))["revision"] == 1
    settings = (ReportConfig(), ReidConfig())
    derived = derive(engine, written.sha256, settings, EVENING)
    assert (derived.is_same, derived.content) == (True, content)
    by_hour = derive(engine, written.sha256, settings, EVENING, by_hour=True)
    assert by_hour.is_same
    assert by_hour.content == to_csv(made().table("mall", MONDAY, by_hour=True), CsvForm(";", ","))
    with pytest.raises(ValueError, match="csv_separator and csv_decimal are the same"):
        ReportConfig(csv_decimal=",")


def test_a_report_of_before_directions_keeps_its_bytes(made: Made, engine: Engine) -> None:
    written = made().write("mall", MONDAY).report
    table = pd.read_csv(written.path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    old = to_csv(table.drop(columns=["audits", "taps", *LAST_COLUMNS]))
    Path(written.path).write_bytes(old)
    with writing(engine) as connection:
        basis = connection.execute(select(DailyReportRow.basis)).scalar_one()
        assert basis is not None
        before = {name: value for name, value in basis.items() if name != "format"}
        connection.execute(update(DailyReportRow).values(sha256=sha256(old).hexdigest(), basis=before))
    again = made().write("mall", MONDAY)
    assert (again.written, again.report.revision) == (False, 1)
    assert derive(engine, sha256(old).hexdigest(), (ReportConfig(), ReidConfig()), EVENING).is_same


def test_a_camera_that_was_moved_since_is_named_when_a_report_is_derived_again(
    made: Made, engine: Engine, store: Store
) -> None:
    written = made().write("mall", MONDAY).report
    told = {"north": {"source": "0", "entrance": "Garage"}, "south": {"source": "0"}}
    store.sync(Config.model_validate({"sites": {"mall": {}}, "cameras": told}))
    derived = derive(engine, written.sha256, (ReportConfig(), ReidConfig()), EVENING)
    [moved] = [note for note in derived.notes if "north" in note]
    assert "then, and to 'Garage' now" in moved and not derived.is_same
