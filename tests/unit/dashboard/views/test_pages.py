"""Every page on a mall whose numbers are known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from sqlalchemy import Engine, event, text, update
from streamlit.testing.v1 import AppTest

from dashboard.numbers.basis import TOO_LITTLE
from dashboard.numbers.kept import forget_kept
from dashboard.serving.wiring import wire, wired
from db.models import BoxRow, CameraRow
from db.store import Store
from db.writing.boxes import box_name
from footfall.config import Config
from footfall.config_services import ComparisonConfig
from footfall.types import CameraMinute, Direction, Gender, Outage, OutageReason, Visit
from tests.conftest import FakeClock
from tests.mall import ALL_VISITS, CAME_IN, DAY, MARKUP_LABEL
from tests.unit.dashboard.conftest import OpenPage, texts

MARKDOWN_LINK = re.compile(r"(?<!\\)\]\(https")
PAGES = (
    "all_sites",
    "overview",
    "demographics",
    "trends",
    "sales",
    "cameras",
    "reports",
    "audits",
    "glossary",
    "administration",
)


def metric(app: AppTest, label: str) -> Any:
    return next(one for one in app.metric if one.label == label)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_without_an_error(open_page: OpenPage, address: str) -> None:
    app = open_page(address)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("address", PAGES)
def test_every_page_says_when_the_data_is_simulated(open_page: OpenPage, mall: Engine, address: str) -> None:
    assert "Simulated" not in texts(open_page(address))
    with mall.begin() as connection:
        connection.execute(text("UPDATE sites SET simulated = TRUE"))
    assert "Simulated data" in texts(open_page(address))


def test_overview_shows_the_numbers_of_the_day_and_their_change(open_page: OpenPage) -> None:
    app = open_page(site="main", day=DAY.isoformat())
    assert app.metric[0].label == "Came in"
    assert (app.metric[0].value, app.metric[0].delta) == (str(CAME_IN), TOO_LITTLE)  # 88 % of the time was observed
    assert app.expander[0].label == "Passages in both directions: 50 (37 in, 13 out, 0 not seen which way)"
    assert metric(app, "Unknown").value == "22%"  # 11 of 50
    assert metric(app, "Observed").value == "88%"  # 315 of 360 camera minutes: rounded, never up


def test_overview_says_what_stands_out_and_who_did_not_watch(open_page: OpenPage) -> None:
    said = texts(open_page(site="main", day=DAY.isoformat())).replace("\\", "")
    assert "**37 came in on Mon 2 Mar; too little was observed to compare with Mon 23 Feb: 88% and 100% of" in said
    assert "Busiest hour: 10:00, when 18 came in" in said
    assert "something covered the lens, 11:15–12:00" in said


def test_overview_says_how_long_each_reason_held(open_page: OpenPage, mall: Engine, mall_clock: FakeClock) -> None:
    begin, halfway, end = (datetime(2026, 3, 2, 10, minute, tzinfo=UTC) for minute in (15, 45, 59))
    covered = Outage(uuid5(NAMESPACE_URL, "gap"), "north", begin, halfway, "something covered the lens")
    stopped = Outage(uuid5(NAMESPACE_URL, "then"), "north", halfway, end, OutageReason.NOT_RUNNING)
    Store(mall, mall_clock).save_outages([covered, stopped])
    said = texts(open_page(site="main", day=DAY.isoformat())).replace("\\", "")
    assert "something covered the lens for 30 min, the program was not running for " in said


def test_an_empty_day_says_why_and_what_to_do(open_page: OpenPage) -> None:
    said = texts(open_page(site="main", day="2026-02-25")).replace("\\", "")
    assert "No data for Wednesday 25 February 2026" in said
    assert "camera South: the program was not running, 09:00–12:00" in said
    assert "Cameras shows what each camera does now" in said


def test_a_day_without_data_has_no_counts_rather_than_zeros(open_page: OpenPage) -> None:
    app = open_page(site="main", day="2026-02-25")
    assert [metric(app, label).value for label in ("Came in", "Unknown")] == ["–"] * 2


def test_a_day_that_still_runs_is_compared_up_to_the_last_whole_hour(
    open_page: OpenPage, mall_clock: FakeClock
) -> None:
    mall_clock.now = mall_clock.now.replace(day=2, hour=9, minute=40)  # 10:40 in Berlin on the known Monday
    app = open_page(site="main", day=DAY.isoformat())
    assert "Today so far" in texts(app)
    assert metric(app, "Came in").delta == "−14%"  # 6 against 7 until ten o'clock


def test_today_begins_with_what_happened_yesterday(open_page: OpenPage, mall_clock: FakeClock) -> None:
    said = texts(open_page(site="main", day=mall_clock.now.date().isoformat())).replace("\\", "")
    assert "**Yesterday:** 37 came in on Mon 2 Mar" in said
    assert "Only 88% of the opening time was observed" in said


def test_a_label_with_markup_is_shown_as_text(open_page: OpenPage) -> None:
    app = open_page(site="main", day=DAY.isoformat())
    said = next(element.value for element in app.markdown if "Not watching" in element.value)
    assert MARKUP_LABEL not in said
    assert "\\<b\\>North" in said
    assert "\\[doors\\]\\(https" in said


def test_no_label_becomes_a_link_or_a_picture_on_any_page(open_page: OpenPage) -> None:
    for address in PAGES:
        for day in (DAY.isoformat(), "2026-02-25"):
            assert not MARKDOWN_LINK.search(texts(open_page(address, site="main", day=day)))


def test_demographics_keeps_unknown_apart(open_page: OpenPage) -> None:
    app = open_page("demographics", site="main")
    app.selectbox(key="people-range").set_value("Last 7 days").run()
    said = texts(app)
    assert "50 visits" in said.replace("\\", "")
    assert "22% of unknown gender" in said.replace("\\", "")


def test_trends_compare_with_the_weeks_before(open_page: OpenPage) -> None:
    app = open_page("trends", site="main")
    app.selectbox(key="trends-range").set_value("Last 7 days").run()
    assert metric(app, "Came in").value == str(CAME_IN)
    assert metric(app, "Came in").delta == TOO_LITTLE
    assert metric(app, "Came in").proto.delta_description == "0 of 7 days compared"
    app.toggle(key="table-trend").set_value(True).run()
    assert app.dataframe[0].value.set_index("Day")["Change"][f"Mon 2 Mar {DAY.year}"] == "–"
    settings = {"comparison": ComparisonConfig(min_observed_share=0.8, min_days_share=0.1)}
    wire(replace(wired(), config=wired().config.model_copy(update=settings)))
    app.run()
    assert metric(app, "Came in").delta == "+28%"  # 29 came in a week before
    assert metric(app, "Came in").proto.delta_description == "1 of 7 days compared"
    app.selectbox(key="trends-compare").set_value("nothing").run()
    assert metric(app, "Came in").delta == ""


def test_cameras_tell_their_state_and_their_last_trouble(open_page: OpenPage) -> None:
    app = open_page("cameras", site="main", day=DAY.isoformat())
    now = next(frame.value for frame in app.dataframe if "Last frame" in frame.value.columns)
    north = now[now["Entrance"] == "North *gate*"].iloc[0]
    assert north["State"] == "Not watching"
    assert "2 Mar 11:15–12:00: something covered the lens" in texts(app).replace("\\", "")
    figures = next(frame.value for frame in app.dataframe if "Frames dropped" in frame.value.columns)
    south = figures[figures["Camera"] == "South"].iloc[0]
    assert (south["Observed"], south["Frames dropped"], south["Faces too small"]) == (1.0, 1800, 0.25)


def test_cameras_and_report_have_the_same_observed_share(open_page: OpenPage, mall: Engine) -> None:
    with mall.begin() as connection:
        connection.execute(text("UPDATE hourly_observation SET observed_open_s = observed_open_s - 0.3"))
    shown = {}
    for address, column, share in (("cameras", "Camera", "Observed"), ("reports", "entrance", "observed_share")):
        app = open_page(address, site="main", day=DAY.isoformat())
        table = next(frame.value for frame in app.dataframe if share in frame.value.columns)
        shown[address] = table.loc[table[column].str.contains("South"), share].iloc[0]
    assert shown["cameras"] == shown["reports"] == 0.9999


def test_a_camera_that_no_settings_name_is_said_with_the_way_to_retire_it(
    open_page: OpenPage, mall: Engine, config: Config, mall_clock: FakeClock
) -> None:
    fewer = {name: camera for name, camera in config.cameras.items() if name != "south"}
    Store(mall, mall_clock).sync(config.model_copy(update={"cameras": fewer}))
    said = texts(open_page("cameras", site="main"))
    assert "Camera south is expected to watch" in said.replace("\\", "")
    assert "“footfall cameras retire south --from 2026-03-03”" in said.replace("\\", "")
    assert "south" not in texts(open_page("cameras", site="annex"))
    Store(mall, mall_clock).retire_camera("south", date(2026, 3, 3))
    forget_kept()
    app = open_page("cameras", site="main")
    assert "expected to watch" not in texts(app)
    now = next(frame.value for frame in app.dataframe if "Last frame" in frame.value.columns)
    assert now.loc[now["Camera"] == "South", "State"].item() == "Retired from Tue 3 Mar on"


def test_cameras_stand_by_machine_as_soon_as_two_watch_the_site_and_say_what_is_wrong_with_one(
    open_page: OpenPage, mall: Engine, config: Config, mall_clock: FakeClock
) -> None:
    assert "Machine" not in texts(open_page("cameras", site="main"))
    store = Store(mall, mall_clock)
    for box, names in (("east", ("north", "annex-door")), ("west", ("south",))):
        part = {name: camera for name, camera in config.cameras.items() if name in names}
        own = config.model_copy(update={"cameras": part, "service": config.service.model_copy(update={"box": box})})
        store.sync(own)
        store.note_heard(own)
    store.forget_box(box_name(config))  # the one that told of all of them
    with mall.begin() as connection:
        wrong = {"heard_at": mall_clock() - timedelta(hours=2), "clock_ahead_s": 63.0}
        connection.execute(update(BoxRow).where(BoxRow.name == "west").values(wrong))
    forget_kept()
    app = open_page("cameras", site="main")
    said = texts(app).replace("\\", "")
    assert "Machine east: heard of" in said
    assert "Machine west: heard of 2 h ago, clock 63 s ahead" in said
    assert "Machine west was heard of last at" in said and "The clock of machine west is 63 s ahead of" in said
    tables = [frame.value for frame in app.dataframe if "Last frame" in frame.value.columns]
    assert [len(table) for table in tables] == [1, 1]
    assert tables[1]["Camera"].tolist() == ["South"]
    assert "west" not in texts(open_page("cameras", site="annex"))


def test_reports_can_be_written_again_and_list_their_revisions(open_page: OpenPage) -> None:
    app = open_page("reports", site="main", day=DAY.isoformat())
    assert "No revision" in texts(app)
    app.button(key="write-again").click().run()
    assert "Revision 1 is written" in texts(app) and "No revision" not in texts(app)
    app.button(key="write-again").click().run()
    assert "Revision 1 still holds" in texts(app)
    written = next(frame.value for frame in app.dataframe if "Revision" in frame.value.columns)
    assert written.iloc[0]["Visits"] == str(ALL_VISITS)


def test_a_report_that_is_opened_again_is_not_derived_again(open_page: OpenPage, mall: Engine) -> None:
    asked: list[str] = []
    event.listen(mall, "before_cursor_execute", lambda _connection, _cursor, text, *_: asked.append(text))
    shown = []
    for _ in range(2):
        asked.clear()
        app = open_page("reports", site="main", day=DAY.isoformat())
        shown.append(next(frame.value for frame in app.dataframe if "entrance" in frame.value.columns))
    assert asked and not [text for text in asked if "FROM hourly_visits" in text]
    assert shown[0].equals(shown[1])


def test_every_chart_has_a_table_with_the_same_numbers(open_page: OpenPage) -> None:
    app = open_page(site="main", day=DAY.isoformat())
    app.toggle(key="table-hours").set_value(True).run()
    table = next(frame.value for frame in app.dataframe if "Hour" in frame.value.columns)
    shown = dict(zip(table["Hour"], table["Mon 2 Mar"], strict=True))
    assert (shown["09:00"], shown["10:00"], shown["11:00"]) == (6, 18, 13)
    assert table[["In", "Out", "Direction not seen"]].sum().sum() == ALL_VISITS


def test_events_are_saved_by_an_administrator(open_page: OpenPage) -> None:
    app = open_page("trends", site="main")
    rows = {"edited_rows": {}, "added_rows": [EVENT], "deleted_rows": []}
    app.session_state["events-editor"] = rows
    app.run()
    app.button(key="events-save").click().run()
    assert not app.error, [one.value for one in app.error]


EVENT = {"starts_on": "2026-03-01", "ends_on": "2026-03-02", "name": "Spring sale", "kind": "sale"}


def charts(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(one.proto.spec) for one in app.get("vega_lite_chart")]


def test_two_cameras_of_one_label_have_a_row_each(open_page: OpenPage, mall: Engine) -> None:
    with mall.begin() as connection:
        connection.execute(
            update(CameraRow).where(CameraRow.name.in_(["north", "south"])).values(label="Main entrance")
        )
    app = open_page("cameras", site="main", day=DAY.isoformat())
    [button] = [one for one in app.toggle if one.key == "table-timeline"]
    button.set_value(True).run()
    table = next(frame.value for frame in app.dataframe if {"Camera", "From", "Why"} <= set(frame.value))
    assert set(table["Camera"]) == {"Main entrance (north)", "Main entrance (south)"}


def came_in_at(entered_at: datetime) -> Visit:
    uid, left_at = uuid5(NAMESPACE_URL, f"came {entered_at}"), entered_at + timedelta(seconds=3)
    told: Any = {"gender": Gender.FEMALE, "age_group": "25-34", "age_years": 30.0, "p_female": None}
    return Visit(uid, "north", entered_at, left_at, Direction.IN, **told, samples=3, quality=0.8, model_version="test")


def test_today_is_compared_hour_by_hour_and_never_as_a_whole_day(
    open_page: OpenPage, mall: Engine, mall_clock: FakeClock
) -> None:
    today, opens = date(2026, 3, 3), datetime(2026, 3, 3, 8, tzinfo=UTC)
    a_week = timedelta(days=7)

    def watch(begun: datetime, minutes: int, visits: int) -> None:
        store = Store(mall, mall_clock)
        for camera in ("north", "south"):
            run = uuid5(NAMESPACE_URL, f"{camera} {begun}")
            moments = [begun + timedelta(minutes=number) for number in range(minutes)]
            store.save_minutes([CameraMinute(camera, run, at, 60.0, 480, 470, 10, 0, 20, 5, 0.25) for at in moments])
        store.save_visits([came_in_at(begun + timedelta(seconds=20 * number)) for number in range(visits)])

    def shown() -> tuple[str, AppTest]:
        forget_kept()
        overview = texts(open_page(site="main", day=today.isoformat())).replace("\\", "")
        trends = open_page("trends", site="main")
        trends.selectbox(key="trends-range").set_value("Own range").run()
        trends.date_input(key="trends-dates").set_value((today, today)).run()
        return overview, trends

    watch(opens - a_week, 180, 120)
    watch(opens, 40, 30)
    mall_clock.now = opens + timedelta(minutes=40)
    overview, trends = shown()
    assert "once a whole hour is over" in overview and "no numbers of" not in overview
    assert metric(trends, "Observed").value == "100%"
    watch(opens + timedelta(minutes=40), 130, 80)
    mall_clock.now = opens + timedelta(minutes=170)
    trends = shown()[1]
    assert metric(trends, "Observed").value == "100%"
    assert not metric(trends, "Came in").delta
