"""Who came in by hour of one day beside the day it is compared with, holes marked."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts.style import BAR_RADIUS, GAP_BELOW, GAP_LABEL, AnyChart, colours, count_axis, finish, legend
from dashboard.charts.trends import UNIQUE_NAME
from dashboard.theme import UNIQUE, VISITS, Ink


def hours_chart(hours: pd.DataFrame, day_name: str, compared_name: str, zone: str, ink: Ink) -> AnyChart:
    """Return bars of the day, ticks of the compared day and a band over every hour that was not fully observed.

    Args:
        hours: one row a local hour, in order: `label` ("02:00", the repeated one "02:00 (2nd)"), `came_in`,
            `compared` (NaN where there is none), `observed` (share in [0, 1], NaN where nothing was expected), `unique`
            (unique visitors who came first in it, NaN where they are not told).
        day_name: legend text of the bars.
        compared_name: legend text of the ticks.
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    shown = hours.assign(
        day=day_name,
        before=compared_name,
        gap=GAP_LABEL,
        people=UNIQUE_NAME,
        observed_text=[_observed(share) for share in hours["observed"]],
    )
    has_compared = bool(hours["compared"].notna().any())
    has_unique = bool(hours["unique"].notna().any())
    marks = {day_name: VISITS}
    if has_unique:
        marks[UNIQUE_NAME] = UNIQUE
    if has_compared:
        marks[compared_name] = ink.text
    marks[GAP_LABEL] = ink.gap
    scale = colours(list(marks), list(marks.values()))
    names = legend(columns=2 if len(marks) > 3 else 0)  # four do not fit beside each other on a phone
    most = max(1.0, float(hours[["came_in", "compared"]].max().max()))
    x = alt.X(
        "label:O",
        sort=list(hours["label"]),
        title=f"Hour of the day ({zone})",
        axis=alt.Axis(labelAngle=0, labelExpr="substring(datum.label, 0, 2)", labelOverlap=True, ticks=False),
        scale=alt.Scale(paddingInner=0.18, paddingOuter=0.05),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Hour"),
        alt.Tooltip("came_in:Q", title=day_name, format=",d"),
        *([alt.Tooltip("unique:Q", title=UNIQUE_NAME, format=",d")] if has_unique else []),
        alt.Tooltip("compared:Q", title=compared_name, format=",d"),
        alt.Tooltip("observed_text:N", title="Observed"),
    ]
    base = alt.Chart(shown).encode(x=x, tooltip=tooltip)
    gaps = (
        base.transform_filter(f"isValid(datum.observed) && datum.observed < {GAP_BELOW}")
        .mark_rect(opacity=ink.gap_opacity)
        .encode(color=alt.Color("gap:N", scale=scale, legend=names))
    )
    bars = base.mark_bar(cornerRadiusEnd=BAR_RADIUS).encode(
        y=alt.Y("came_in:Q", axis=count_axis("Came in an hour"), scale=alt.Scale(domain=[0, most * 1.05])),
        color=alt.Color("day:N", scale=scale, legend=names),
    )
    people = base.mark_bar(cornerRadiusEnd=BAR_RADIUS, width=alt.RelativeBandSize(0.4)).encode(
        y="unique:Q", color=alt.Color("people:N", scale=scale, legend=names)
    )
    ticks = base.mark_tick(thickness=2.5, width=alt.RelativeBandSize(0.9)).encode(
        y="compared:Q", color=alt.Color("before:N", scale=scale, legend=names)
    )
    return finish(alt.layer(gaps, bars, *([people] if has_unique else []), *([ticks] if has_compared else [])), 300)


def _observed(share: float) -> str:
    return "nothing expected" if share != share else f"{100 * share:.0f}% of the time"
