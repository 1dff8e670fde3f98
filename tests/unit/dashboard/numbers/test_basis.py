"""Who came in, and whether enough was observed to say by how many per cent that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from analytics.shares import Shares
from dashboard.accounts.person import Person
from dashboard.glossary import TERMS
from dashboard.metrics import sparkline
from dashboard.numbers.basis import TOO_LITTLE
from dashboard.numbers.came_in import came_in, entrances_without_line, with_came_in
from dashboard.numbers.kept import forget_kept
from dashboard.numbers.periods import basis_of, days_frame, periods_frame
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.numbers.shares import RangeShares, ToldShares
from dashboard.numbers.who import who_came
from dashboard.serving.wiring import wire, wired
from db.store import Store
from footfall.config_sections import ReidConfig
from tests.mall import CAME_IN, DAY, NOW
from tests.unit.dashboard.conftest import OpenPage, texts
from tests.unit.dashboard.test_unique import judged, told
from tools.served import ROOT

FIRST = date(2026, 11, 2)
WEEK = [FIRST + timedelta(days=number) for number in range(7)]
GROUPS = ("0-12", "13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")


def compared(observed: list[float], before: list[float | None]) -> pd.DataFrame:
    """Return a week of 120 a day, of which so much was observed, beside one of 100 a day."""
    then = [day - timedelta(days=7) for day in WEEK]
    known = [day for day, share in zip(then, before, strict=True) if share is not None]
    counts = pd.DataFrame({"came_in": 120, "visits": 200}, WEEK)
    counts = pd.concat([counts, pd.DataFrame({"came_in": 100, "visits": 180}, known)])
    seconds = [*observed, *(share for share in before if share is not None)]
    observation = pd.DataFrame({"open_s": 100.0, "observed_open_s": [100 * one for one in seconds]}, [*WEEK, *known])
    return days_frame(WEEK, counts, observation, {day: (day - timedelta(days=7),) for day in WEEK})


@pytest.mark.usefixtures("mall")
def test_a_change_needs_enough_days_of_which_enough_was_observed() -> None:
    whole = basis_of(compared([1.0] * 7, [1.0] * 7))
    assert (whole.change, whole.words) == ("+20%", "7 of 7 days compared")
    one_gone = compared([1.0] * 6 + [0.008], [1.0] * 7)
    assert (basis_of(one_gone).change, basis_of(one_gone).words) == ("+20%", "6 of 7 days compared")
    assert periods_frame(one_gone, "Week")["change"].tolist() == ["+20% (6 of 7 days)"]
    two_known = compared([1.0] * 7, [None] * 5 + [1.0] * 2)
    assert (basis_of(two_known).change, basis_of(two_known).is_enough) == (None, False)
    assert periods_frame(two_known, "Week")["change"].tolist() == [f"{TOO_LITTLE} (2 of 7 days)"]
    assert basis_of(compared([1.0] * 7, [0.5] * 7)).compared == 0


def test_a_gap_in_a_small_chart_is_a_hole_and_the_weakest_day_has_a_bar() -> None:
    bars = sparkline(pd.Series([None, 50.0, float("nan"), 40.0]))
    assert np.array_equal(bars, [0.0, np.nan, 50.0, np.nan, 40.0], equal_nan=True)
    assert sparkline(pd.Series([None, None], dtype="float64")) == []


def reader() -> Reader:
    person = Person("ada", "admin")
    return Reader(person, next(site for site in visible_sites(person) if site.name == "main"))


def test_who_came_in_adds_up_whatever_it_is_asked_by_and_leaves_staff_out_as_set(mall: Engine) -> None:
    for by in ((), ("day",), ("entrance",), ("hour_start",), ("camera", "day")):
        assert came_in(reader(), DAY, DAY, by)["came_in"].sum() == CAME_IN
    firsts = judged(mall)
    store = Store(mall, clock=lambda: NOW)
    store.save_firsts(firsts)
    store.save_parts([told(firsts)])
    wire(replace(wired(), config=wired().config.model_copy(update={"reid": ReidConfig(staff_in_visits=False)})))
    forget_kept()
    staff = sum(one.staff and one.first is not None for one in firsts)
    assert staff
    assert came_in(reader(), DAY, DAY)["came_in"].tolist() == [CAME_IN - staff]


def test_without_a_counting_line_everybody_came_in_and_the_page_says_at_which_entrance(
    open_page: OpenPage, mall: Engine
) -> None:
    rows = pd.DataFrame(
        [("A", "a", "in", 3), ("A", "a", "none", 2), ("B", "b", "none", 4)],
        columns=["entrance", "camera", "direction", "visits"],
    ).assign(day=DAY)
    assert with_came_in(rows)["came_in"].tolist() == [3, 0, 4]
    assert entrances_without_line(rows) == ["B"]
    assert "crossing a counting line" not in texts(open_page(site="main", day=DAY.isoformat()))
    with mall.begin() as connection:
        south = "camera_id = (SELECT id FROM cameras WHERE name = 'south')"
        for table in ("hourly_totals", "hourly_visits", "daily_visits"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE direction <> 'in' AND {south}")
            connection.exec_driver_sql(f"UPDATE {table} SET direction = 'none' WHERE {south}")
    forget_kept()
    said = texts(open_page(site="main", day=DAY.isoformat()))
    assert "crossing a counting line at South, so people going out there are in the number as well" in said


def ages(deviation: float) -> RangeShares:
    """Return shares of eight age groups of which 25-34 and 35-44 are taken for each other."""
    estimate = np.array([0.02, 0.04, 0.12, 0.3, 0.3, 0.08, 0.09, 0.05])
    own = np.diag(np.full(8, 1e-6))
    own[3:5, 3:5] += deviation**2 * np.array([[1.0, -1.0], [-1.0, 1.0]])
    shares = Shares(GROUPS, estimate, estimate, estimate, own, 0 * own, 1000, np.zeros(8, np.bool_))
    return RangeShares(None, ToldShares(shares, None, 1000, 1200, 0, 1, ()))


def test_four_ages_are_those_that_can_be_told() -> None:
    assert [part.name for part in who_came(ages(0.001)).ages] == ["0–17", "18–34", "35–54", "55+"]
    mixed = who_came(ages(0.1)).ages
    assert [part.name for part in mixed] == ["0–17", "18–24", "25–54", "55+"]
    assert mixed[2].about == pytest.approx(0.68)
    assert all(part.low is not None and part.low <= (part.about or 0) <= (part.high or 0) for part in mixed)


def test_the_glossary_says_the_same_in_the_docs_as_on_the_page(open_page: OpenPage) -> None:
    document = " ".join((ROOT / "docs" / "glossary.md").read_text("utf-8").split())
    said = texts(open_page("glossary")).replace("\\", "")
    for term in TERMS:
        assert f"**{term.name.capitalize()}**" in document
        assert term.meaning in document
        assert term.meaning in said
