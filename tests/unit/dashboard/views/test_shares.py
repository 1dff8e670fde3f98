"""Corrected shares on the pages: in plain words, with limits, and with labels counted behind a switch."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from dashboard.accounts.door import Door
from dashboard.accounts.person import Person
from dashboard.accounts.sessions import Sessions
from dashboard.numbers.kept import forget_kept
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.numbers.shares import range_shares
from dashboard.serving.wiring import Wiring, wire
from dashboard.share_words import age_sentence, coverage_sentence, gender_sentence, notes, shares_frame
from db.store import Store
from footfall.config import Config
from reports.estimates import keep_past_days
from reports.estimating import EstimateSettings
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
    assert "About " in said
    assert "of unknown gender" not in said
    app.toggle(key="people-labels").set_value(True).run()
    assert not app.exception
    assert "of unknown gender" in texts(app).replace("\\", "")


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
    frame = shares_frame(shares)
    assert frame["About"].isna().any()
    if shares.age.coarse is not None:
        assert set(shares.age.coarse.groups) - set(shares.age.fine.groups)
        assert "together" in said


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
