"""The page of sales: not there before an import, and what it says of a mall whose numbers are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import pandas as pd
from sqlalchemy import Engine

from dashboard.accounts.person import LOCAL_PERSON, Person
from dashboard.menu import hidden_pages
from db.store import Store
from footfall.types import CameraMinute
from reports.figure_import import Wanted, keep, understand
from tests.conftest import FakeClock
from tests.mall import DAY, NOW, WEEK_BEFORE
from tests.unit.dashboard.conftest import OpenPage, texts
from tests.unit.dashboard.views.test_pages import metric

# 29 came in a week before, when everything was observed; of the day, three quarters of an hour are missing.
SALES = f"day,hour,transactions,sales\n{WEEK_BEFORE},10,12,90.30\n{DAY},9,5,50\n{DAY},11,9,10\n"


def put(engine: Engine, text: str = SALES) -> None:
    wanted = Wanted("main", "sales", "till.csv", "ada", DAY, "EUR")
    keep(engine, understand(engine, text.encode(), wanted), NOW)


def test_the_menu_has_sales_only_for_who_sees_a_site_with_some(mall: Engine) -> None:
    assert "sales" in hidden_pages(LOCAL_PERSON)
    put(mall)
    assert "sales" not in hidden_pages(LOCAL_PERSON)
    assert "sales" in hidden_pages(Person("vera", "viewer", ("annex",)))


def test_without_figures_the_page_has_no_empty_charts(open_page: OpenPage) -> None:
    app = open_page("sales", site="main")
    assert "No figures in these days" in texts(app)
    assert not app.metric


def test_conversion_is_of_those_who_came_in_on_days_that_were_observed(open_page: OpenPage, mall: Engine) -> None:
    put(mall)
    app = open_page("sales", site="main")
    said = texts(app).replace("\\", "")
    assert "12 transactions of 29 people who came in on 1 day: 41.4%." in said
    assert "Mon 2 Mar was not fully observed and left out" in said
    assert [metric(app, name).value for name in ("Came in", "Sales, EUR", "Conversion", "Average ticket, EUR")] == [
        "29",
        "90",
        "41.4%",
        "7.53",
    ]
    [button] = [one for one in app.toggle if one.key == "table-sales-days"]
    button.set_value(True).run()
    days: pd.DataFrame = app.dataframe[0].value
    assert list(days["Came in"]) == [29, 37]
    assert list(days["Conversion"]) == ["41.4%", "–"]
    [hours] = [one for one in app.toggle if one.key == "table-sales-hours"]
    hours.set_value(True).run()
    told = app.dataframe[1].value
    assert list(told["Hour"]) == ["09:00", "10:00", "11:00"]
    assert list(told["Full hours"]) == [1, 1, 0]  # the day's first hour was watched, its last was not
    app.selectbox(key="sales-ratio").select("Average ticket").run()
    assert not app.exception


def test_days_with_hours_of_staff_and_no_sales_are_not_in_the_sentence(
    open_page: OpenPage, mall: Engine, mall_clock: FakeClock
) -> None:
    begun, run = datetime(DAY.year, DAY.month, DAY.day, 10, 15, tzinfo=UTC), uuid5(NAMESPACE_URL, f"north {DAY}")
    rest = [begun + timedelta(minutes=number) for number in range(45)]
    minutes = [CameraMinute("north", run, one, 60.0, 480, 470, 10, 0, 20, 5, 0.25) for one in rest]
    Store(mall, mall_clock).save_minutes(minutes)
    put(mall, f"day,transactions,sales\n{WEEK_BEFORE},12,90.30\n")
    staff = f"day,hours\n{WEEK_BEFORE},4\n{DAY},4\n"
    wanted = Wanted("main", "staff-hours", "roster.csv", "ada", DAY, "EUR")
    keep(mall, understand(mall, staff.encode(), wanted), NOW)
    said = texts(open_page("sales", site="main")).replace("\\", "")
    assert "12 transactions of 29 people who came in on 1 day: 41.4%." in said


def test_a_site_without_figures_shows_none_of_another(open_page: OpenPage, mall: Engine) -> None:
    put(mall)
    app = open_page("sales", site="annex")
    assert "No figures in these days" in texts(app)
