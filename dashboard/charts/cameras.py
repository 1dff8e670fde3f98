"""Which camera saw what when."""

from __future__ import annotations

import altair as alt
import pandas as pd

from analytics.completeness import COMPLETE_SHARE
from dashboard.charts.style import AnyChart, colours, finish, legend
from dashboard.theme import GAP, VISITS, Ink

STATE_NAMES = {"live": "Watching", "gap": "Not watching"}
COMPLETENESS_STEPS = (0.9, 0.5)
COMPLETENESS_NAMES = ("All", "≥ 90%", "≥ 50%", "Less")


def timeline_chart(spans: pd.DataFrame, hours: list[str], cameras: list[str], zone: str, ink: Ink) -> AnyChart:
    """Return one row a camera with the times it watched and the times it did not.

    The axis counts hours since the local day began, so that a day of 23 or 25 hours is drawn as long as it was.

    Args:
        spans: `camera`, `state` ("live" or "gap"), `from_h` and `to_h` (hours since the day began), `from_text`,
            `to_text`, `reason`.
        hours: label of every hour of the day, in order.
        cameras: every camera, in the order of the rows.
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    shown = spans.assign(name=spans["state"].map(STATE_NAMES))
    labels = "[" + ",".join(f"'{hour[:5]}'" for hour in [*hours, "24:00"]) + "][datum.value]"
    bars = (
        alt.Chart(shown)
        .mark_bar(height=18)
        .encode(
            y=alt.Y("camera:N", sort=cameras, title=None, scale=alt.Scale(domain=cameras), axis=_name_axis()),
            x=alt.X(
                "from_h:Q",
                title=f"Time of the day ({zone})",
                scale=alt.Scale(domain=[0, len(hours)], nice=False),
                axis=alt.Axis(values=list(range(0, len(hours) + 1, 2)), labelExpr=labels, labelOverlap=True),
            ),
            x2="to_h:Q",
            color=alt.Color(
                "name:N",
                sort=list(STATE_NAMES.values()),
                scale=colours(list(STATE_NAMES.values()), [VISITS, GAP]),
                legend=legend(),
            ),
            tooltip=[
                alt.Tooltip("camera:N", title="Camera"),
                alt.Tooltip("name:N", title="State"),
                alt.Tooltip("from_text:N", title="From"),
                alt.Tooltip("to_text:N", title="To"),
                alt.Tooltip("reason:N", title="Why"),
            ],
        )
    )
    return finish(bars, 90 + 30 * max(1, len(cameras)))


def completeness_chart(days: pd.DataFrame, cameras: list[str], zone: str, ink: Ink) -> AnyChart:
    """Return a map of camera by day: how much of the opening hours was observed.

    Args:
        days: `camera`, `label` ("21 Nov"), `observed` (share in [0, 1] or NaN), in order of the days.
        cameras: every camera, in the order of the rows.
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    order = list(dict.fromkeys(days["label"]))
    shown = days.assign(state=days["observed"].map(_completeness))
    cells = (
        alt.Chart(shown)
        .mark_rect(stroke=ink.muted, strokeWidth=0.5)
        .encode(
            x=alt.X("label:O", sort=order, title=f"Day ({zone})", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("camera:N", sort=cameras, title=None, axis=_name_axis()),
            color=alt.Color(
                "state:N",
                sort=list(COMPLETENESS_NAMES),
                scale=colours(COMPLETENESS_NAMES, [VISITS, *ink.gap_ramp]),
                legend=legend(),
            ),
            tooltip=[
                alt.Tooltip("camera:N", title="Camera"),
                alt.Tooltip("label:N", title="Day"),
                alt.Tooltip("observed:Q", title="Observed", format=".1%"),
            ],
        )
    )
    return finish(cells, 100 + 30 * max(1, len(cameras)))


def _completeness(share: float) -> str | None:
    """Return the step of the legend that a share falls into, None where nothing was expected."""
    if share != share:
        return None
    least = (COMPLETE_SHARE, *COMPLETENESS_STEPS, 0.0)
    return next(name for name, lowest in zip(COMPLETENESS_NAMES, least, strict=True) if share >= lowest)


def _name_axis() -> alt.Axis:
    return alt.Axis(ticks=False, domain=False, labelLimit=160)
