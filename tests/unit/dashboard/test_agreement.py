"""The same numbers everywhere: what the pages show, what the CSV says and what SQL counts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

from app.demo.month import write_month
from app.demo.month_plan import month_config
from dashboard.accounts.person import Person
from dashboard.numbers.groups import DayFilter, GroupVisits, group_visits
from dashboard.numbers.kept import forget_kept
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.serving.wiring import wire, wired
from db.session import open_database
from footfall.config_sections import ReportConfig
from reports.files import to_csv
from reports.writer import ReportWriter
from tests.mall import DAY, NOW
from tests.unit.dashboard.conftest import OpenPage

ALL_DAYS = frozenset(range(7))
COUNTED = (
    "SELECT c.entrance, v.gender, v.age_group, count(*) AS visits FROM visits v JOIN cameras c ON c.id = v.camera_id "
    "JOIN sites s ON s.id = c.site_id WHERE s.name = 'main' AND v.day = :day GROUP BY 1, 2, 3"
)
CAME_IN = (
    "SELECT count(*) FROM visits v JOIN cameras c ON c.id = v.camera_id JOIN sites s ON s.id = c.site_id "
    "WHERE s.name = 'main' AND v.day = :day AND v.direction = 'in'"
)


@pytest.fixture(scope="module")
def month_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two simulated days of two malls with a thousand visits each, written once."""
    url = f"sqlite:///{tmp_path_factory.mktemp('month') / 'month.db'}"
    write_month(url, NOW, days=2)
    return url


@pytest.fixture
def month(month_file: str, mall: Engine) -> Iterator[Engine]:
    """The simulated days behind the pages."""
    engine = open_database(month_file)
    wire(replace(wired(), engine=engine, config=month_config(month_file)))
    yield engine
    engine.dispose()


def counted(engine: Engine, day: date) -> pd.DataFrame:
    with engine.connect() as connection:
        rows = connection.execute(text(COUNTED), {"day": day.isoformat()})
        return pd.DataFrame([tuple(row) for row in rows], columns=["entrance", "gender", "age_group", "visits"])


def csv_of(day: date, site: str = "main", *, by_hour: bool = False) -> pd.DataFrame:
    writer = ReportWriter(wired().engine, wired().config.report, reid=wired().config.reid)
    return pd.read_csv(io.BytesIO(to_csv(writer.table(site, day, by_hour=by_hour))))


def table(app: AppTest, key: str) -> pd.DataFrame:
    """Switch the chart called `key` to its table and return it."""
    before = len(app.dataframe)
    app.toggle(key=f"table-{key}").set_value(True).run()
    assert len(app.dataframe) == before + 1
    found: pd.DataFrame = app.dataframe[0].value
    app.toggle(key=f"table-{key}").set_value(False).run()
    return found


def test_overview_csv_and_sql_give_the_same_numbers(open_page: OpenPage, mall: Engine) -> None:
    app = open_page(site="main", day=DAY.isoformat())
    sql, csv = counted(mall, DAY), csv_of(DAY)
    total = int(sql["visits"].sum())
    assert csv.loc[csv["row"] == "site total", "visits"].item() == total
    ways = table(app, "hours")[["In", "Out", "Direction not seen"]].sum().tolist()
    assert ways == csv.loc[csv["row"] == "site total", ["in", "out", "unseen"]].iloc[0].tolist()
    passages = app.table[0].value["All passages"]
    assert passages.drop("Together").astype(int).to_list() == sql.groupby("entrance")["visits"].sum().to_list()
    came = csv[csv["row"] == "site total"]["came_in"].item()
    with mall.connect() as connection:
        assert connection.execute(text(CAME_IN), {"day": DAY.isoformat()}).scalar_one() == came
    assert next(one.value for one in app.metric if one.label == "Came in") == str(int(came))
    assert table(app, "hours")["Mon 2 Mar"].sum() == came
    doors = table(app, "entrances").set_index("Entrance")["Came in"].to_dict()
    assert doors == csv[csv["row"] == "entrance total"].set_index("entrance")["came_in"].to_dict()
    by_hour = csv_of(DAY, by_hour=True)
    assert by_hour.loc[by_hour["row"] == "camera total", "came_in"].sum() == came
    assert csv.loc[csv["row"] == "group", "came_in"].isna().all()  # direction beside gender and age is not told


