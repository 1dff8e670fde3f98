"""Who came in through each entrance."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts.style import BAR_RADIUS, AnyChart, colours, count_axis, finish, legend
from dashboard.theme import UNIQUE, VISITS

DIRECTION_NAMES = {"in": "In", "out": "Out", "none": "Direction not seen"}
WAYS = {"came_in": "Came in", "unique": "Unique visitors"}
WAY_COLOURS = {"came_in": VISITS, "unique": UNIQUE}


def entrances_chart(entrances: pd.DataFrame) -> AnyChart:
    """Return one group of bars an entrance.

    Args:
        entrances: `entrance`, `way` (of WAYS), `number`.
    """
    present = [name for name in WAYS if (entrances["way"] == name).any()]
    names = [WAYS[name] for name in present]
    shown = entrances.assign(name=entrances["way"].map(WAYS))
    came = shown[shown["way"] == "came_in"]
    order = list(came.groupby("entrance")["number"].sum().sort_values(ascending=False).index)
    bars = (
        alt.Chart(shown)
        .mark_bar(cornerRadiusEnd=BAR_RADIUS)
        .encode(
            y=alt.Y("entrance:N", sort=order, title=None, axis=alt.Axis(labelLimit=180, ticks=False, domain=False)),
            yOffset=alt.YOffset("name:N", sort=names),
            x=alt.X("number:Q", axis=count_axis("People")),
            color=alt.Color(
                "name:N",
                sort=names,
                scale=colours(names, [WAY_COLOURS[name] for name in present]),
                legend=legend(),
            ),
            tooltip=[
                alt.Tooltip("entrance:N", title="Entrance"),
                alt.Tooltip("name:N", title="Who"),
                alt.Tooltip("number:Q", title="Number", format=",d"),
            ],
        )
    )
    return finish(bars, 60 + 24 * max(1, len(names)) * max(1, len(order)))
