"""Visits through each entrance by direction."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.charts.style import BAR_RADIUS, AnyChart, colours, count_axis, finish, legend
from dashboard.theme import DIRECTION_COLOURS, UNIQUE

DIRECTION_NAMES = {"in": "In", "out": "Out", "none": "Direction not seen"}
WAYS = {"unique": "Unique visitors", **DIRECTION_NAMES}
WAY_COLOURS = {"unique": UNIQUE, **DIRECTION_COLOURS}


def entrances_chart(entrances: pd.DataFrame) -> AnyChart:
    """Return one group of bars an entrance.

    Args:
        entrances: `entrance`, `direction` ("in", "out", "none", or "unique" for unique visitors), `visits`.
    """
    present = [name for name in WAYS if (entrances["direction"] == name).any()]
    names = [WAYS[name] for name in present]
    shown = entrances.assign(way=entrances["direction"].map(WAYS))
    order = list(
        shown[shown["direction"] != "unique"].groupby("entrance")["visits"].sum().sort_values(ascending=False).index
    )
    bars = (
        alt.Chart(shown)
        .mark_bar(cornerRadiusEnd=BAR_RADIUS)
        .encode(
            y=alt.Y("entrance:N", sort=order, title=None, axis=alt.Axis(labelLimit=180, ticks=False, domain=False)),
            yOffset=alt.YOffset("way:N", sort=names),
            x=alt.X("visits:Q", axis=count_axis("Visits")),
            color=alt.Color(
                "way:N",
                sort=names,
                scale=colours(names, [WAY_COLOURS[name] for name in present]),
                legend=legend(columns=2 if len(names) > 3 else 0),  # four do not fit on a phone
            ),
            tooltip=[
                alt.Tooltip("entrance:N", title="Entrance"),
                alt.Tooltip("way:N", title="Direction"),
                alt.Tooltip("visits:Q", title="Visits", format=",d"),
            ],
        )
    )
    return finish(bars, 60 + 24 * max(1, len(names)) * max(1, len(order)))
