"""The card with the weather of a range of days; nothing where none was imported."""

from __future__ import annotations

from datetime import date
from functools import partial

import pandas as pd

from dashboard.charts.weather import weather_chart
from dashboard.layout import chart_card, page_ink
from dashboard.numbers.reading import Reader
from dashboard.numbers.special_days import weather_of
from dashboard.wording import short_day

MOST_DAYS = 120


def show_weather(reader: Reader, first_day: date, last_day: date) -> None:
    """Show rain and temperature by day, below a chart of the same days."""
    days = weather_of(reader, first_day, last_day)
    if days.empty or (last_day - first_day).days >= MOST_DAYS:
        return
    starts = pd.to_datetime(days["day"], utc=True)
    shown = days.assign(
        start=starts, end=starts + pd.Timedelta(days=1), label=[f"{short_day(day)} {day.year}" for day in days["day"]]
    )
    columns = {"label": "Day", "temperature_c": "Temperature, °C", "rain_mm": "Rain, mm", "words": "In words"}
    chart_card(
        "Weather",
        "weather",
        partial(weather_chart, shown, (first_day, last_day), reader.site.zone.key, page_ink()),
        shown[list(columns)].rename(columns=columns),
        formats={"Temperature, °C": "%.1f", "Rain, mm": "%.1f"},
    )
