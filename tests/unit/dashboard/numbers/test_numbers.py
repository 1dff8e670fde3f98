"""The pure functions behind the pages: days, periods, wording, sentences."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import create_engine

from dashboard.numbers.came_in import with_came_in
from dashboard.numbers.camera_day import day_spans
from dashboard.numbers.day import busy_part, day_totals, hours_frame, seen_until
from dashboard.numbers.ground import Ground, lay
from dashboard.numbers.periods import Step, compared_days, days_frame, periods_frame
from dashboard.numbers.reasons import in_words
from dashboard.wording import ago, change, count, day_range, duration, percent, plain, points
from footfall.config import Config
from footfall.local_time import day_bounds, hours_of_day, opening_intervals
from footfall.types import OutageReason

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def default_settings() -> None:
    """What may be compared is a setting."""
    lay(Ground(Config(), create_engine("sqlite://")))


AUTUMN = date(2026, 10, 25)  # 25 hours


def test_percentages_never_round_up_to_all_or_down_to_nothing() -> None:
    assert [percent(share) for share in (1.0, 0.999, 0.5, 0.001, 0.0, None)] == [
        "100%",
        "> 99%",
        "50%",
        "< 1%",
        "0%",
        "–",
    ]
    assert percent(float("nan")) == "–"


def test_changes_have_a_sign_and_need_something_to_compare_with() -> None:
    assert (change(110, 100), change(80, 100), change(5, 0), change(5, None)) == ("+10%", "−20%", None, None)
    assert points(0.25, 0.2) == "+5.0 pp"


@pytest.mark.parametrize("special", list("\\`*_{}[]()<>#+-.!|~$:&"))
def test_markdown_in_names_is_escaped(special: str) -> None:
    assert plain(f"a{special}b") == f"a\\{special}b"


def test_numbers_days_and_durations_as_people_read_them() -> None:
    assert count(1234567) == "1,234,567"
    assert duration(7800) == "2 h 10 min"
    assert day_range(date(2026, 11, 1), date(2026, 11, 21)) == "1–21 Nov 2026"
    assert day_range(date(2025, 12, 30), date(2026, 1, 2)) == "30 Dec 2025 – 2 Jan 2026"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert ago(now - timedelta(minutes=12), now) == "12 min ago"


def test_a_day_of_25_hours_has_its_repeated_hour_and_compares_it_with_nothing() -> None:
    hours, before = hours_of_day(AUTUMN, BERLIN), hours_of_day(AUTUMN - timedelta(days=7), BERLIN)
    now = pd.DataFrame({"came_in": range(25), "visits": 30, "observed": 1.0}, [hour.start for hour in hours])
    then = pd.DataFrame({"came_in": 100, "visits": 200, "observed": 0.5}, [hour.start for hour in before])
    frame = hours_frame(hours, now, before, then)
    assert len(frame) == 25
    assert list(frame["label"][2:4]) == ["02:00", "02:00 (2nd)"]
    assert frame.loc[frame["label"] == "02:00 (2nd)", "compared"].isna().all()
    assert frame["compared"].sum() == 2400
    assert frame["before_observed"].sum() == 12.0


def test_closed_hours_are_left_out_unless_somebody_came() -> None:
    hours = hours_of_day(AUTUMN, BERLIN)
    opening = opening_intervals(AUTUMN, BERLIN, ("09:00-12:00",) * 7)
    now = pd.DataFrame({"came_in": [0], "visits": [1], "observed": [float("nan")]}, [hours[16].start])
    frame = hours_frame(hours, now, (), now[:0])
    assert list(busy_part(frame, opening, hours)["label"]) == [f"{hour:02}:00" for hour in range(8, 17)]


def test_hours_to_come_are_not_expected_to_be_observed_yet() -> None:
    day = date(2026, 3, 2)
    starts = [hour.start for hour in hours_of_day(day, BERLIN)]
    opening = opening_intervals(day, BERLIN, ("09:00-12:00",) * 7)
    rows = pd.DataFrame({"hour_start": starts, "open_s": [3600.0 if 9 <= n < 12 else 0.0 for n in range(24)]})
    now = starts[10] + timedelta(minutes=15)
    assert seen_until(rows, opening, now)["open_s"].sum() == 3600 + 900


def test_totals_count_a_visit_without_age_or_gender_as_unknown_once() -> None:
    visits = pd.DataFrame(
        [("in", "female", "25-34", 6), ("out", "unknown", "25-34", 1), ("none", "male", "unknown", 2)],
        columns=["direction", "gender", "age_group", "visits"],
    ).assign(camera="a", day=AUTUMN)
    totals = day_totals(with_came_in(visits), pd.DataFrame({"open_s": [100.0], "observed_open_s": [80.0]}))
    assert (totals.came_in, totals.visits, totals.entered, totals.left, totals.unseen) == (6, 9, 6, 1, 2)
    assert totals.unknown_share == pytest.approx(3 / 9)
    assert totals.observed_share == 0.8


def test_weeks_meet_weekdays_and_months_meet_the_calendar() -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 10)
    assert compared_days(first, first, last, "Day", "the weeks before") == (date(2026, 10, 18),)
    assert compared_days(first, first, last, "Week", "a year before") == (date(2025, 11, 2),)  # a Sunday, too
    assert compared_days(first, first, last, "Month", "a year before") == (date(2025, 11, 1),)
    assert compared_days(first, first, last, "Day", "nothing") is None


@pytest.mark.parametrize(
    ("first", "last", "label", "visits", "compared"),
    [
        (date(2028, 2, 1), date(2028, 2, 29), "February 2028", 2900, 2800),
        (date(2029, 2, 1), date(2029, 2, 28), "February 2029", 2800, 2900),
        (date(2030, 2, 1), date(2030, 2, 28), "February 2030", 2800, 2800),
        (date(2028, 2, 1), date(2028, 2, 28), "1–28 Feb 2028", 2800, 2800),
        (date(2029, 2, 10), date(2029, 2, 28), "10–28 Feb 2029", 1900, 1900),
        (date(2028, 2, 20), date(2028, 2, 29), "20–29 Feb 2028", 1000, 900),
        (date(2029, 3, 1), date(2029, 3, 31), "March 2029", 3100, 3100),
    ],
)
def test_a_month_meets_the_whole_month_a_year_before(
    first: date, last: date, label: str, visits: int, compared: int
) -> None:
    frame = _beside_a_year_before(first, last, "Month")
    assert frame[["label", "came_in", "compared"]].to_numpy().tolist() == [[label, visits, compared]]


def test_a_year_of_months_meets_every_day_of_the_year_before_once() -> None:
    for year in (2027, 2028, 2029):
        months = _beside_a_year_before(date(year, 1, 1), date(year, 12, 31), "Month")
        lengths = [calendar.monthrange(year - 1, month)[1] for month in range(1, 13)]
        assert months["compared"].tolist() == [100 * length for length in lengths]


def test_the_29th_of_february_alone_meets_no_day() -> None:
    assert _beside_a_year_before(date(2028, 2, 29), date(2028, 3, 31), "Month")["compared"].isna().tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize("year", [2026, 2028, 2029])
def test_weeks_meet_seven_days_each_also_in_a_year_of_53(year: int) -> None:
    monday = date.fromisocalendar(year, 1, 1)
    weeks = _beside_a_year_before(monday, monday + timedelta(days=53 * 7 - 1), "Week")
    assert weeks["compared"].tolist() == [700] * 53


def _beside_a_year_before(first: date, last: date, step: Step) -> pd.DataFrame:
    """Return the periods of a range in which each day, also of the years before, had 100 visits."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    past = [first - timedelta(days=number) for number in range(1, 800)]
    visits = pd.DataFrame({"came_in": 100, "visits": 170}, [*days, *past])
    observation = pd.DataFrame({"open_s": 3600.0, "observed_open_s": 3600.0}, index=days)
    compared = {day: compared_days(day, first, last, step, "a year before") for day in days}
    return periods_frame(days_frame(days, visits, observation, compared), step)


