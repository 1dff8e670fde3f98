"""Charts: every one is valid Vega-Lite, names unit and zone on its axes, and marks gaps."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import pytest

from dashboard import theme
from dashboard.charts.cameras import completeness_chart, timeline_chart
from dashboard.charts.corrected import age_hours_chart, coverage_chart, gender_hours_chart, shares_with_limits_chart
from dashboard.charts.entrances import entrances_chart
from dashboard.charts.hours import hours_chart
from dashboard.charts.people import gender_shares_chart, group_hours_chart, pyramid_chart, shares_chart, shown_counts
from dashboard.charts.stays import stays_chart
from dashboard.charts.style import AnyChart
from dashboard.charts.trends import trend_chart, weekday_hours_chart

ZONE = "Asia/Kolkata"
INK = theme.LIGHT
GROUPS = ["0-12", "13-17", "unknown"]
HOURS = ["09:00", "10:00"]
PEOPLE = pd.DataFrame(
    [(gender, age, 5, False) for gender in ("female", "male", "unknown") for age in GROUPS],
    columns=["gender", "age_group", "visits", "hidden"],
)
DAYS = pd.date_range("2026-11-01", periods=3, tz="UTC")
PERIODS = pd.DataFrame(
    {
        "start": DAYS,
        "end": DAYS + pd.Timedelta(days=1),
        "label": ["a", "b", "c"],
        "came_in": [1, 2, 3],
        "compared": [1.0, None, 2.0],
        "observed": [1.0, 0.5, None],
    }
)
EVENTS = pd.DataFrame({"start": DAYS[:1], "end": DAYS[1:2], "name": ["Sale"], "kind": ["sale"]})


def hours() -> AnyChart:
    frame = pd.DataFrame({"label": HOURS, "came_in": [3, 0], "compared": [2.0, None], "observed": [1.0, 0.2]})
    frame["unique"] = [2.0, None]
    return hours_chart(frame, "Mon 2 Mar", "Mon 23 Feb", ZONE, INK)


def weekdays() -> AnyChart:
    frame = pd.DataFrame({"weekday": [0, 6], "hour": HOURS, "came_in": [3.5, None], "observed": [1.0, 0.2]})
    return weekday_hours_chart(frame, HOURS, ZONE, INK)


def group_hours() -> AnyChart:
    frame = pd.DataFrame(
        {"age_group": GROUPS[:2], "hour": HOURS, "visits": [1, 0], "hidden": [False, True], "observed": [1.0, 0.5]}
    )
    return group_hours_chart(frame, GROUPS, HOURS, ZONE, INK)


def timeline() -> AnyChart:
    spans = pd.DataFrame(
        [("North", "live", 9.0, 10.5, "09:00", "10:30", ""), ("North", "gap", 10.5, 12.0, "10:30", "12:00", "cable")],
        columns=["camera", "state", "from_h", "to_h", "from_text", "to_text", "reason"],
    )
    return timeline_chart(spans, [f"{hour:02}:00" for hour in range(24)], ["North"], ZONE, INK)


TIMED: dict[str, Callable[[], AnyChart]] = {
    "hours": hours,
    "weekdays": weekdays,
    "group hours": group_hours,
    "trend": lambda: trend_chart(PERIODS, EVENTS, "Came in a day", ZONE, INK),
    "trend with people": lambda: trend_chart(
        PERIODS.assign(unique=[1.0, float("nan"), 2.0]), EVENTS, "Came in a day", ZONE, INK
    ),
    "timeline": timeline,
    "completeness": lambda: completeness_chart(
        pd.DataFrame({"camera": ["North"], "label": ["1 Nov"], "observed": [0.5]}), ["North"], ZONE, INK
    ),
}


@pytest.mark.parametrize("name", TIMED)
def test_charts_over_time_name_their_zone_and_mark_gaps(name: str) -> None:
    spec = json.dumps(TIMED[name]().to_dict())
    assert ZONE in spec
    assert theme.GAP in spec


def test_counts_have_a_titled_axis_from_zero() -> None:
    charts = [
        entrances_chart(pd.DataFrame({"entrance": ["North"], "way": ["came_in"], "number": [3]})),
        pyramid_chart(PEOPLE, GROUPS, INK),
        gender_shares_chart(pd.DataFrame({"range": ["now"], "gender": ["female"], "share": [1.0], "visits": [3]})),
        pyramid_chart(PEOPLE, GROUPS, INK, "Unique visitors"),
        stays_chart(pd.DataFrame({"length": ["0 min", "15 min"], "people": [3, 4]})),
        shares_chart(pd.DataFrame({"group": ["0-12"], "share": [0.1], "before": [None]}), ["0-12"], "before", INK),
    ]
    titles = ("Visits", "Unique visitors", "People", "Share of visits")
    for chart in charts:
        assert any(f'"title": "{title}"' in json.dumps(chart.to_dict()) for title in titles)


def test_days_are_drawn_by_a_utc_scale_so_that_no_browser_shifts_them() -> None:
    encodings = [layer["encoding"]["x"] for layer in TIMED["trend"]().to_dict()["layer"]]
    assert {encoding["scale"]["type"] for encoding in encodings} == {"utc"}


def test_children_are_one_bar_across_with_their_number() -> None:
    unjudged = PEOPLE.assign(
        visits=PEOPLE["visits"].where((PEOPLE["age_group"] != "0-12") | (PEOPLE["gender"] == "unknown"), 0)
    )
    text = json.dumps(pyramid_chart(unjudged, GROUPS, INK, gender_from_years=13).to_dict())
    assert '"label": "5 children"' in text
    assert '"start": -2.5, "end": 2.5' in text
    assert "5 children" not in json.dumps(pyramid_chart(unjudged, GROUPS, INK).to_dict())


def test_corrected_shares_have_limits_and_what_is_too_few_has_no_number() -> None:
    known, few = (0.54, 0.5, 0.58), (float("nan"),) * 3
    rows = [("Women", *known, 0.5), ("Men", *few, None)]
    bars = shares_with_limits_chart(
        pd.DataFrame(rows, columns=["group", "estimate", "low", "high", "before"]).astype({"before": "float64"}),
        "",
        "before",
        INK,
    )
    assert '"54% (50 to 58)"' in json.dumps(bars.to_dict())
    assert '"too few to say"' in json.dumps(bars.to_dict())
    hours = [
        (period, group, *shares, 9, 10)
        for period, shares in (("09:00", known), ("Noon 12:00-14:00", few))
        for group in ("female", "male")
    ]
    frame = pd.DataFrame(hours, columns=["period", "group", "estimate", "low", "high", "judged", "visits"])
    for chart in (gender_hours_chart, age_hours_chart):
        text = json.dumps(chart(frame, ZONE, INK).to_dict())
        assert ZONE in text
        assert "Noon 12:00-14:00" in text
    place = pd.DataFrame({"place": ["North"], "share": [0.9], "judged": [9], "visits": [10]})
    assert "Could be judged" in json.dumps(coverage_chart(place, "Entrance", by_hour=False).to_dict())


def test_hidden_counts_are_said_to_be_hidden() -> None:
    rows = pd.DataFrame({"visits": [0, 12, 0], "hidden": [True, True, False]})
    assert shown_counts(rows) == ["hidden", "≥ 12", "0"]


def test_each_colour_has_one_meaning_and_differs_in_grey() -> None:
    named = [theme.FEMALE, theme.MALE, theme.UNKNOWN, theme.IN, theme.OUT, theme.VISITS, theme.UNIQUE, theme.GAP]
    assert len(set(named)) == len(named)
    for ink in (theme.LIGHT, theme.DARK):
        greys = [sum(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in ink.ramp]
        assert greys in (sorted(greys), sorted(greys, reverse=True))


def test_nothing_is_transformed_by_the_clock_of_the_browser() -> None:
    for make in TIMED.values():
        assert "timeUnit" not in json.dumps(make().to_dict())
