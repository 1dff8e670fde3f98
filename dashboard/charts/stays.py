"""How long people stayed."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts.style import BAR_RADIUS, AnyChart, count_axis, finish
from dashboard.theme import UNIQUE


def stays_chart(stays: pd.DataFrame) -> AnyChart:
    """Return one bar for each length of a stay.

    Args:
        stays: in order of length: `length` ("30 min", "4 h and more"), `people`.
    """
    bars = (
        alt.Chart(stays)
        .mark_bar(color=UNIQUE, cornerRadiusEnd=BAR_RADIUS)
        .encode(
            x=alt.X(
                "length:O",
                sort=list(stays["length"]),
                title="Time in the mall, from",
                axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False),
                scale=alt.Scale(paddingInner=0.18, paddingOuter=0.05),
            ),
            y=alt.Y("people:Q", axis=count_axis("People")),
            tooltip=[
                alt.Tooltip("length:N", title="From"),
                alt.Tooltip("people:Q", title="People", format=",.0f"),
            ],
        )
    )
    return finish(bars, 220)
