"""How many are inside over a day, with the interval, holes and the alarm level."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts.style import GAP_BELOW, GAP_LABEL, AnyChart, colours, count_axis, finish, legend
from dashboard.theme import OUT, VISITS, Ink

LABEL = "datum.label == 'now' ? 'now' : substring(datum.label, 0, 2)"
INSIDE_NAME, RANGE_NAME, ALARM_NAME = "Inside", "95% range", "Alarm level"


def occupancy_chart(hours: pd.DataFrame, alarm: int | None, zone: str, ink: Ink) -> AnyChart:
    """Return a line of people inside at the end of each hour within the band of the interval.

    Args:
        hours: in order: `label` (the clock at the hour's end, or "now"), `inside`, `low`, `high`, `watched` (share in
            [0, 1], NaN where nothing was expected).
        alarm: the site's alarm level; shown where the curve comes near it.
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    shown = hours.assign(
        begin=hours["label"].shift(1).fillna(hours["label"]),
        band=RANGE_NAME,
        line=INSIDE_NAME,
        gap=GAP_LABEL,
        level=alarm,
        alarm=ALARM_NAME,
    )
    most = max(1.0, float(hours["high"].max()))
    near = alarm is not None and alarm <= 2 * most
    marks = {INSIDE_NAME: ink.text, RANGE_NAME: VISITS}
    if near:
        marks[ALARM_NAME] = OUT
        most = max(most, float(alarm or 0))
    if bool((hours["watched"] < GAP_BELOW).any()):
        marks[GAP_LABEL] = ink.gap
    scale = colours(list(marks), list(marks.values()))
    order, title = list(hours["label"]), f"Clock ({zone})"
    x_scale = alt.Scale(domain=order, paddingInner=0.0, paddingOuter=0.3)
    axis = alt.Axis(labelAngle=0, labelExpr=LABEL, labelOverlap=True, ticks=False)
    y_scale = alt.Scale(domain=[0, most * 1.05])
    names = legend(columns=2 if len(marks) > 3 else 0)
    base = alt.Chart(shown).encode(
        x=alt.X("label:O", sort=order, title=title, axis=axis, scale=x_scale),
        tooltip=[
            alt.Tooltip("label:N", title="At"),
            alt.Tooltip("inside:Q", title="Inside, about", format=",d"),
            alt.Tooltip("low:Q", title="From", format=",d"),
            alt.Tooltip("high:Q", title="To", format=",d"),
        ],
    )

    def colour(column: str) -> alt.Color:
        return alt.Color(f"{column}:N", scale=scale, legend=names)

    gaps = (
        base.transform_filter(f"isValid(datum.watched) && datum.watched < {GAP_BELOW}")
        .mark_rect(opacity=ink.gap_opacity)
        .encode(
            x=alt.X("begin:O", sort=order, scale=x_scale, axis=axis, title=title, bandPosition=0.5),
            x2=alt.X2("label", bandPosition=0.5),
            color=colour("gap"),
        )
    )
    band = base.mark_area(opacity=0.35, interpolate="monotone").encode(
        y=alt.Y("low:Q", axis=count_axis("People inside"), scale=y_scale), y2="high:Q", color=colour("band")
    )
    line = base.mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=30), interpolate="monotone").encode(
        y=alt.Y("inside:Q", scale=y_scale), color=colour("line")
    )
    rule = base.mark_line(strokeDash=[6, 4], strokeWidth=2).encode(y="level:Q", color=colour("alarm"))
    return finish(alt.layer(gaps, band, line, *([rule] if near else [])), 260)
