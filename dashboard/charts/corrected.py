"""Corrected shares with the limits of their 95 % interval: of a range, by hour of the day, and how many were judged."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboard.charts.style import BAR_RADIUS, AnyChart, colours, finish, legend
from dashboard.theme import FEMALE, MALE, UNKNOWN, VISITS, Ink

FEW = "too few to say"
COLOURS = {"Women": FEMALE, "Men": MALE, "Unknown": UNKNOWN}
COVERAGE_HEIGHT = 190


def limits_text(estimate: float, low: float, high: float) -> str:
    """Return like "54% (50 to 58)"; empty limits where they are the number itself."""
    if estimate != estimate:
        return FEW
    if low == high:
        return f"{100 * estimate:.0f}%"
    return f"{100 * estimate:.0f}% ({100 * low:.0f} to {100 * high:.0f})"


def ticks_up_to(most: float) -> list[float]:
    """Return where an axis of shares up to `most` has its ticks: none above 1, where there is only room for words."""
    step = next(step for step in (0.02, 0.05, 0.1, 0.2) if most <= 5 * step or step == 0.2)
    return [round(number * step, 2) for number in range(6)]


def shares_with_limits_chart(shares: pd.DataFrame, title: str, before_name: str, ink: Ink) -> AnyChart:
    """Return bars, a line as long as the interval, and a tick where a group stood in the range before.

    Args:
        shares: in order `group`, `estimate`, `low`, `high` and `before` in [0, 1], NaN where too few to say.
        title: of the axis of groups.
        before_name: what the ticks are called in tooltips.
        ink: colours that depend on the background.
    """
    shown = shares.assign(
        text=[limits_text(*row) for row in shares[["estimate", "low", "high"]].itertuples(index=False)],
        end=shares["high"].fillna(0.0),
    )
    order = list(shown["group"])
    fills = [COLOURS.get(group, VISITS) for group in order]
    most = max(0.05, float(shown[["high", "before"]].max().max() or 0.0))
    base = alt.Chart(shown).encode(
        y=alt.Y("group:N", sort=order, title=title, axis=alt.Axis(ticks=False, domain=False)),
        tooltip=[
            alt.Tooltip("group:N", title="Group"),
            alt.Tooltip("text:N", title="Share"),
            alt.Tooltip("before:Q", title=before_name, format=".0%"),
        ],
    )
    scale = alt.Scale(domain=[0, most * 1.45], nice=False)
    bars = base.mark_bar(cornerRadiusEnd=BAR_RADIUS, opacity=0.75).encode(
        x=alt.X("estimate:Q", scale=scale, axis=alt.Axis(title="Share", format=".0%", values=ticks_up_to(most))),
        color=alt.Color("group:N", scale=colours(order, fills), legend=None),
    )
    rules = base.mark_rule(strokeWidth=3, color=ink.text).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))
    labels = base.mark_text(align="left", dx=8, fontSize=12, color=ink.text).encode(
        x=alt.X("end:Q"), text=alt.Text("text:N")
    )
    layers = [bars, rules, labels]
    if shares["before"].notna().any():
        tick = base.mark_tick(thickness=2.5, height=alt.RelativeBandSize(0.9), color=ink.text, opacity=0.6)
        layers.insert(1, tick.encode(x=alt.X("before:Q")))
    return finish(alt.layer(*layers), 46 + 26 * len(order))


def gender_hours_chart(shares: pd.DataFrame, zone: str, ink: Ink) -> AnyChart:
    """Return women from below and men from above by hour or part of the day, with the interval where they meet.

    Args:
        shares: `period`, `group` ("female", "male"), `estimate`, `low`, `high` in [0, 1], NaN where too few to say.
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    women = shares[shares["group"] == "female"].assign(women="Women", men="Men", one=1.0)
    women = women.assign(text=[limits_text(*row) for row in women[["estimate", "low", "high"]].itertuples(index=False)])
    scale = colours(["Women", "Men"], [FEMALE, MALE])
    base = alt.Chart(women).encode(
        x=_periods(women["period"], zone),
        tooltip=[
            alt.Tooltip("period:N", title="Time"),
            alt.Tooltip("text:N", title="Women"),
            alt.Tooltip("judged:Q", title="Judged", format=",d"),
        ],
    )
    told = base.transform_filter("isValid(datum.estimate)")
    y = alt.Y("estimate:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(title="Share", format=".0%", tickCount=5))
    below = told.mark_bar(opacity=0.85).encode(y=y, color=alt.Color("women:N", scale=scale, legend=legend()))
    above = told.mark_bar(opacity=0.85).encode(
        y=y, y2=alt.Y2("one:Q"), color=alt.Color("men:N", scale=scale, legend=legend())
    )
    rules = told.mark_rule(strokeWidth=2.5, color=ink.text).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    return finish(alt.layer(below, above, rules, _few(base, ink)), 250)


def age_hours_chart(shares: pd.DataFrame, zone: str, ink: Ink) -> AnyChart:
    """Return the ages beside each other by hour or part of the day: a dot, and a bar as long as its interval.

    Args:
        shares: `period`, `group`, `estimate`, `low`, `high` in [0, 1], NaN where too few to say.
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    groups = list(dict.fromkeys(shares["group"]))
    shown = shares.assign(
        text=[limits_text(*row) for row in shares[["estimate", "low", "high"]].itertuples(index=False)]
    )
    ramp = list(ink.ramp[1:]) if len(groups) > 2 else [ink.ramp[1], ink.ramp[3]]
    base = alt.Chart(shown).encode(
        x=_periods(shown["period"], zone),
        tooltip=[
            alt.Tooltip("period:N", title="Time"),
            alt.Tooltip("group:N", title="Age (years)"),
            alt.Tooltip("text:N", title="Share"),
            alt.Tooltip("judged:Q", title="Judged", format=",d"),
        ],
    )
    offset = alt.XOffset("group:N", sort=groups)
    told = base.transform_filter("isValid(datum.estimate)")
    color = alt.Color("group:N", sort=groups, scale=colours(groups, ramp[: len(groups)]), legend=legend("Age (years)"))
    y = alt.Y("low:Q", axis=alt.Axis(title="Share", format=".0%", tickCount=5), scale=alt.Scale(domainMin=0))
    spans = told.mark_bar(cornerRadius=2).encode(y=y, y2=alt.Y2("high:Q"), xOffset=offset, color=color)
    dots = told.mark_point(filled=True, size=22, opacity=1, color=ink.text).encode(
        y=alt.Y("estimate:Q"), xOffset=alt.XOffset("group:N", sort=groups, bandPosition=0.5)
    )
    few = base.transform_filter("!isValid(datum.estimate)")
    crosses = few.mark_text(fontSize=10, baseline="bottom").encode(
        y=alt.datum(0), xOffset=offset, text=alt.value("?"), color=alt.value(ink.text)
    )
    return finish(alt.layer(spans, dots, crosses), 280)


def coverage_chart(coverage: pd.DataFrame, title: str, *, by_hour: bool) -> AnyChart:
    """Return how many of the visits could be judged: `place`, `share` in [0, 1], `judged`, `visits`, in order."""
    order = list(coverage["place"])
    axis = alt.Axis(title="Could be judged", format=".0%", tickCount=3)
    scale = alt.Scale(domain=[0, 1])
    base = (
        alt.Chart(coverage)
        .mark_bar(cornerRadiusEnd=BAR_RADIUS, color=VISITS)
        .encode(
            tooltip=[
                alt.Tooltip("place:N", title=title),
                alt.Tooltip("share:Q", title="Could be judged", format=".0%"),
                alt.Tooltip("judged:Q", title="Judged", format=",d"),
                alt.Tooltip("visits:Q", title="Visits", format=",d"),
            ]
        )
    )
    if by_hour:
        labels = alt.Axis(labelAngle=0, labelExpr="substring(datum.label, 0, 2)", labelOverlap=True, ticks=False)
        hours = alt.X("place:N", sort=order, title=title, axis=labels)
        return finish(base.encode(x=hours, y=alt.Y("share:Q", scale=scale, axis=axis)), COVERAGE_HEIGHT)
    labels = alt.Axis(ticks=False, domain=False, labelLimit=140)
    places = alt.Y("place:N", sort=order, title=None, axis=labels)
    return finish(base.encode(y=places, x=alt.X("share:Q", scale=scale, axis=axis)), COVERAGE_HEIGHT)


def _periods(periods: Sequence[str] | pd.Series, zone: str) -> alt.X:
    """Return the axis: hours like "09", several like "09-11", parts of the day with their name above."""
    text = "datum.label"
    span = f"replace({text}, /^.*?(..):00-(..):00$/, '$1–$2')"
    short = (
        f"indexof({text}, ' ') > 0 ? [split({text}, ' ')[0], {span}] : length({text}) > 5 ? {span} "
        f": substring({text}, 0, 2)"
    )
    return alt.X(
        "period:N",
        sort=list(dict.fromkeys(periods)),
        title=f"Hour of the day ({zone})",
        axis=alt.Axis(labelAngle=0, labelExpr=short, labelOverlap=True, ticks=False),
        scale=alt.Scale(paddingInner=0.2, paddingOuter=0.05),
    )


def _few(base: alt.Chart, ink: Ink) -> alt.Chart:
    chart: alt.Chart = (
        base.transform_filter("!isValid(datum.estimate)")
        .mark_text(fontSize=11)
        .encode(y=alt.datum(0.5), text=alt.value("too few"), color=alt.value(ink.text))
    )
    return chart
