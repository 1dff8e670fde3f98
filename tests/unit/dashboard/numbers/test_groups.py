"""Groups of visitors: sums, filters, and small counts that nobody can compute."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from dashboard.accounts.person import Person
from dashboard.numbers.groups import DayFilter, group_visits
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.portrait import group_shares, portrait
from dashboard.serving.wiring import wire, wired
from footfall.config_sections import ReportConfig
from tests.mall import ALL_VISITS, DAY, WEEK_BEFORE

EVERY_DAY = frozenset(range(7))
MONDAY = DayFilter(DAY, DAY, EVERY_DAY, open_only=False)


@pytest.fixture
def reader(mall: Engine) -> Reader:
    person = Person("ada", "admin")
    return Reader(person, next(site for site in visible_sites(person) if site.name == "main"))


def test_groups_add_up_to_the_total_with_unknown_among_them(reader: Reader) -> None:
    found = group_visits(reader, MONDAY)
    assert found.total == found.by_group["visits"].sum() == found.by_hour["visits"].sum() == ALL_VISITS
    unknown = found.by_group[found.by_group["gender"] == "unknown"]
    assert unknown["visits"].sum() == 11
    assert not found.anything_hidden
    assert found.hours == ["09:00", "10:00", "11:00"]
    assert found.by_hour.set_index("hour")["observed"].to_dict()["11:00"] == pytest.approx(75 / 120)


def test_filters_by_weekday_entrance_and_opening_hours(reader: Reader) -> None:
    both = DayFilter(WEEK_BEFORE, DAY, EVERY_DAY, open_only=False)
    assert group_visits(reader, both).total == ALL_VISITS + 40
    assert group_visits(reader, replace(both, weekdays=frozenset({1}))).total == 0
    assert group_visits(replace(reader, entrances=("South",)), MONDAY).total == 13
    assert group_visits(reader, replace(MONDAY, open_only=True)).total == ALL_VISITS


def test_small_counts_are_hidden_and_the_total_stays(reader: Reader) -> None:
    report = ReportConfig(small_cell=5)
    wire(replace(wired(), config=wired().config.model_copy(update={"report": report})))
    found = group_visits(reader, MONDAY)
    assert found.anything_hidden
    assert found.total == ALL_VISITS
    assert found.by_group["visits"].sum() < ALL_VISITS
    # One hidden count could be computed from the total; there must be more than one.
    assert found.by_group["hidden"].sum() > 1


def test_the_portrait_names_shares_and_the_change(reader: Reader) -> None:
    now, before = group_visits(reader, MONDAY), group_visits(reader, MONDAY.before())
    assert before.total == 40
    said = " ".join(portrait(now, before))
    assert said.startswith("50 visits: 28% female, 50% male, 22% of unknown gender.")
    shares = group_shares(now, before).set_index("group")
    assert shares.loc["25-34", "share"] == pytest.approx(14 / 50)
