"""Rain and temperature by day."""

from __future__ import annotations

from datetime import date

import altair as alt
import pandas as pd

from dashboard.charts.style import BAR_RADIUS, AnyChart, colours, finish, legend
from dashboard.charts.trends import date_axis
from dashboard.theme import MALE, UNIQUE, Ink

RAIN, TEMPERATURE = "Rain, mm", "Temperature, °C"


def weather_chart(days: pd.DataFrame, span: tuple[date, date], zone: str, ink: Ink) -> AnyChart:
    """Return bars of rain and a line of temperature.

    Args:
        days: `start`, `end` (midnight UTC, `end` exclusive), `label`, `words`,
            `temperature_c` and `rain_mm` (NaN: not known).
        span: the first and last day of the page's range, so that both charts have the same scale.
        zone: time zone shown on the axis.
        ink: colours that depend on the background.
    """
    del ink
    shown = days.assign(wet=RAIN, warm=TEMPERATURE, left=days["start"] + pd.Timedelta(hours=3))
    shown["middle"] = days["start"] + pd.Timedelta(hours=12)
    scale = colours([RAIN, TEMPERATURE], [MALE, UNIQUE])
    ends = [pd.Timestamp(span[0], tz="UTC"), pd.Timestamp(span[1], tz="UTC") + pd.Timedelta(days=1)]
    domain = [alt.DateTime(year=one.year, month=one.month, date=one.day, utc=True) for one in ends]
    x_scale, title = alt.Scale(type="utc", domain=domain), f"Date ({zone})"
    axis = date_axis(days)
    tooltip = [
        alt.Tooltip("label:N", title="When"),
        alt.Tooltip("rain_mm:Q", title=RAIN, format=".1f"),
        alt.Tooltip("temperature_c:Q", title=TEMPERATURE, format=".1f"),
        alt.Tooltip("words:N", title="In words"),
    ]
    base = alt.Chart(shown).encode(tooltip=tooltip)
    rain = base.mark_rect(cornerRadiusTopLeft=BAR_RADIUS, cornerRadiusTopRight=BAR_RADIUS).encode(
        x=alt.X("left:T", scale=x_scale, title=title, axis=axis),
        x2="end:T",
        y=alt.Y("rain_mm:Q", axis=alt.Axis(title=RAIN, tickCount=4), scale=alt.Scale(domainMin=0)),
        y2=alt.datum(0),
        color=alt.Color("wet:N", scale=scale, legend=legend()),
    )
    warmth = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=18, filled=True)).encode(
        x=alt.X("middle:T", scale=x_scale, title=title, axis=axis),
        y=alt.Y("temperature_c:Q", axis=alt.Axis(title=TEMPERATURE, tickCount=4, grid=False)),
        color=alt.Color("warm:N", scale=scale, legend=legend()),
    )
    return finish(alt.layer(rain, warmth).resolve_scale(y="independent"), 180)
