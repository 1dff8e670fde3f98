"""Figures from outside that stand beside the counts: sales, hours of staff, weather.

Amounts are whole numbers of small units, so that sums are exact: money in ten-thousandths of the site's currency, staff
in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Kind = Literal["sales", "staff-hours", "weather"]
Measure = Literal["transactions", "sales", "staff"]

KINDS: tuple[Kind, ...] = ("sales", "staff-hours", "weather")
WHOLE_DAY = -1
"""In place of a clock hour: the figure is of the whole day."""
WHOLE_SITE = ""
"""In place of an entrance: the figure is of the whole site."""
MONEY_UNITS = 10_000
STAFF_UNITS = 3600
# Decimal places people write, where they are not two (ISO 4217).
PLACES = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a local day. `hour` is a clock hour or WHOLE_DAY, `entrance` a name or WHOLE_SITE.

    `value` counts transactions, ten-thousandths of the currency, or seconds of staff, by `measure`.
    """

    measure: Measure
    day: date
    hour: int
    entrance: str
    value: int


@dataclass(frozen=True, slots=True)
class DayWeather:
    """The weather of a local day, None where it is not known; `temperature_c` is what the source gives for a day."""

    day: date
    temperature_c: float | None
    rain_mm: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where an import comes from: the file's name and SHA-256, who imports it, and the currency of its amounts."""

    file: str
    sha256: str
    by: str
    currency: str = ""


def money(amount: int | float, currency: str) -> str:
    """Return ten-thousandths of a currency like '1,204.50 EUR', or without a name where none is set."""
    places = PLACES.get(currency, 2)
    value = (Decimal(round(amount)) / MONEY_UNITS).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{value:,} {currency}".strip().replace("-", "−")


def staff_hours(seconds: int | float) -> str:
    """Return seconds of staff as hours like '7.5 h'."""
    return f"{seconds / STAFF_UNITS:,.2f}".rstrip("0").rstrip(".") + " h"
