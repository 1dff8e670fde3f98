"""Ratios of sales and counts: by day, by clock hour, by entrance; what was not observed enough is marked, not drawn."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts.style import BAR_RADIUS, GAP_LABEL, AnyChart, colours, finish, legend
from dashboard.charts.trends import date_axis
from dashboard.theme import IN, Ink


def ratio_days_chart(days: pd.DataFrame, name: str, how: str, zone: str, ink: Ink) -> AnyChart:
    """Return a bar a day, and a band over each day that was not observed enough to tell.

    Args:
        days: `start`, `end` (midnight UTC, `end` exclusive), `label`, `value` (NaN: not told), `text`, `complete`,
            `came_in`, `observed`.
        name: what a bar shows, with its unit.
        how: number format of the axis.
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    pad = pd.Timedelta(hours=3) if len(days) <= 120 else pd.Timedelta(0)
    shown = days.assign(bar=name, gap=GAP_LABEL, left=days["start"] + pad)
    scale, axis, title = colours([name, GAP_LABEL], [IN, ink.gap]), date_axis(days), f"Date ({zone})"
    base = alt.Chart(shown).encode(tooltip=_tooltip("label", "When", name))
    x_scale = alt.Scale(type="utc")
    gaps = (
        base.transform_filter("!datum.complete")
        .mark_rect(opacity=ink.gap_opacity)
        .encode(
            x=alt.X("start:T", scale=x_scale, title=title, axis=axis),
            x2="end:T",
            color=alt.Color("gap:N", scale=scale, legend=legend()),
        )
    )
    bars = (
        base.transform_filter("isValid(datum.value)")
        .mark_rect(cornerRadiusTopLeft=BAR_RADIUS, cornerRadiusTopRight=BAR_RADIUS)
        .encode(
            x=alt.X("left:T", scale=x_scale, title=title, axis=axis),
            x2="end:T",
            y=alt.Y("value:Q", axis=_axis(name, how), scale=_from_nought(shown)),
            y2=alt.datum(0),
            color=alt.Color("bar:N", scale=scale, legend=legend()),
        )
    )
    return finish(alt.layer(gaps, bars), 280)


def ratio_hours_chart(hours: pd.DataFrame, name: str, how: str, zone: str) -> AnyChart:
    """Return a bar for each clock hour: `label` ("09:00"), `value`, `text`, `came_in`, `rows` (hours it rests on)."""
    x = alt.X(
        "label:O",
        title=f"Hour of the day ({zone})",
        axis=alt.Axis(labelAngle=0, labelExpr="substring(datum.label, 0, 2)", labelOverlap=True, ticks=False),
        scale=alt.Scale(paddingInner=0.18, paddingOuter=0.05),
    )
    bars = (
        alt.Chart(hours)
        .mark_bar(cornerRadiusEnd=BAR_RADIUS, color=IN)
        .encode(
            x=x,
            y=alt.Y("value:Q", axis=_axis(name, how), scale=_from_nought(hours)),
            tooltip=[*_tooltip("label", "Hour", name), alt.Tooltip("rows:Q", title="Hours it rests on")],
        )
    )
    return finish(bars, 240)


def ratio_entrances_chart(entrances: pd.DataFrame, name: str, how: str) -> AnyChart:
    """Return a bar for each entrance: `label`, `value`, `text`, `came_in`, `rows` (days it rests on)."""
    order = list(entrances.sort_values("value", ascending=False)["label"])
    bars = (
        alt.Chart(entrances)
        .mark_bar(cornerRadiusEnd=BAR_RADIUS, color=IN)
        .encode(
            y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=180, ticks=False, domain=False)),
            x=alt.X("value:Q", axis=_axis(name, how), scale=_from_nought(entrances)),
            tooltip=[*_tooltip("label", "Entrance", name), alt.Tooltip("rows:Q", title="Days it rests on")],
        )
    )
    return finish(bars, 60 + 34 * len(entrances))


def _tooltip(label: str, title: str, name: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(f"{label}:N", title=title),
        alt.Tooltip("text:N", title=name),
        alt.Tooltip("came_in:Q", title="Came in", format=",d"),
    ]


def _axis(name: str, how: str) -> alt.Axis:
    return alt.Axis(title=name, format=how, tickCount=5, grid=True)


def _from_nought(frame: pd.DataFrame) -> alt.Scale:
    most = frame["value"].max()
    return alt.Scale(domain=[0, 1.05 * float(most) if most == most and most > 0 else 1.0])