def test_periods_show_how_much_was_observed_and_compare_only_whole_ones() -> None:
    days = [date(2026, 11, 2) + timedelta(days=number) for number in range(14)]
    visits = pd.DataFrame({"came_in": 10, "visits": 20}, [*days, *(day - timedelta(days=14) for day in days[7:])])
    observation = pd.DataFrame({"open_s": 100.0, "observed_open_s": 90.0}, index=days)
    frame = days_frame(days, visits, observation, {day: (day - timedelta(days=14),) for day in days})
    weeks = periods_frame(frame, "Week")
    assert list(weeks["label"]) == ["Week 45, 2–8 Nov 2026", "Week 46, 9–15 Nov 2026"]
    assert list(weeks["came_in"]) == [70, 70]
    assert weeks["compared"].isna().tolist() == [True, False]
    assert weeks["observed"].tolist() == [0.9, 0.9]
    assert weeks["visits"].tolist() == [140, 140]
    assert weeks["change"].tolist() == ["–", "+0%"]
    assert list(weeks["end"] - weeks["start"]) == [pd.Timedelta(days=7)] * 2


def test_a_hole_in_the_opening_hours_becomes_a_gap_with_its_reason() -> None:
    day = date(2026, 3, 2)
    bounds = day_bounds(day, BERLIN)
    at = [bounds.start + timedelta(hours=hour) for hour in range(24)]
    timeline = pd.DataFrame(
        [
            ("a", "ok", at[8], at[10]),
            ("a", "ok", at[11], at[12]),
            ("b", "dark", at[9], at[12]),
            ("c", "ok", at[9], at[11]),
            ("c", "slow", at[11], at[12]),
        ],
        columns=["camera", "state", "started_at", "ended_at"],
    )
    outages = pd.DataFrame(
        {
            "camera": ["a"],
            "started_at": [at[10]],
            "ended_at": pd.Series([pd.NaT]).dt.tz_localize("UTC"),
            "reason": ["cable"],
        }
    )
    opening = opening_intervals(day, BERLIN, ("09:00-12:00",) * 7)
    spans = day_spans(timeline, outages, {"a": "A", "b": "B", "c": "C"}, opening, bounds, at[20], BERLIN)
    gaps = spans[spans["state"] == "gap"]
    assert gaps[["camera", "from_text", "to_text", "reason"]].to_numpy().tolist() == [
        ["A", "10:00", "11:00", "cable"],
        ["B", "09:00", "12:00", "the picture was dark"],
        ["C", "11:00", "12:00", "the computer was too slow"],
    ]
    assert gaps["from_h"].tolist() == [10.0, 9.0, 11.0]


