"""The values of settings that need more than a type: time zones, opening hours, the time of the report, places."""

from __future__ import annotations

import re
from datetime import time
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from footfall.config_errors import nearest

HOURS_PATTERN = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")
Point = tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]]


@cache
def _time_zones() -> frozenset[str]:
    """Return the names of all time zones: they are files, and settings are checked often."""
    return frozenset(available_timezones())


def _check_time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError(f"{name!r} is not a time zone of the IANA data base{nearest(name, sorted(_time_zones()))}")
    return name


def _check_hours(text: str) -> str:
    if text == "closed":
        return text
    if HOURS_PATTERN.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not like '09:00-21:00', '00:00-24:00' or 'closed'")
    if text[:5] == text[6:]:
        raise ValueError(f"{text!r} opens and closes at the same time; write '00:00-24:00' or 'closed'")
    return text


def _check_report_time(moment: time) -> time:
    if moment.tzinfo is not None:
        raise ValueError("write a time of day like '04:30', in the mall's own time, without an offset")
    if time(0, 30) <= moment <= time(3, 30):
        raise ValueError("no daily job may run between 00:30 and 03:30, where clocks change; 04:30 is usual")
    return moment


def _check_pixel_aspect(text: str) -> str:
    match = re.fullmatch(r"([1-9]\d{0,3}):([1-9]\d{0,3})", text)
    if match is None or not 0.25 <= int(match[1]) / int(match[2]) <= 4:
        raise ValueError(f"{text!r} is not a pixel's width and height like '16:15' (at most 4:1 or 1:4)")
    return text


def _check_currency(text: str) -> str:
    if re.fullmatch(r"([A-Z]{3})?", text) is None:
        raise ValueError(f"{text!r} is no currency of three capitals like 'EUR' or 'USD'")
    return text


TimeZone = Annotated[str, AfterValidator(_check_time_zone)]
Hours = Annotated[str, AfterValidator(_check_hours)]
ReportTime = Annotated[time, AfterValidator(_check_report_time)]
PixelAspect = Annotated[str, AfterValidator(_check_pixel_aspect)]
Currency = Annotated[str, AfterValidator(_check_currency)]
