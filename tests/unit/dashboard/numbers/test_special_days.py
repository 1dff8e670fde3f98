"""Holidays and weather in words, where a comparison meets them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from dashboard.accounts.person import LOCAL_PERSON
from dashboard.numbers.ground import Ground, lay
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.numbers.special_days import range_words, special_words, with_holidays
from db.events import Event, add_event
from db.writing.figures import Package, store_figures
from footfall.config import Config
from footfall.figures import DayWeather, Source
from tests.mall import DAY, NOW, WEEK_BEFORE

ETHIOPIA = {"main": {"country": "ET", "time_zone": "Europe/Berlin"}}  # 2 March is a holiday there


@pytest.fixture
def reader(mall: Engine) -> Reader:
    """The site `main`, in a country whose holidays are known."""
    lay(Ground(Config(sites=ETHIOPIA), mall, lambda: NOW))
    return Reader(LOCAL_PERSON, next(site for site in visible_sites(LOCAL_PERSON) if site.name == "main"))


def test_a_holiday_is_said_where_a_comparison_meets_it_and_marked_like_an_event(reader: Reader, mall: Engine) -> None:
    assert special_words(reader, [WEEK_BEFORE, DAY]) == ["Mon 2 Mar was Adwa Victory Day."]
    assert special_words(reader, [WEEK_BEFORE]) == []
    assert range_words(reader, [WEEK_BEFORE], [DAY]) == ["Mon 2 Mar was Adwa Victory Day, in the compared days."]
    marked = with_holidays(reader.events(WEEK_BEFORE, DAY), reader.site, WEEK_BEFORE, DAY)
    assert marked[["name", "kind"]].to_numpy().tolist() == [["Adwa Victory Day", "holiday"]]
    add_event(mall, Event("main", DAY, DAY, "Our own name for it", "holiday"))
    named = with_holidays(reader.events(WEEK_BEFORE, DAY), reader.site, WEEK_BEFORE, DAY)
    assert list(named["name"]) == ["Our own name for it"]


def test_rain_is_said_where_only_one_of_two_days_had_it(reader: Reader, mall: Engine) -> None:
    days = [WEEK_BEFORE + timedelta(days=number) for number in range(8)]
    rain = {day: 12.4 if day >= DAY - timedelta(days=2) else 0.0 for day in days}
    weather = tuple(DayWeather(day, None, rain[day], "") for day in days)
    store_figures(mall, Package("main", "weather", Source("w.csv", "", "ada"), {}, weather=weather), NOW)
    assert special_words(reader, [WEEK_BEFORE, DAY])[1:] == ["It rained 12 mm on Mon 2 Mar."]
    assert special_words(reader, [DAY - timedelta(days=1), DAY])[1:] == []
    told = range_words(reader, days[5:7], days[1:4])
    assert told == ["It rained on 2 of 2 days, and on 0 of 3 compared ones."]
