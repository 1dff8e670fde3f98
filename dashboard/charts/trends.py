"""Who came in over days, weeks and months, and by weekday and hour."""

from __future__ import annotations

import json

import altair as alt
import pandas as pd

from dashboard.charts.style import BAR_RADIUS, GAP_BELOW, GAP_LABEL, AnyChart, colours, count_axis, finish, legend
from dashboard.theme import UNIQUE, VISITS, Ink

WEEKDAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
BARS_NAME = "Came in"
UNIQUE_NAME = "Unique visitors"
COMPARED_NAME = "Compared"
EVENT_ROWS = 3
EVENT_ROW_PX = 13
MOST_DATES = 14


def trend_chart(periods: pd.DataFrame, events: pd.DataFrame, y_title: str, zone: str, ink: Ink) -> AnyChart:
    """Return bars over time, ticks of the compared range, bands where days were not fully observed, events on top.

    Dates are handed over as midnight UTC and shown by a UTC scale, so that no browser zone can shift a day.

    Args:
        periods: `start` and `end` (midnight UTC, `end` exclusive), `label`, `came_in`, `compared` (NaN for none),
            `observed` (share in [0, 1], NaN where nothing was expected); `unique`, the unique visitors of a day, is
            there where days are shown.
        events: `start`, `end` (midnight UTC, exclusive), `name`, `kind`.
        y_title: what a bar counts, such as "Came in a day".
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    width = pd.Timedelta(hours=3) if len(periods) <= 120 else pd.Timedelta(0)
    middle = periods["start"] + (periods["end"] - periods["start"]) / 2
    shown = periods.assign(
        bar=BARS_NAME,
        before=COMPARED_NAME,
        people=UNIQUE_NAME,
        gap=GAP_LABEL,
        left=periods["start"] + width,
        middle=middle,
    )
    marks, lines = {BARS_NAME: VISITS}, []
    for column, kind, name, colour in (
        ("unique", "people", UNIQUE_NAME, UNIQUE),
        ("compared", "before", COMPARED_NAME, ink.text),
    ):
        if column in periods and periods[column].notna().any():
            marks[name] = colour
            lines.append((column, kind))
    marks[GAP_LABEL] = ink.gap
    scale = colours(list(marks), list(marks.values()))
    names = legend(columns=2 if len(marks) > 3 else 0)  # four do not fit beside each other on a phone
    tooltip = [
        alt.Tooltip("label:N", title="When"),
        alt.Tooltip("came_in:Q", title=BARS_NAME, format=",d"),
        *([alt.Tooltip("unique:Q", title=UNIQUE_NAME, format=",d")] if UNIQUE_NAME in marks else []),
        alt.Tooltip("compared:Q", title=COMPARED_NAME, format=",d"),
        alt.Tooltip("observed:Q", title="Observed", format=".0%"),
    ]
    base = alt.Chart(shown).encode(tooltip=tooltip)
    axis, x_title = date_axis(periods), f"Date ({zone})"
    gaps = (
        base.transform_filter(f"isValid(datum.observed) && datum.observed < {GAP_BELOW}")
        .mark_rect(opacity=ink.gap_opacity)
        .encode(
            x=alt.X("start:T", scale=alt.Scale(type="utc"), title=x_title, axis=axis),
            x2="end:T",
            color=alt.Color("gap:N", scale=scale, legend=names),
        )
    )
    bars = base.mark_rect(cornerRadiusTopLeft=BAR_RADIUS, cornerRadiusTopRight=BAR_RADIUS).encode(
        x=alt.X("left:T", scale=alt.Scale(type="utc"), title=x_title, axis=axis),
        x2="end:T",
        y=alt.Y("came_in:Q", axis=count_axis(y_title), scale=alt.Scale(domain=[0, _top(periods, events)])),
        y2=alt.datum(0),
        color=alt.Color("bar:N", scale=scale, legend=names),
    )
    layers = [gaps, bars]
    layers += [
        base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=22, filled=True)).encode(
            x=alt.X("middle:T", scale=alt.Scale(type="utc"), title=x_title, axis=axis),
            y=f"{column}:Q",
            color=alt.Color(f"{kind}:N", scale=scale, legend=names),
        )
        for column, kind in lines
    ]
    if len(events):
        layers.extend(_event_marks(events, axis, ink))
    return finish(alt.layer(*layers), 320)


def weekday_hours_chart(cells: pd.DataFrame, hours: list[str], zone: str, ink: Ink) -> AnyChart:
    """Return a heat map of weekday by hour: how many came in on average.

    Args:
        cells: `weekday` (0 Monday), `hour` ("09:00"), `came_in` (mean an observed hour), `observed` (share or NaN).
        hours: the hours in order.
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    shown = cells.assign(day=cells["weekday"].map(lambda number: WEEKDAY_NAMES[int(number)]), gap=GAP_LABEL)
    base = alt.Chart(shown).encode(
        x=alt.X(
            "hour:O",
            sort=hours,
            title=f"Hour of the day ({zone})",
            axis=alt.Axis(labelAngle=0, labelExpr="substring(datum.label, 0, 2)", labelOverlap=True, ticks=False),
        ),
        y=alt.Y("day:N", sort=list(WEEKDAY_NAMES), title=None, axis=alt.Axis(ticks=False, domain=False)),
        tooltip=[
            alt.Tooltip("day:N", title="Weekday"),
            alt.Tooltip("hour:N", title="Hour"),
            alt.Tooltip("came_in:Q", title="Came in an hour", format=",.1f"),
            alt.Tooltip("observed:Q", title="Observed", format=".0%"),
        ],
    )
    heat = base.mark_rect(stroke=ink.muted, strokeWidth=0.5).encode(
        color=alt.Color(
            "came_in:Q",
            scale=alt.Scale(range=list(ink.ramp), domainMin=0),
            legend=alt.Legend(
                title="Came in an hour", orient="top", gradientLength=120, format=",d", tickCount=3, offset=6
            ),
        )
    )
    gaps = (
        base.transform_filter(f"isValid(datum.observed) && datum.observed < {GAP_BELOW}")
        .mark_point(shape="triangle-up", size=55, filled=True, opacity=1, stroke=ink.text, strokeWidth=0.6)
        .encode(fill=alt.Fill("gap:N", scale=colours([GAP_LABEL], [ink.gap]), legend=legend()))
    )
    chart = alt.layer(heat, gaps).resolve_scale(color="independent", fill="independent")
    return finish(chart, 300)


