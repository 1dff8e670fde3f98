"""What made a day unlike others: a public holiday, the weather, an event; as marks for charts and as words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analytics.holidays import public_holidays
from dashboard.numbers.ground import ground
from dashboard.numbers.reading import Reader, Site
from dashboard.wording import listing, short_day
from db.reading.figures import WEATHER_COLUMNS, weather
from db.reading.selection import Selection
from db.session import reading

HOLIDAY = "holiday"
WET_MM = 5.0
"""A day with as much rain is worth a word; less keeps few people at home."""
MOST_NAMED = 3


def holidays_of(site: Site, first_day: date, last_day: date) -> dict[date, str]:
    """Return the public holidays of the site's country by day; nothing when the settings name no country."""
    settings = ground().config.sites.get(site.name)
    if settings is None:
        return {}
    return public_holidays(settings.country, settings.subdivision, first_day, last_day)


def with_holidays(events: pd.DataFrame, site: Site, first_day: date, last_day: date) -> pd.DataFrame:
    """Return `events` (see db.events) with the public holidays among them, oldest first.

    What is entered by hand for a day as a holiday stands in place of the calendar's.
    """
    named = events[events["kind"] == HOLIDAY]
    spans = list(zip(named["starts_on"], named["ends_on"], strict=True))
    rows = [
        {"id": 0, "site": site.name, "starts_on": day, "ends_on": day, "name": name, "kind": HOLIDAY}
        for day, name in holidays_of(site, first_day, last_day).items()
        if not any(start <= day <= end for start, end in spans)
    ]
    if not rows:
        return events
    both = pd.concat([events, pd.DataFrame(rows)], ignore_index=True) if len(events) else pd.DataFrame(rows)
    return both[list(events.columns)].sort_values("starts_on", kind="stable", ignore_index=True)


def weather_of(reader: Reader, first_day: date, last_day: date) -> pd.DataFrame:
    """Return day, temperature_c, rain_mm (NaN where not known) and words of the days whose weather was imported."""
    reader.person.require_site(reader.site.name)
    with reading(ground().engine) as connection:
        found = weather(connection, Selection(first_day, last_day, sites=(reader.site.name,)))
    return found[list(WEATHER_COLUMNS[1:])]


def special_words(reader: Reader, days: Sequence[date]) -> list[str]:
    """Return a sentence for each thing that makes a comparison of these days lame: holidays, rain on some of them."""
    if not days:
        return []
    first, last = min(days), max(days)
    events = with_holidays(reader.events(first, last), reader.site, first, last)
    told = []
    for row in events[events["kind"] == HOLIDAY].to_dict("records"):
        meant = [day for day in days if row["starts_on"] <= day <= row["ends_on"]]
        if meant:
            told.append(f"{listing([short_day(day) for day in meant])} was {row['name']}.")
    found = weather_of(reader, first, last)
    rain: dict[date, float] = dict(zip(found["day"], found["rain_mm"], strict=True))
    wet = [day for day in sorted(days) if rain.get(day, 0.0) >= WET_MM]
    if wet and len(days) <= 2 and len(wet) < len(days):
        told += [f"It rained {rain[day]:.0f} mm on {short_day(day)}." for day in wet]
    return told[:MOST_NAMED]


def range_words(reader: Reader, days: Sequence[date], compared: Sequence[date]) -> list[str]:
    """Return what makes a comparison of two ranges lame: holidays that only one of them has, and rain on their days."""
    told = [
        f"{short_day(day)} was {name}{where}."
        for some, where in ((days, ""), (compared, ", in the compared days"))
        for day, name in _holidays_on(reader, some)
    ][:MOST_NAMED]
    now, before = _rainy(reader, days), _rainy(reader, compared)
    if now and before and abs(now[0] / now[1] - before[0] / before[1]) > 0.1:
        told.append(f"It rained on {now[0]} of {now[1]} days, and on {before[0]} of {before[1]} compared ones.")
    return told


def _holidays_on(reader: Reader, days: Sequence[date]) -> list[tuple[date, str]]:
    if not days:
        return []
    first, last = min(days), max(days)
    events = with_holidays(reader.events(first, last), reader.site, first, last)
    rows = events[events["kind"] == HOLIDAY].to_dict("records")
    return [(day, str(row["name"])) for row in rows for day in days if row["starts_on"] <= day <= row["ends_on"]]


def _rainy(reader: Reader, days: Sequence[date]) -> tuple[int, int] | None:
    """Return on how many of those days with weather it rained, None where fewer than half of them have any."""
    if not days:
        return None
    found = weather_of(reader, min(days), max(days))
    known = found[found["day"].isin(list(days)) & found["rain_mm"].notna()]
    return (int((known["rain_mm"] >= 1.0).sum()), len(known)) if len(known) * 2 >= len(days) else None
