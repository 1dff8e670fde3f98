"""What every chart shares: axes with units and time zone, legends on top, what counts as a gap."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from analytics.completeness import COMPLETE_SHARE

GAP_LABEL = "Gap"
GAP_BELOW = COMPLETE_SHARE
BAR_RADIUS = 2
AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart


def legend(title: str | None = None, columns: int = 0) -> alt.Legend:
    """Return a legend above the chart, where a phone has room for it."""
    return alt.Legend(
        title=title,
        orient="top",
        direction="horizontal",
        columns=columns,
        symbolType="square",
        symbolOpacity=1,
        symbolStrokeWidth=0,
        offset=6,
    )


def colours(domain: Sequence[str], range_: Sequence[str]) -> alt.Scale:
    """Return a scale that gives each name its one colour."""
    return alt.Scale(domain=list(domain), range=list(range_))


def count_axis(title: str = "Visits") -> alt.Axis:
    """Return an axis of whole numbers."""
    return alt.Axis(title=title, format=",d", tickMinStep=1, tickCount=5, grid=True)


def finish(chart: AnyChart, height: int) -> AnyChart:
    """Return `chart` as wide as its page, `height` pixels high, fitted so that no label is cut."""
    # A chart of a single layer would get more room above its legend than the others.
    layered = alt.layer(chart) if isinstance(chart, alt.Chart) else chart
    finished: AnyChart = layered.properties(
        height=height,
        width="container",
        padding={"left": 2, "right": 6, "top": 2, "bottom": 2},
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    ).configure_view(strokeWidth=0)
    return finished
