"""Public holidays of a country, offline, from the package `holidays` (MIT)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache


def public_holidays(country: str, subdivision: str, first_day: date, last_day: date) -> dict[date, str]:
    """Return the names of the holidays by day, in English where the package has it; nothing without a country.

    Args:
        country: as in ISO 3166, like "DE"; footfall.config_sections has checked it.
        subdivision: a part of it with holidays of its own, like "BY", or empty.
        first_day: the first day, included.
        last_day: the last day, included.
    """
    if not country:
        return {}
    found: dict[date, str] = {}
    for year in range(first_day.year, last_day.year + 1):
        found |= _of_year(country, subdivision, year)
    days = (first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1))
    return {day: found[day] for day in days if day in found}


@lru_cache(maxsize=256)
def _of_year(country: str, subdivision: str, year: int) -> dict[date, str]:
    # Loaded with the first question: most sites name no country.
    from holidays import country_holidays

    return dict(country_holidays(country, subdiv=subdivision or None, years=year, language="en_US").items())
