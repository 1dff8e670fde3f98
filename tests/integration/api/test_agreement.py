"""A program gets the numbers of page and report: every one of them is compared with both."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import httpx2
import pandas as pd
import psycopg
import pytest
from sqlalchemy import Engine

from app.demo.month import write_month
from app.demo.month_plan import month_config
from dashboard.accounts.person import Person
from dashboard.numbers.comparison import compare_day
from dashboard.numbers.groups import DayFilter, group_visits
from dashboard.numbers.kept import forget_kept
from dashboard.numbers.occupancy import occupancy_by_hour, occupancy_now
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.numbers.shares import range_shares
from dashboard.numbers.unique import unique_days
from db.session import open_database
from db.tokens import add_token
from db.users import Account, add_account
from footfall.config import Config
from footfall.config_sections import ReportConfig
from reports.estimates import keep_all
from reports.files import to_csv
from reports.writer import ReportWriter
from tests.conftest import FakeClock
from tests.integration.api.serving import program, serving
from tests.mall import DAY, NOW, fill_mall, mall_config

EVERY_WEEKDAY = frozenset(range(7))


@dataclass(frozen=True)
class Asked:
    """The interface's client, what pages read with in the same name, and the report of the day as CSV."""

    client: httpx2.Client
    reader: Reader
    day: date
    csv: pd.DataFrame
    hourly: pd.DataFrame

    def get(self, kind: str, **parameters: str) -> Any:
        """Return what the interface says of the day."""
        span = {"from": str(self.day), "to": str(self.day)}
        answer = self.client.get(f"/v1/sites/{self.reader.site.name}/{kind}", params={**span, **parameters})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def total(self, kind: str, entrance: str = "") -> pd.Series:
        """Return a row of totals of the report."""
        rows = self.csv[self.csv["row"] == kind]
        return rows[rows["entrance"] == entrance].iloc[0] if entrance else rows.iloc[0]


def csv_of(config: Config, engine: Engine, site: str, day: date, *, by_hour: bool) -> pd.DataFrame:
    writer = ReportWriter(engine, config.report, reid=config.reid)
    return pd.read_csv(io.BytesIO(to_csv(writer.table(site, day, by_hour=by_hour))), keep_default_na=True)


@pytest.fixture(
    scope="module", params=[("month", 0), ("month", 8), ("postgresql", 3)], ids=lambda one: f"{one[0]}-{one[1]}"
)
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Two simulated days with nothing and with something to hide, and the small mall on a server."""
    kind, small_cell = request.param
    folder = tmp_path_factory.mktemp(kind)
    if kind == "month":
        url, day, site = str(request.getfixturevalue("month_file")), NOW.date() - timedelta(days=1), "galleria"
        config = month_config(url).model_copy(update={"report": ReportConfig(small_cell=small_cell)})
        engine = open_database(url)
        keep_all(engine, config, NOW)  # as `footfall jobs` does after the settings were changed
    else:
        url, day, site = str(request.getfixturevalue("empty_postgres")), DAY, "main"
        config = mall_config(url, folder, small_cell=small_cell)
        engine = fill_mall(config)
        add_account(engine, Account("vera", "viewer", (site,)), NOW)
    token = add_token(engine, "vera", "", None, NOW)
    reports = [csv_of(config, engine, site, day, by_hour=by_hour) for by_hour in (False, True)]
    with serving(config, engine, FakeClock(NOW)) as address, program(address, token) as client:
        person = Person("vera", "viewer", (site,))
        [mine] = visible_sites(person)
        yield Asked(client, Reader(person, mine), day, *reports)
    forget_kept()
    engine.dispose()


@pytest.fixture(scope="module")
def month_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two simulated days of two malls with a thousand visits each, and somebody who may see one of them."""
    url = f"sqlite:///{tmp_path_factory.mktemp('month') / 'month.db'}"
    write_month(url, NOW, days=2)
    engine = open_database(url)
    add_account(engine, Account("vera", "viewer", ("galleria",)), NOW)
    engine.dispose()
    return url


@pytest.fixture(scope="module")
def empty_postgres(postgres_database: str) -> str:
    """URL of an empty PostgreSQL database for the whole module."""
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres_database


def test_api_page_and_csv_give_the_same_numbers(asked: Asked) -> None:
    [day] = asked.get("days")["items"]
    page, total = compare_day(asked.reader, asked.day, NOW).totals, asked.total("site total")
    assert day["visits"] == page.visits == total["visits"] > 0
    assert day["went_out"] == page.left > 0
    assert day["came_in"] == int(asked.reader.arrivals(asked.day, asked.day)["arrivals"].sum())
    assert day["came_in"] + day["went_out"] <= day["visits"] and day["directed"]
    assert day["observed_share"] == total["observed_share"]
    assert day["complete"] == (total["complete"] == "yes")
    assert asked.client.get(f"/v1/sites/{asked.reader.site.name}/days/{asked.day}").json() == day
    unique = unique_days(asked.reader, asked.day, asked.day)[asked.day]
    assert (day["unique"]["people"], day["unique"]["low"], day["unique"]["high"]) == (
        unique.unique, unique.low, unique.high,
    )  # fmt: skip
    assert (day["unique"]["people"] is None) == bool(pd.isna(total["unique"]))
    for entrance in asked.csv.loc[asked.csv["row"] == "entrance total", "entrance"]:
        [here] = asked.get("days", entrance=entrance)["items"]
        assert here["visits"] == asked.total("entrance total", entrance)["visits"]
        assert here["unique"] is None