def test_demographics_csv_and_sql_give_the_same_numbers(open_page: OpenPage, mall: Engine) -> None:
    app = open_page("demographics", site="main")
    app.selectbox(key="people-range").set_value("Own range").run()
    app.date_input(key="people-dates").set_value((DAY, DAY)).run()
    shown = table(app, "pyramid").set_index("Age (years)").astype(int)
    sql = counted(mall, DAY).groupby(["gender", "age_group"])["visits"].sum()
    groups = csv_of(DAY).query("row == 'group'").groupby(["gender", "age_group"])["visits"].sum()
    columns = {"female": "Female", "male": "Male", "unknown": "Unknown"}
    page = {(gender, age): shown.loc[age, name] for gender, name in columns.items() for age in shown.index}
    assert {key: visits for key, visits in page.items() if visits} == sql.to_dict()
    assert {key: visits for key, visits in groups.to_dict().items() if visits} == sql.to_dict()


def test_trends_and_the_preview_of_a_report_give_the_same_numbers(open_page: OpenPage, mall: Engine) -> None:
    app = open_page("trends", site="main")
    app.selectbox(key="trends-range").set_value("Last 7 days").run()
    days = table(app, "trend").set_index("Day")
    assert days["All passages"][f"Mon 2 Mar {DAY.year}"] == counted(mall, DAY)["visits"].sum()
    site = csv_of(DAY).query("row == 'site total'")
    assert days["Came in"][f"Mon 2 Mar {DAY.year}"] == site["came_in"].item()
    preview = open_page("reports", site="main", day=DAY.isoformat()).dataframe[0].value
    read = csv_of(DAY)
    assert preview.iloc[0]["row"] == "site total"
    assert preview.sort_index()["visits"].tolist() == read["visits"].tolist()
    assert preview.sort_index()["complete"].tolist() == read["complete"].tolist()  # in words, not as boxes


@pytest.mark.parametrize("small_cell", [0, 3, 8])
def test_groups_are_hidden_on_the_page_exactly_as_in_the_report(month: Engine, small_cell: int) -> None:
    settings = wired().config.model_copy(update={"report": ReportConfig(small_cell=small_cell)})
    wire(replace(wired(), config=settings))
    forget_kept()
    day = NOW.date() - timedelta(days=1)
    person = Person("ada", "admin")
    site = next(site for site in visible_sites(person) if site.name == "galleria")
    report, hourly = csv_of(day, site.name), csv_of(day, site.name, by_hour=True)
    groups, hours = report[report["row"] == "group"], hourly[hourly["row"] == "group"]
    hours = hours.assign(hour=hours["hour"].str[11:16])
    for entrances in (None, ("North",)):
        found = group_visits(
            replace(Reader(person, site), entrances=entrances), DayFilter(day, day, ALL_DAYS, open_only=False)
        )
        mine = groups if entrances is None else groups[groups["entrance"].isin(entrances)]
        assert_sums(found.by_group, mine, ["gender", "age_group"])
        mine = hours if entrances is None else hours[hours["entrance"].isin(entrances)]
        assert_sums(found.by_hour, mine, ["hour", "age_group"])
        assert found.anything_hidden == (small_cell > 1)
        assert_total(found, report, entrances)


def assert_sums(shown: pd.DataFrame, rows: pd.DataFrame, by: list[str]) -> None:
    """Assert that the page shows the sums of the report's rows, and calls the same ones incomplete."""
    sums = rows.assign(hidden=rows["suppressed"] == "yes").groupby(by).agg({"visits": "sum", "hidden": "any"})
    page = shown.set_index(by)[["visits", "hidden"]].sort_index()
    assert page.index.tolist() == sums.index.tolist()
    assert np.array_equal(page["visits"], sums["visits"])
    assert np.array_equal(page["hidden"], sums["hidden"])


def assert_total(found: GroupVisits, report: pd.DataFrame, entrances: tuple[str, ...] | None) -> None:
    kind = "site total" if entrances is None else "entrance total"
    rows = report[report["row"] == kind]
    mine = rows if entrances is None else rows[rows["entrance"].isin(entrances)]
    assert found.total == mine["visits"].sum()