def date_axis(periods: pd.DataFrame) -> alt.Axis:
    """Return an axis that names the first day of some bars (`start`, `end`) below their middles."""
    days = (periods["end"].max() - periods["start"].min()).days if len(periods) else 1
    named = periods.iloc[:: max(1, -(-len(periods) // MOST_DATES))]
    middles = [start + (end - start) / 2 for start, end in zip(named["start"], named["end"], strict=True)]
    instants = [round(middle.timestamp() * 1000) for middle in middles]
    texts = [f"{start.day} {start:%b}" if days <= 200 else f"{start:%b %Y}" for start in named["start"]]
    expression = f"{json.dumps(texts)}[indexof({json.dumps(instants)}, toNumber(datum.value))]"
    values = [alt.DateTime(year=one.year, month=one.month, date=one.day, hours=one.hour, utc=True) for one in middles]
    return alt.Axis(values=values, labelExpr=expression, labelAngle=0, labelOverlap=True, grid=False)


def _top(periods: pd.DataFrame, events: pd.DataFrame) -> float:
    most = max(1.0, float(periods[["came_in", "compared"]].max().max()))
    return most * (1.3 if len(events) else 1.05)


def _event_marks(events: pd.DataFrame, axis: alt.Axis, ink: Ink) -> list[alt.Chart]:
    # In rows below each other, so that the names of neighbours do not overlap.
    rows = [EVENT_ROW_PX * (number % EVENT_ROWS) for number in range(len(events))]
    middle = events["start"] + (events["end"] - events["start"]) / 2
    base = alt.Chart(events.assign(middle=middle, line=[row + 2 for row in rows], text=[row + 5 for row in rows]))
    tooltip = [alt.Tooltip("name:N", title="Event"), alt.Tooltip("kind:N", title="Kind")]
    lines = base.mark_rule(strokeWidth=3, color=ink.text).encode(
        x=alt.X("start:T", scale=alt.Scale(type="utc"), axis=axis),
        x2="end:T",
        y=alt.Y("line:Q", scale=None, axis=None),
        tooltip=tooltip,
    )
    names = base.mark_text(align="center", baseline="top", fontSize=11, color=ink.text, limit=120).encode(
        x=alt.X("middle:T", scale=alt.Scale(type="utc"), axis=axis),
        y=alt.Y("text:Q", scale=None, axis=None),
        text="name:N",
        tooltip=tooltip,
    )
    return [lines, names]
