"""Unique visitors on the pages: what they say, what they leave out, and that they agree with the report."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pandas as pd
import pytest
from sqlalchemy import Engine, select

from dashboard.accounts.person import Person
from dashboard.numbers import unique_groups
from dashboard.numbers.all_sites import all_sites
from dashboard.numbers.came_in import came_in
from dashboard.numbers.groups import DayFilter, group_visits
from dashboard.numbers.kept import forget_kept
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.numbers.sales import range_sales
from dashboard.numbers.unique import people_of_day, unique_days
from dashboard.numbers.unique_groups import group_unique
from dashboard.serving.wiring import wire, wired
from db.models import CameraRow, VisitRow
from db.session import reading
from db.store import Store
from db.writing.figures import Package, store_figures
from footfall.config_sections import ReidConfig, ReportConfig
from footfall.figures import WHOLE_DAY, Figure, Source
from reid.types import STAY_BUCKETS, First, RegisterPart, ReidMode
from reports.files import to_csv
from reports.writer import ReportWriter
from tests.mall import DAY, NOW
from tests.unit.dashboard.conftest import OpenPage, texts

ALL_DAYS = frozenset(range(7))
MORNING, LATER = UUID(int=1), UUID(int=2)
NINE = datetime(2026, 3, 2, 8, tzinfo=UTC)
TEN_STAYS = (0.0, 10.0, *[0.0] * (STAY_BUCKETS - 2))
FORTY_STAYS = (0.0, 20.0, 20.0, *[0.0] * (STAY_BUCKETS - 3))


def judged(engine: Engine) -> list[First]:
    """Return that two thirds of the arrivals of DAY were first ones, and every twelfth visit one of staff."""
    visit = VisitRow
    query = select(visit.uid, CameraRow.name, visit.direction).join(CameraRow, CameraRow.id == visit.camera_id)
    with reading(engine) as connection:
        found = connection.execute(query.where(visit.day == DAY, CameraRow.name != "annex-door").order_by(visit.uid))
        return [
            First(uid, MORNING, camera, 6_600 if direction == "in" else None, True, number % 12 == 0)
            for number, (uid, camera, direction) in enumerate(found)
        ]


def told(firsts: Sequence[First], **changes: object) -> RegisterPart:
    """Return the part of these judgements, three people to either side of its number."""
    came = [one for one in firsts if one.first is not None]
    unique = sum(one.first or 0 for one in came if not one.staff) / 10_000
    values: dict[str, object] = {
        "uid": MORNING,
        "began_at": NINE,
        "arrivals": len(came),
        "compared": len(came),
        "staff": sum(one.staff for one in came),
        "unique": unique,
        "low": unique - 3,
        "high": unique + 3,
        "stays": FORTY_STAYS,
    } | changes
    fixed = {"site": "main", "day": DAY, "origin": "box", "mode": ReidMode.CLOTHES, "returns_per_pair": 0.01}
    end = {"seen_until": NOW, "held": 0, "deleted": 9, "closed_at": NOW, "model_version": "test"}
    return RegisterPart(**(fixed | end | values))  # type: ignore[arg-type]


@pytest.fixture
def firsts(mall: Engine) -> list[First]:
    found = judged(mall)
    store = Store(mall, clock=lambda: NOW)
    store.save_firsts(found)
    store.save_parts([told(found)])
    return found


def reader() -> Reader:
    person = Person("ada", "admin")
    return Reader(person, next(site for site in visible_sites(person) if site.name == "main"))


def settings(**changes: object) -> None:
    wire(replace(wired(), config=wired().config.model_copy(update=changes)))
    forget_kept()


def csv_of_day(*, by_hour: bool = False) -> pd.DataFrame:
    config = wired().config
    writer = ReportWriter(wired().engine, config.report, now=lambda: NOW, reid=config.reid)
    return pd.read_csv(io.BytesIO(to_csv(writer.table("main", DAY, by_hour=by_hour))))


def test_the_overview_says_how_many_different_people_came_in_and_how_sure_that_is(
    firsts: list[First], open_page: OpenPage
) -> None:
    day = people_of_day(reader(), DAY).day
    assert day.unique and day.low and day.high and day.staff
    app = open_page(site="main", day=DAY.isoformat())
    between = f"between {day.low} and {day.high}, in {day.told} entries."
    said = texts(app).replace("\\", "")
    assert f"They were {day.unique} unique visitors, {between}" in said
    assert f"{day.staff} entries were of staff, who are no visitors." in said
    assert "Half of the 40 people who were seen coming and leaving again stayed less than 10 min." in said
    assert next(one.value for one in app.metric if one.label == "Unique visitors") == str(day.unique)


def test_hours_and_entrances_add_up_to_the_day_as_in_the_report(firsts: list[First], mall: Engine) -> None:
    people, table, hourly = people_of_day(reader(), DAY), csv_of_day(), csv_of_day(by_hour=True)
    doors = people.by("entrance", sorted(people.firsts["entrance"].unique()))
    hours = people.by("hour_start", sorted(people.firsts["hour_start"].unique()))
    assert doors is not None and hours is not None
    assert doors.sum() == hours.sum() == people.day.unique == table.loc[table["row"] == "site total", "unique"].item()
    assert doors.tolist() == table.loc[table["row"] == "entrance total", "unique"].tolist()
    assert hours.tolist() == hourly.loc[hourly["row"] == "site total", "unique"].tolist()


def test_a_day_that_nobody_compared_says_so_and_shows_no_number(open_page: OpenPage, mall: Engine) -> None:
    app = open_page(site="main", day=DAY.isoformat())
    assert "visits are not compared with each other" in texts(app)
    assert "Unique visitors" not in [one.label for one in app.metric]
    settings(reid=ReidConfig(mode="clothes"))
    assert "visits of this day were not compared with each other" in texts(open_page(site="main", day=DAY.isoformat()))


def test_the_overview_says_what_machines_that_share_did_not(
    firsts: list[First], open_page: OpenPage, mall: Engine
) -> None:
    store = Store(mall, clock=lambda: NOW)
    store.save_parts([told(firsts, not_shared=0)])
    assert "on one machine alone" not in texts(open_page(site="main", day=DAY.isoformat()))
    store.save_parts([told(firsts, not_shared=12)])
    forget_kept()
    said = texts(open_page(site="main", day=DAY.isoformat()))
    assert "12 entries were compared on one machine alone, because the machines could not share" in said
    assert "The comparison began" not in said


def test_what_is_too_unsure_is_said_in_words(firsts: list[First], open_page: OpenPage, mall: Engine) -> None:
    Store(mall, clock=lambda: NOW).save_parts([told(firsts, low=None, high=None, stays=TEN_STAYS)])
    app = open_page(site="main", day=DAY.isoformat())
    assert "the comparison is too unsure for a number" in texts(app)
    assert next(one.value for one in app.metric if one.label == "Unique visitors") == "–"
    assert "10 people were seen coming and leaving again, fewer than 30" in texts(app)


def test_a_comparison_that_began_again_says_when(firsts: list[First], open_page: OpenPage, mall: Engine) -> None:
    moved = [replace(one, part=LATER) for one in firsts[20:]]
    store = Store(mall, clock=lambda: NOW)
    store.save_firsts(moved)
    store.save_parts([told(firsts[:20]), told(moved, uid=LATER, began_at=NINE.replace(hour=9, minute=5))])
    settings(reid=ReidConfig(mode="clothes", max_interval_share=2.0))
    app = open_page(site="main", day=DAY.isoformat())
    assert "The comparison began 2 times (09:00 and 10:05)" in texts(app).replace("\\", "")


def test_a_late_arrival_takes_the_interval_away(firsts: list[First], open_page: OpenPage, mall: Engine) -> None:
    gone = replace(firsts[0], first=None)
    assert any(one.first is not None for one in firsts)
    first = next(one for one in firsts if one.first is not None and not one.staff)
    Store(mall, clock=lambda: NOW).save_firsts([replace(first, first=None), gone])
    assert "how sure that is cannot be told, because visits changed since" in texts(
        open_page(site="main", day=DAY.isoformat())
    )


def test_entries_that_were_not_judged_are_told(firsts: list[First], mall: Engine, open_page: OpenPage) -> None:
    some = next(one for one in firsts if one.first is not None)
    Store(mall, clock=lambda: NOW).save_firsts([replace(some, first=None)])
    day = unique_days(reader(), DAY, DAY)[DAY]
    assert day.arrivals == day.told + 1
    doors = people_of_day(reader(), DAY).by("entrance", ["South", "Another"])
    assert doors is not None and doors.isna().tolist() == [False, True]
    said = f"{day.told} of {day.arrivals} entries were compared."
    assert said in texts(open_page(site="main", day=DAY.isoformat())).replace("\\", "")


def test_groups_add_up_and_agree_with_the_report(firsts: list[First], mall: Engine) -> None:
    chosen = DayFilter(DAY, DAY, ALL_DAYS, open_only=False)
    found = group_unique(reader(), chosen, group_visits(reader(), chosen))
    assert found.by_group["visits"].sum() == found.total == people_of_day(reader(), DAY).day.unique
    rows = csv_of_day().query("row == 'group'").groupby(["gender", "age_group"])["unique"].sum()
    page = found.by_group.set_index(["gender", "age_group"])["visits"]
    assert (page - rows).abs().max() <= 1  # rounded by camera there, for all together here


def test_a_camera_with_hidden_counts_tells_no_group_of_unique_visitors(firsts: list[First], mall: Engine) -> None:
    settings(report=ReportConfig(small_cell=3))
    chosen = DayFilter(DAY, DAY, ALL_DAYS, open_only=False)
    visits = group_visits(reader(), chosen)
    found = group_unique(reader(), chosen, visits)
    assert visits.anything_hidden and found.by_group["hidden"].all()
    shown = csv_of_day().query("row == 'group'").groupby(["gender", "age_group"])["unique"].sum()
    assert abs(found.by_group["visits"].sum() - shown.sum()) <= 1
    assert found.total == people_of_day(reader(), DAY).day.unique


def test_few_people_are_hidden_although_their_visits_are_many(
    firsts: list[First], mall: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unique_groups, "_hiding", lambda cells: set())  # as if no count of visits were small
    settings(report=ReportConfig(small_cell=1000))
    chosen = DayFilter(DAY, DAY, ALL_DAYS, open_only=False)
    found = group_unique(reader(), chosen, group_visits(reader(), chosen))
    assert found.by_group["hidden"].all() and found.by_group["visits"].sum() == 0
    assert found.total == people_of_day(reader(), DAY).day.unique


def test_staff_can_be_left_out_of_every_count_of_visits(firsts: list[First], mall: Engine) -> None:
    staff = sum(one.staff for one in firsts)
    chosen = DayFilter(DAY, DAY, ALL_DAYS, open_only=False)
    before = group_visits(reader(), chosen)
    settings(reid=ReidConfig(mode="clothes", staff_in_visits=False))
    after, table = group_visits(reader(), chosen), csv_of_day()
    assert before.total - after.total == staff > 0
    assert reader().daily(DAY, DAY, ())["visits"].item() == after.total
    assert table.loc[table["row"] == "site total", "visits"].item() == after.total
    assert after.by_group["visits"].sum() == after.total


def test_staff_can_be_left_out_of_who_came_in_on_all_sites_and_beside_sales(firsts: list[First], mall: Engine) -> None:
    staff = sum(one.staff for one in firsts if one.first is not None)
    sold = Package(
        "main", "sales", Source("t.csv", "", "ada"), {}, figures=(Figure("transactions", DAY, WHOLE_DAY, "", 40),)
    )
    store_figures(mall, sold, NOW)
    before, page = range_sales(reader(), DAY, DAY), all_sites(Person("vera", "viewer", ("main",)))[0].yesterday
    settings(reid=ReidConfig(mode="clothes", staff_in_visits=False))
    after, page_after = range_sales(reader(), DAY, DAY), all_sites(Person("vera", "viewer", ("main",)))[0].yesterday
    assert before.days["came_in"].item() - after.days["came_in"].item() == staff > 0
    came = came_in(reader(), DAY, DAY)["came_in"].item()
    assert after.days["came_in"].item() == page_after.came_in == came
    assert page.came_in == came + staff


def test_trends_and_demographics_offer_unique_visitors(firsts: list[First], open_page: OpenPage) -> None:
    app = open_page("demographics", site="main")
    app.selectbox(key="people-range").set_value("Own range").run()
    app.date_input(key="people-dates").set_value((DAY, DAY)).run()
    app.segmented_control(key="people-count").set_value("Unique visitors").run()
    assert not app.exception
    assert "unique visitors, everybody counted once a day" in texts(app)
    trends = open_page("trends", site="main")
    assert "Unique visitors are not told for 1 day; Overview says why." in texts(trends)  # the Monday before
    trends.selectbox(key="trends-range").set_value("Last 7 days").run()
    assert "are not told" not in texts(trends)
    trends.toggle(key="table-trend").set_value(True).run()
    table = trends.dataframe[0].value.set_index("Day")["Unique visitors"]
    assert table[f"Mon 2 Mar {DAY.year}"] == people_of_day(reader(), DAY).day.unique
    assert table.notna().sum() == 1