def stretches(
    rows: Sequence[tuple[datetime, datetime | None, str]],
    seen: Sequence[tuple[datetime, datetime]],
    now: datetime,
    heard_at: datetime | None = None,
) -> list[tuple[str, str, str]]:
    """Return from, to and why of the gaps of a camera that was seen in `seen` and has the outages `rows`."""
    day = date(2026, 3, 2)
    timeline = pd.DataFrame(
        [("a", "ok", start, end) for start, end in seen], columns=["camera", "state", "started_at", "ended_at"]
    )
    columns = ["camera", "started_at", "ended_at", "reason", "heard_at"]
    outages = pd.DataFrame([("a", *row, heard_at) for row in rows], columns=columns)
    for table, names in ((timeline, ("started_at", "ended_at")), (outages, ("started_at", "ended_at", "heard_at"))):
        for name in names:
            table[name] = pd.to_datetime(table[name], utc=True)
    opening = opening_intervals(day, BERLIN, ("09:00-12:00",) * 7)
    spans = day_spans(timeline, outages, {"a": "A"}, opening, day_bounds(day, BERLIN), now, BERLIN)
    gaps = spans[spans["state"] == "gap"]
    return [tuple(row) for row in gaps[["from_text", "to_text", "reason"]].to_numpy().tolist()]


def at(clock: str) -> datetime:
    """Return a moment of 2 March 2026 in Berlin, as UTC."""
    return datetime.fromisoformat(f"2026-03-02T{clock}").replace(tzinfo=BERLIN).astimezone(UTC)


EVENING = at("20:00")
TO_TEN, FROM_HALF_PAST_ELEVEN = (at("09:00"), at("10:01")), (at("11:30"), at("12:00"))


def test_each_stretch_of_a_gap_has_its_own_reason() -> None:
    rows = [(at("10:01"), at("10:02"), "stream ended"), (at("10:02"), at("11:30"), "not running")]
    assert stretches(rows, [TO_TEN, FROM_HALF_PAST_ELEVEN], EVENING) == [
        ("10:01", "10:02", "the camera broke off the connection"),
        ("10:02", "11:30", "the program was not running"),
    ]


def test_a_time_of_which_nobody_says_anything_is_one_without_the_program() -> None:
    rows = [(at("10:01"), at("10:11"), "silent")]
    assert stretches(rows, [TO_TEN, FROM_HALF_PAST_ELEVEN], EVENING) == [
        ("10:01", "10:11", "the camera was connected and sent no picture"),
        ("10:11", "11:30", "the program was not running"),
    ]
    assert stretches([], [TO_TEN], datetime(2026, 3, 3, 9, tzinfo=UTC))[0][2] == "the program was not running"


def test_what_has_not_arrived_yet_is_not_called_a_program_that_does_not_run() -> None:
    [(begin, end, reason)] = stretches([], [TO_TEN], at("11:00"))
    assert (begin, end) == ("10:01", "11:00")
    assert "nothing has arrived since" in reason


def test_an_outage_that_nobody_ended_lasts_as_long_as_its_machine_was_heard_of() -> None:
    [blind, silent] = stretches([(at("10:01"), None, "no connection")], [TO_TEN], EVENING, heard_at=at("10:30"))
    assert blind == ("10:01", "10:30", "the camera did not answer or refused the connection")
    assert silent[:2] == ("10:30", "12:00")
    assert "nothing has arrived since" in silent[2]
    [blind] = stretches([(at("10:01"), None, "no connection")], [TO_TEN], at("11:00"), heard_at=at("10:59"))
    assert blind[:2] == ("10:01", "11:00")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("not running", "the program was not running"),
        ("the program was stopped", "the program was not running"),
        (
            "rtsp://***@10.0.0.9/cam: user name or password refused",
            "the camera did not answer or refused the connection",
        ),
        ("the worker was killed (SIGKILL)", "the program had a fault and started again"),
        ("[Errno 113] No route to host", "the camera did not answer or refused the connection"),
        (
            "rtsp://10.0.0.9/cam: the stream ended; check that the camera is on; then the program was stopped",
            "the camera broke off the connection, then the program was not running",
        ),
        ("power cut", "power cut"),
        ("", "no picture arrived"),
    ],
)
def test_reasons_of_outages_show_no_address_and_no_signal(stored: str, shown: str) -> None:
    assert in_words(stored) == shown


def test_every_reason_has_words_that_are_not_its_code() -> None:
    assert {in_words(reason) for reason in OutageReason}.isdisjoint(OutageReason)
