"""The views of docs/sql.md say what pages and reports say, on both databases, and every query of the manual runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from db.migration import alembic_config
from db.reading.arrivals import arrivals, crosses_a_line, who_came_in
from db.reading.observation import observation
from db.reading.queries import hourly
from db.reading.selection import Selection
from db.session import reading, transact
from db.store import Store
from db.writing.zone_offsets import keep_offsets, offsets_of
from footfall.config import Config
from footfall.local_time import hours_of_day
from footfall.types import Direction, Gender
from tests.conftest import FakeClock
from tests.integration.conftest import first, minute, part, visit

ROOT = Path(__file__).parents[3]
SQL_PAGE = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
BOARD = json.loads((ROOT / "deploy" / "grafana" / "footfall.json").read_text(encoding="utf-8"))
QUERIES = re.findall(r"```sql\n(.*?)```", SQL_PAGE, re.DOTALL)
VIEWS = {
    name: re.findall(r"`(\w+)`", columns)
    for name, columns in re.findall(r"^\| `(v_\w+)` \|.*\| ([^|]*) \|$", SQL_PAGE, re.MULTILINE)
}
DAYS = Selection(date(2026, 3, 1), date(2026, 3, 30))
OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLOCKS_CHANGED = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
WAYS = (Direction.IN, Direction.OUT, Direction.IN, Direction.NONE)


@pytest.fixture
def filled(engine: Engine, store: Store, config: Config, clock: FakeClock) -> Engine:
    """A day at the north with directions, one without at the south, and a bar past midnight when the clocks change.

    From the third day on the mall is closed on Sundays and opens later on Saturdays.
    """
    moments = [OPENED + timedelta(minutes=20 * number) for number in range(30)]
    north = [
        visit(number, at, direction=WAYS[number % 4], gender=list(Gender)[number % 3])
        for number, at in enumerate(moments)
    ]
    south = [visit(100 + number, at, camera="south", direction=Direction.NONE) for number, at in enumerate(moments[:7])]
    late = [CLOCKS_CHANGED, CLOCKS_CHANGED + timedelta(hours=2), OPENED + timedelta(days=26)]
    bar = [visit(200 + number, at, camera="bar") for number, at in enumerate(late)]
    store.save_visits([*north, *south, *bar])
    store.save_minutes([minute(OPENED + timedelta(minutes=number)) for number in range(500)])
    store.save_minutes([minute(CLOCKS_CHANGED + timedelta(minutes=number), camera="bar") for number in range(90)])
    store.save_firsts([first(number) for number in (0, 4)])
    store.save_parts([part(OPENED.date())])
    clock.advance(days=1)
    hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "10:00-20:00") | {"sat": "12:30-02:00", "sun": "closed"}
    mall = config.sites["mall"].model_copy(update={"opening_hours": hours})
    store.sync(config.model_copy(update={"sites": {**config.sites, "mall": mall}}))
    return engine


def rows_of(engine: Engine, query: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(text(query.replace(":", r"\:")))]


def day_of(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def utc(value: object) -> pd.Timestamp:
    """Return an instant of a view: aware on PostgreSQL, text in UTC on SQLite."""
    return pd.to_datetime(str(value), utc=True)


def test_who_came_in_is_the_same_by_view_and_by_function(filled: Engine) -> None:
    view = {
        (row["site"], row["entrance"], row["camera"], day_of(row["day"])): row
        for row in rows_of(filled, "SELECT * FROM v_daily")
    }
    with reading(filled) as connection:
        came = arrivals(connection, DAYS, ("site", "entrance", "camera", "day"))
        by_way = hourly(connection, DAYS, ("camera", "day", "hour_start", "direction"))
    assert {"north", "south", "bar"} == set(came["camera"])
    for site, entrance, camera, day, people in came.itertuples(index=False, name=None):
        assert view[site, entrance, camera, day]["came_in"] == people
    assert {key[2] for key, row in view.items() if row["crosses_a_line"] == 0} == {"south"}
    lines = by_way.assign(line=crosses_a_line(by_way)).groupby(["camera", "day"])["line"].first()
    assert {key: bool(row["crosses_a_line"]) for key, row in counted(view).items()} == lines.to_dict()
    hours = rows_of(filled, "SELECT camera, hour_start, came_in FROM v_hourly WHERE came_in > 0")
    by_hour = who_came_in(by_way).groupby(["camera", "hour_start"])["visits"].sum()
    assert {(row["camera"], utc(row["hour_start"])): row["came_in"] for row in hours} == by_hour.to_dict()


def counted(view: dict[tuple[Any, ...], dict[str, Any]]) -> dict[tuple[str, date], dict[str, Any]]:
    return {key[2:]: row for key, row in view.items() if row["crosses_a_line"] is not None}


def test_groups_add_up_and_unique_visitors_of_a_day_with_one_part_are_told(filled: Engine) -> None:
    numbers = "sum(came_in) AS a, sum(went_out) AS b, sum(unseen) AS c, sum(visits) AS d"
    sums = [
        {tuple(row.values()) for row in rows_of(filled, f"SELECT {numbers} FROM {view}")}
        for view in ("v_daily", "v_hourly", "v_groups_daily", "v_groups_hourly")
    ]
    assert all(one == sums[0] for one in sums)
    assert len(rows_of(filled, "SELECT DISTINCT gender FROM v_groups_daily")) == 3
    (row,) = rows_of(filled, "SELECT * FROM v_unique")
    assert (row["parts"], row["judged"], row["unique_visitors"], row["unique_low"]) == (1, 2, 2.0, 1.0)
    assert row["not_shared"] is None
    assert sum(row["unique_sum"] for row in rows_of(filled, "SELECT unique_sum FROM v_unique_groups")) == 2


def test_parts_that_were_compared_with_each_other_tell_unique_visitors_together(filled: Engine, store: Store) -> None:
    other = UUID(int=9)
    store.save_firsts([first(100, camera="south", part=other)])
    query = "SELECT parts, unique_visitors, unique_low, unique_high, not_shared FROM v_unique"
    for heard, wanted in (((None, 0), (2, None, None, None, 0)), ((0, 0), (2, 3.0, 1.5, 4.5, 0))):
        mine = part(OPENED.date(), not_shared=heard[0])
        theirs = part(OPENED.date(), 1, 1.0, uid=other, low=0.5, high=1.5, not_shared=heard[1])
        store.save_parts([mine, theirs])
        assert [tuple(row.values()) for row in rows_of(filled, query)] == [wanted]
    store.save_parts([part(OPENED.date(), not_shared=1)])
    assert [tuple(row.values()) for row in rows_of(filled, query)] == [(2, None, None, None, 1)]


def test_observed_shares_are_those_of_the_pages_also_past_midnight(filled: Engine) -> None:
    view = {(row["camera"], day_of(row["day"])): row for row in rows_of(filled, "SELECT * FROM v_completeness")}
    with reading(filled) as connection:
        expected = observation(connection, DAYS, ("camera", "day")).to_dict("records")
        hours = observation(connection, DAYS, ("camera", "hour_start")).to_dict("records")
    assert len(expected) > 80
    for row in expected:
        found = view[row["camera"], row["day"]]
        told = (found["open_s"], found["observed_open_s"], found["observed_s"])
        assert told == (row["open_s"], row["observed_open_s"], row["observed_s"])
    by_hour = {(row["camera"], row["hour_start"]): row for row in hours}
    seen = rows_of(filled, "SELECT camera, hour_start, open_s, observed_open_s FROM v_hourly")
    for one in seen:
        wanted = by_hour[one["camera"], utc(one["hour_start"])]
        assert (one["open_s"], one["observed_open_s"]) == (wanted["open_s"], wanted["observed_open_s"])


def test_hours_are_those_of_the_malls_clock(filled: Engine) -> None:
    zones = {row["camera"]: ZoneInfo(row["time_zone"]) for row in rows_of(filled, "SELECT * FROM v_cameras")}
    found = rows_of(filled, "SELECT camera, day, hour, hour_local, hour_start FROM v_hourly")
    assert {row["camera"] for row in found} == {"north", "south", "bar"}
    for row in found:
        zone, start = zones[row["camera"]], utc(row["hour_start"])
        labels = {hour.start: hour.label[:5] for hour in hours_of_day(day_of(row["day"]), zone)}
        assert row["hour"] == labels[start.to_pydatetime()]
        assert row["hour_local"] == start.astimezone(zone).isoformat(timespec="minutes")


def test_the_manual_names_every_view_with_its_columns_and_its_queries_run(filled: Engine) -> None:
    inspected = inspect(filled)
    views = {name for name in inspected.get_view_names() if not name.startswith("v_base_")}
    assert views == set(VIEWS)
    for name, columns in VIEWS.items():
        assert [column["name"] for column in inspected.get_columns(name)] == columns
    assert len(QUERIES) > 9
    found = [rows_of(filled, query) for query in QUERIES]
    assert [row["footfall"] for row in found[0]][:2] == [15 + 7, 0]


def test_the_offsets_of_a_database_that_is_upgraded_are_there_and_renewed(filled: Engine) -> None:
    with filled.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        before = ScriptDirectory.from_config(config).get_revision("0015")
        assert before is not None
        command.downgrade(config, str(before.down_revision))
        command.upgrade(config, "head")
        connection.commit()
    assert {row["hour"] for row in rows_of(filled, "SELECT hour FROM v_hourly WHERE camera = 'south'")} == {
        "10:00",
        "11:00",
        "12:00",
    }
    with filled.begin() as connection:
        connection.execute(text("UPDATE zone_offsets SET offset_s = 0"))
    transact(filled, keep_offsets, "Europe/Berlin")
    (row,) = rows_of(filled, "SELECT max(offset_s) AS most FROM zone_offsets WHERE time_zone = 'Europe/Berlin'")
    assert row["most"] == 7200
    offsets = list(offsets_of("Australia/Lord_Howe"))
    assert all(one.ends_at == other.starts_at for one, other in pairwise(offsets))
    assert {one.offset_s for one in offsets} == {37800, 39600}


def board_queries(part: Any) -> Iterator[str]:
    """Yield every query of the dashboard: of panels, annotations and variables."""
    if isinstance(part, dict):
        if "rawSql" in part:
            yield part["rawSql"]
        for name, value in part.items():
            if name == "query" and isinstance(value, str):
                yield value
            yield from board_queries(value)
    elif isinstance(part, list):
        for one in part:
            yield from board_queries(one)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_every_query_of_the_grafana_dashboard_runs(filled: Engine) -> None:
    queries = list(board_queries(BOARD))
    assert len(queries) == len(BOARD["panels"]) + 2
    begin, end = "'2026-03-01T00:00:00Z'", "'2026-03-31T00:00:00Z'"
    for query in queries:
        written = re.sub(r"\$__timeFilter\((.*?)\)(?=\s|$)", rf"\1 BETWEEN {begin} AND {end}", query)
        written = written.replace("$__timeFrom()", begin).replace("$__timeTo()", end).replace("$site", "mall")
        assert "$" not in written
        found = rows_of(filled, written)
        assert found or "v_events" in query or "v_outages" in query
