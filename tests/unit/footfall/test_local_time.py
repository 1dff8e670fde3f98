"""Local days and hours of real zones: nothing is counted in two days, nothing in none."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from footfall.local_time import (
    Interval,
    day_bounds,
    hour_of,
    hours_of_day,
    local_day,
    opening_intervals,
    overlap_s,
)

AWKWARD = (
    "Europe/Berlin", "America/Santiago", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham",
    "America/St_Johns", "America/Havana", "Africa/Cairo", "Africa/Casablanca", "Asia/Gaza", "America/Caracas",
    "Asia/Pyongyang", "Pacific/Apia", "Antarctica/Troll", "America/Scoresbysund", "Asia/Tehran", "UTC",
)  # fmt: skip
zones = st.sampled_from([ZoneInfo(name) for name in AWKWARD])
days = st.dates(date(1995, 1, 1), date(2040, 1, 1))
moments = st.datetimes(datetime(1995, 1, 2), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
HOUR = timedelta(hours=1)


@given(zone=zones, day=days)
def test_days_join_without_gap_or_overlap(zone: ZoneInfo, day: date) -> None:
    bounds = day_bounds(day, zone)
    assert bounds.start <= bounds.end
    assert bounds.end == day_bounds(day + timedelta(days=1), zone).start
    assert bounds.end - bounds.start <= timedelta(hours=26)


@given(zone=zones, moment=moments)
def test_every_moment_lies_in_its_own_day_and_hour(zone: ZoneInfo, moment: datetime) -> None:
    day = local_day(moment, zone)
    bounds = day_bounds(day, zone)
    assert bounds.start <= moment < bounds.end
    hour = hour_of(moment, zone)
    assert hour.start <= moment < hour.end
    assert hour in hours_of_day(day, zone)


@given(zone=zones, moment=moments)
@example(zone=ZoneInfo("America/St_Johns"), moment=datetime(2010, 11, 7, 2, 45, tzinfo=UTC))
def test_the_day_is_the_one_on_the_wall_but_for_a_clock_set_back_over_midnight(
    zone: ZoneInfo, moment: datetime
) -> None:
    day, wall = local_day(moment, zone), moment.astimezone(zone).date()
    if day != wall:  # the clock was set back over midnight within the last hours
        assert day == wall + timedelta(days=1)
        assert (moment - timedelta(hours=2)).astimezone(zone).utcoffset() != moment.astimezone(zone).utcoffset()


@given(zone=zones, day=days)
def test_hours_fill_the_day_and_have_their_own_labels(zone: ZoneInfo, day: date) -> None:
    bounds, hours = day_bounds(day, zone), hours_of_day(day, zone)
    edges = [hour.start for hour in hours] + [bounds.end]
    assert edges[0] == bounds.start if hours else bounds.start == bounds.end
    assert [hour.end for hour in hours] == edges[1:]
    assert all(timedelta(0) < hour.end - hour.start <= HOUR for hour in hours)
    assert len({hour.label for hour in hours}) == len(hours)
    for hour in hours:
        clocks = {
            (at.astimezone(zone).hour, at.astimezone(zone).utcoffset()) for at in (hour.start, hour.end - HOUR / 3600)
        }
        assert len(clocks) == 1


@pytest.mark.parametrize(
    ("zone", "day", "length", "count", "odd"),
    [
        ("Europe/Berlin", "2026-03-02", 24, 24, []),
        ("Europe/Berlin", "2026-03-29", 23, 23, []),
        ("Europe/Berlin", "2026-10-25", 25, 25, ["02:00 (2nd)"]),
        ("America/Santiago", "2026-09-06", 23, 23, []),
        ("America/Santiago", "2026-04-04", 25, 25, ["23:00 (2nd)"]),
        ("Asia/Beirut", "2026-03-29", 23, 23, []),
        ("Asia/Beirut", "2026-10-24", 25, 25, ["23:00 (2nd)"]),
        ("America/Havana", "2026-11-01", 25, 25, ["00:00 (2nd)"]),
        ("Australia/Lord_Howe", "2026-04-05", 24.5, 25, ["01:00 (2nd)"]),
        ("Australia/Lord_Howe", "2026-10-04", 23.5, 24, []),
        ("Asia/Kathmandu", "2026-06-01", 24, 24, []),
        ("Pacific/Apia", "2011-12-30", 0, 0, []),
    ],
)
def test_days_on_which_the_clock_changes(zone: str, day: str, length: float, count: int, odd: list[str]) -> None:
    bounds = day_bounds(date.fromisoformat(day), ZoneInfo(zone))
    hours = hours_of_day(date.fromisoformat(day), ZoneInfo(zone))
    assert bounds.end - bounds.start == timedelta(hours=length)
    assert len(hours) == count
    assert [hour.label for hour in hours if "(" in hour.label] == odd


def test_a_day_without_midnight_begins_when_the_clock_has_jumped() -> None:
    hours = hours_of_day(date(2026, 9, 6), ZoneInfo("America/Santiago"))
    assert hours[0].label == "01:00"
    assert hours[0].start == datetime(2026, 9, 6, 4, 0, tzinfo=UTC)


def test_a_moment_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="no UTC offset"):
        local_day(datetime(2026, 3, 2, 12, 0), ZoneInfo("Europe/Berlin"))  # noqa: DTZ001


def open_s(day: date, zone: str, *hours: str) -> float:
    """Return how many seconds the mall is open; one text for all days, or seven."""
    found = opening_intervals(day, ZoneInfo(zone), hours * 7 if len(hours) == 1 else hours)
    return sum((one.end - one.start).total_seconds() for one in found)


@pytest.mark.parametrize(
    ("day", "hours", "expected_h"),
    [
        (date(2026, 3, 2), "09:00-21:00", 12),
        (date(2026, 3, 2), "closed", 0),
        (date(2026, 3, 2), "00:00-24:00", 24),
        (date(2026, 3, 29), "00:00-24:00", 23),
        (date(2026, 10, 25), "00:00-24:00", 25),
        (date(2026, 3, 2), "10:00-02:00", 16),
        (date(2026, 3, 29), "10:00-03:00", 16),  # 02:00-03:00 does not exist
        (date(2026, 10, 25), "10:00-03:00", 18),  # 02:00-03:00 comes twice
        (date(2026, 3, 29), "02:30-10:00", 7),  # opens when the clock has jumped to 03:00
    ],
)
def test_opening_hours_of_a_day(day: date, hours: str, expected_h: float) -> None:
    assert open_s(day, "Europe/Berlin", hours) == expected_h * 3600


def test_the_time_after_midnight_belongs_to_the_next_day() -> None:
    week = ("closed", "closed", "closed", "closed", "18:00-02:00", "closed", "closed")
    friday, zone = date(2026, 3, 6), ZoneInfo("Europe/Berlin")
    assert open_s(friday, "Europe/Berlin", *week) == 6 * 3600
    (rest,) = opening_intervals(friday + timedelta(days=1), zone, week)
    assert rest == Interval(datetime(2026, 3, 6, 23, tzinfo=UTC), datetime(2026, 3, 7, 1, tzinfo=UTC))
    assert opening_intervals(friday + timedelta(days=2), zone, week) == ()


clock_times = st.times().map(lambda moment: time(moment.hour, moment.minute))


@settings(max_examples=200)
@given(zone=zones, day=days, opens=clock_times, closes=clock_times)
def test_opening_intervals_lie_in_the_day_in_order(zone: ZoneInfo, day: date, opens: time, closes: time) -> None:
    text = f"{opens:%H:%M}-{closes:%H:%M}" if opens != closes else "00:00-24:00"
    bounds, found = day_bounds(day, zone), opening_intervals(day, zone, (text,) * 7)
    edges = [edge for one in found for edge in one]
    assert edges == sorted(edges)
    assert all(bounds.start <= edge <= bounds.end for edge in edges)
    hours = hours_of_day(day, zone)
    by_hour = sum(overlap_s(hour.start, hour.end, found) for hour in hours)
    assert by_hour == sum((one.end - one.start).total_seconds() for one in found)