def test_api_and_csv_give_the_same_hours_and_gaps(asked: Asked) -> None:
    hours = {hour["start"][:16]: hour for hour in asked.get("hours")["items"]}
    rows = asked.hourly[asked.hourly["row"] == "site total"]
    assert len(rows) >= 3 and len(hours) == 24
    for row in rows.to_dict("records"):
        hour = hours[row["hour"][:16]]
        assert hour["start"].endswith("+01:00") and hour["observed_share"] == row["observed_share"]
        assert (hour["visits"] or 0) == row["visits"]
    [day] = asked.get("days")["items"]
    for name in ("visits", "came_in", "went_out", "unseen"):
        assert sum(hour[name] or 0 for hour in hours.values()) == day[name]
    watched = {one["camera"]: one["observed_share"] for one in asked.get("completeness")["items"]}
    cameras = asked.csv[asked.csv["row"] == "camera total"]
    assert watched == dict(zip(cameras["camera"], cameras["observed_share"], strict=True))


def test_api_and_page_tell_the_same_number_inside_or_the_same_reason(asked: Asked) -> None:
    path = f"/v1/sites/{asked.reader.site.name}"
    answer, page = asked.client.get(f"{path}/occupancy").json(), occupancy_now(asked.reader)
    told = None if page.now is None else (page.now.estimate, page.now.low, page.now.high)
    assert (answer["estimate"], answer["low"], answer["high"]) == (told or (None,) * 3)
    assert (answer["reason"] or "") == page.reason and (answer["estimate"] is None) == bool(answer["reason"])
    assert datetime.fromisoformat(answer["at"]) == NOW
    day, rows = (
        asked.client.get(f"{path}/days/{asked.day}/occupancy").json(),
        occupancy_by_hour(asked.reader, asked.day),
    )
    assert [hour["estimate"] for hour in day["hours"]] == [None if pd.isna(one) else one for one in rows["inside"]]
    assert [hour["high"] for hour in day["hours"]] == [None if pd.isna(one) else one for one in rows["high"]]
    assert len(day["hours"]) == 24 and day["hours"][-1]["end"].startswith(str(asked.day + timedelta(days=1)))
    assert (day["reason"] is None) == rows["inside"].notna().all()


def test_api_page_and_csv_hide_and_tell_the_same_groups(asked: Asked) -> None:
    answer = asked.get("groups")
    chosen = DayFilter(asked.day, asked.day, EVERY_WEEKDAY, open_only=False)
    page = group_visits(asked.reader, chosen).by_group.set_index(["gender", "age_group"])
    groups = asked.csv[asked.csv["row"] == "group"].assign(hidden=lambda rows: rows["suppressed"] == "yes")
    csv = groups.groupby(["gender", "age_group"]).agg({"visits": "sum", "hidden": "any"})
    assert len(answer["counted"]) == len(page) == len(csv)
    for one in answer["counted"]:
        key = (one["gender"], one["age_group"])
        hidden = one["visits"] is None
        assert hidden == page.loc[key, "hidden"] == csv.loc[key, "hidden"]
        assert one["at_least"] == page.loc[key, "visits"] == csv.loc[key, "visits"]
    assert answer["visits"] == asked.total("site total")["visits"]
    assert any(one["visits"] is None for one in answer["counted"]) == bool(csv["hidden"].any())


def test_api_page_and_csv_tell_the_same_corrected_shares(asked: Asked) -> None:
    answer = asked.get("groups")
    page = range_shares(asked.reader, [asked.day])
    rows = asked.csv[(asked.csv["row"] == "share") & (asked.csv["entrance"] == "all")]
    if asked.reader.site.name == "main":  # whose network has no table of confusions
        assert (answer["gender"], answer["age"]) == (None, None) and rows.empty
        return
    assert page.gender is not None and page.age is not None
    for name, shares in (("gender", page.gender), ("age", page.age)):
        column, told = {"gender": "gender", "age": "age_group"}[name], answer[name]
        csv = rows[rows[column] != "all"].set_index(column)
        assert (told["judged"], told["left_out"]) == (shares.judged, shares.left_out)
        assert [one["group"] for one in told["shares"]] == list(shares.fine.groups) == list(csv.index)
        for one in told["shares"]:
            written = [
                None if pd.isna(value) else value for value in csv.loc[one["group"], ["estimate", "low", "high"]]
            ]
            assert [one["share"], one["low"], one["high"]] == written
