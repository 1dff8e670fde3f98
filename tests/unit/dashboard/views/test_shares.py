"""Corrected shares on the pages: in plain words, with limits, and with labels counted behind a switch."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from dashboard.accounts.door import Door
from dashboard.accounts.person import Person
from dashboard.accounts.sessions import Sessions
from dashboard.numbers.groups import DayFilter
from dashboard.numbers.hour_shares import hour_shares
from dashboard.numbers.kept import forget_kept
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.numbers.shares import judged_by_entrance, range_shares
from dashboard.numbers.told_rows import told_rows
from dashboard.numbers.who import who_came
from dashboard.serving.wiring import Wiring, wire
from dashboard.share_words import age_sentence, coverage_sentence, gender_sentence, notes
from db.estimates import AGE
from db.store import Store
from footfall.config import Config
from reports.estimates import keep_past_days
from reports.hidden_cells import EstimateSettings
from tests.conftest import FakeClock
from tests.integration.reports.shares import NINE, STARTS, know_network, visitors
from tests.mall import DAY, NOW
from tests.unit.dashboard.conftest import OpenPage, texts


@pytest.fixture
def people(mall: Engine) -> Engine:
    """The mall with 1000 more visits on its Monday, of whom 800 could be judged and 60 of 100 are women."""
    know_network(mall)
    Store(mall, lambda: NOW).save_visits(visitors())
    return mall


def reader(entrances: tuple[str, ...] | None = None) -> Reader:
    person = Person("", "admin", ())
    return Reader(person, next(site for site in visible_sites(person) if site.name == "main"), entrances)


def cards(app: AppTest) -> set[str]:
    """Return the keys of the cards on a page, which each have a switch to their table."""
    return {str(toggle.key).removeprefix("table-") for toggle in app.toggle if str(toggle.key).startswith("table-")}


@pytest.mark.usefixtures("people")
def test_overview_says_the_corrected_share_with_its_limits(open_page: OpenPage) -> None:
    app = open_page("overview", site="main", day=DAY.isoformat())
    assert not app.exception
    said = texts(app).replace("\\", "")
    who = next(one.proto.body for one in app.get("html") if "who-name" in one.proto.body)
    card = " ".join(re.sub("<[^>]*>", " ", who).split())
    assert re.search(r"Women \d\d% \d\d to \d\d Men \d\d% ", card)
    assert len(re.findall(r"\d\d?(?:–\d\d?|\+) (?:\d|too few to say)", card)) == 4  # four ages
    assert (
        "visits 76% could be judged" in said
    )  # 800 of 1050, the mall's own 50 were judged by a network without a table


def test_demographics_leads_with_it_and_a_switch_shows_labels(people: Engine, open_page: OpenPage) -> None:
    keep_past_days(people, "main", EstimateSettings(STARTS), NOW)
    app = open_page("demographics", site="main")
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "came in." in said
    assert "About " in said
    assert "of unknown gender" not in said
    assert {"corrected-gender", "corrected-age", "gender-hours", "coverage-hour", "pyramid"} <= cards(app)
    app.toggle(key="people-labels").set_value(True).run()
    assert not app.exception
    assert "of unknown gender" in texts(app).replace("\\", "")
    assert {"age-hours", "age-shares", "gender-shares", "pyramid"} <= cards(app)
    assert "corrected-gender" not in cards(app)


def test_the_unknown_are_spread_only_when_asked_and_the_limits_then_cover_whatever_they_are(
    people: Engine, open_page: OpenPage
) -> None:
    keep_past_days(people, "main", EstimateSettings(STARTS), NOW)
    app = open_page("demographics", site="main")
    app.toggle(key="table-corrected-gender").set_value(True).run()
    apart = app.dataframe[0].value.set_index("Group")
    app.toggle(key="people-spread").set_value(True).run()
    assert "counted as if they were like the others" in texts(app)
    spread = app.dataframe[0].value.set_index("Group")
    assert spread["About"].equals(apart["About"])
    assert (spread["To"] - spread["From"] > apart["To"] - apart["From"] + 0.2).all()  # a quarter was not judged


def test_shares_by_hour_put_as_many_hours_together_as_it_takes(people: Engine) -> None:
    Store(people, lambda: NOW).save_visits(visitors(3, NINE + timedelta(hours=9), first=5000))
    keep_past_days(people, "main", EstimateSettings(STARTS), NOW)
    told = hour_shares(reader(), DayFilter(DAY, DAY, frozenset(range(7)), open_only=False))
    women = told.genders[told.genders["group"] == "female"].set_index("period")
    # From nine to ten nobody was judged; the women come before half past twelve, and again from half past two.
    assert list(women.index) == [
        "09:00-11:00", "11:00", "Noon 12:00-14:00", "14:00-16:00", "16:00-18:00", "Evening 18:00-20:00",
    ]  # fmt: skip
    low, high = women["low"].to_dict(), women["high"].to_dict()
    assert low["11:00"] > 0.9
    assert low["Noon 12:00-14:00"] < 53 / 240 < high["Noon 12:00-14:00"]
    assert women.loc[["Evening 18:00-20:00"], ["estimate", "low", "high"]].isna().all(axis=None)
    assert set(told.ages["group"]) == {"0-17", "18-34", "35-54", "55+"}
    assert women["judged"].sum() == told.hours["judged"].sum() == 803
    assert told.by_hour is not None


def test_hours_of_a_range_are_added_up_at_the_chosen_entrances_and_within_opening_hours(people: Engine) -> None:
    Store(people, lambda: NOW).save_visits(visitors(500, NINE - timedelta(days=7), first=5000))
    keep_past_days(people, "main", EstimateSettings(STARTS), NOW)
    chosen = DayFilter(DAY - timedelta(days=7), DAY, frozenset({0}), open_only=True)
    told, north = hour_shares(reader(), chosen), hour_shares(reader(("North *gate*",)), chosen)
    assert list(told.hours["hour"]) == ["09:00", "10:00", "11:00"]
    assert told.hours.set_index("hour")["judged"].to_dict() == {"09:00": 0, "10:00": 192, "11:00": 192}
    assert 0 < north.hours["judged"].sum() < told.hours["judged"].sum()
    entrances = judged_by_entrance(reader(), chosen.days())
    assert entrances["judged"].sum() == 1200
    assert set(entrances["entrance"]) == {"North *gate*", "South"}


def test_a_range_is_put_together_from_the_stored_days(people: Engine) -> None:
    Store(people, lambda: NOW).save_visits(visitors(500, NINE - timedelta(days=7), first=5000))
    keep_past_days(people, "main", EstimateSettings(STARTS), NOW)
    days = [DAY - timedelta(days=back) for back in range(8)]
    both, monday = range_shares(reader(), days), range_shares(reader(), [DAY])
    assert both.gender is not None
    assert monday.gender is not None
    assert (both.gender.judged, monday.gender.judged, both.gender.days) == (1200, 800, 2)
    assert both.gender.fine.low[0] < 0.6 < both.gender.fine.high[0]
    north = range_shares(reader(("North *gate*",)), days).gender
    assert north is not None
    assert north.judged < both.gender.judged
    assert gender_sentence(both.gender).startswith("About ")
    assert coverage_sentence(both.gender).startswith("Of 1,590 visits 75% could be judged")
    assert notes(both, 3)[-1].startswith("On 1 of 3 days")


def test_the_running_day_is_estimated_when_a_page_asks(people: Engine, mall_clock: FakeClock) -> None:
    mall_clock.now = NINE + timedelta(hours=10)
    forget_kept()
    before = range_shares(reader(), [DAY]).gender
    Store(people, mall_clock).save_visits(visitors(50, NINE + timedelta(hours=9), first=1000))
    after = range_shares(reader(), [DAY]).gender
    assert before is not None
    assert after is not None
    assert after.judged == before.judged + 40


def test_too_few_are_not_told_as_a_number_and_coarser_ages_are(mall: Engine) -> None:
    know_network(mall)
    Store(mall, lambda: NOW).save_visits(visitors(60))
    shares = range_shares(reader(), [DAY])
    assert shares.age is not None
    assert not shares.age.fine.told.all()
    said = age_sentence(shares.age)
    assert said.startswith("Too few")
    rows = told_rows(shares.age, None, AGE, spread=False)
    assert rows["estimate"].isna().any() or len(rows) < len(STARTS)
    if shares.age.coarse is not None:
        assert set(shares.age.coarse.groups) - set(shares.age.fine.groups)
        assert "together" in said


def test_the_setting_says_how_wide_an_interval_may_be(people: Engine, config: Config) -> None:
    keep_past_days(people, "main", EstimateSettings(STARTS), NOW)
    chosen = DayFilter(DAY, DAY, frozenset(range(7)), False)

    def numbers(widest: float) -> list[int]:
        """Return how many genders, of the four ages, ages, and ages by hour have a number."""
        shown = config.model_copy(update={"report": config.report.model_copy(update={"max_share_interval": widest})})
        wire(Wiring(shown, people, Sessions(timedelta(hours=1), lambda: NOW), Door(open_at_start=True), lambda: NOW))
        shares = range_shares(reader(), [DAY])
        assert shares.gender is not None
        assert shares.age is not None
        ages, hours = told_rows(shares.age, None, AGE, spread=False), hour_shares(reader(), chosen).ages
        four = sum(part.about is not None for part in who_came(shares).ages)
        return [int(shares.gender.fine.told.sum()), four, *(int(one["estimate"].count()) for one in (ages, hours))]

    assert numbers(0.1)[:3] == [2, 4, 8]
    few, usual, everything = numbers(0.02)[2:], numbers(0.1)[2:], numbers(1.0)[2:]
    assert few[0] < usual[0]
    assert few[1] < usual[1] < everything[1]
    assert numbers(0.02)[0] == 0


def test_hidden_counts_are_left_out_and_said(people: Engine, config: Config) -> None:
    hiding = config.model_copy(update={"report": config.report.model_copy(update={"small_cell": 8})})
    keep_past_days(people, "main", EstimateSettings(STARTS), NOW)
    wire(Wiring(hiding, people, Sessions(timedelta(hours=1), lambda: NOW), Door(open_at_start=True), lambda: NOW))
    forget_kept()
    assert range_shares(reader(), [DAY]).gender is None  # made with another threshold
    keep_past_days(people, "main", EstimateSettings(STARTS, small_cell=8), NOW)
    forget_kept()
    shares = range_shares(reader(), [DAY])
    assert shares.gender is not None
    assert shares.gender.left_out > 0
    assert any("hidden counts are left out" in note for note in notes(shares, 1))
