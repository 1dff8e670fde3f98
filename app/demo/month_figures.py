"""Simulated sales, hours of staff and weather of the month, stored as an import of a file would."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import Engine

from app.demo.month_plan import SITES
from db.reading.arrivals import arrivals
from db.reading.observation import observation
from db.reading.selection import Selection
from db.session import reading
from db.writing.figures import Package, store_figures
from footfall.figures import MONEY_UNITS, STAFF_UNITS, WHOLE_SITE, DayWeather, Figure, Source
from footfall.local_time import local_day

SITE = "galleria"
BUYERS = {"North": 0.31, "South": 0.27, "Parking deck": 0.42}
"""Share of those who come in by an entrance that buy; who drives there has come to buy."""
TICKET = 23.4
PEOPLE_A_STAFF_HOUR = 11.0
LEAST_OBSERVED = 0.2
RAINY, WORDS = 0.38, ((0.0, "dry"), (4.0, "showers"), (12.0, "rain"), (1e9, "heavy rain"))


def write_figures(engine: Engine, now: datetime, days: int, seed: int) -> None:
    """Write the figures of the days that are over; the same call writes the same rows."""
    zone = SITES[SITE].zone
    last = local_day(now, zone) - timedelta(days=1)
    first = last - timedelta(days=days - 2)
    if last < first:
        return
    sales, staff = _figures(engine, (first, last), seed)
    packages = [
        Package(SITE, "sales", _source("tills.csv", SITES[SITE].currency), {}, figures=tuple(sales)),
        Package(SITE, "staff-hours", _source("roster.csv"), {}, figures=tuple(staff)),
    ]
    for number, site in enumerate(SITES):
        rng = np.random.default_rng([seed, 91, number, first.toordinal()])
        weather = tuple(_weather(day, rng) for day in _days(first, last))
        packages.append(Package(site, "weather", _source("weather.csv"), {}, weather=weather))
    for package in packages:
        store_figures(engine, package, now)


def _source(file: str, currency: str = "") -> Source:
    return Source(f"simulated {file}", "", "simulated", currency)


def _figures(engine: Engine, days: tuple[date, date], seed: int) -> tuple[list[Figure], list[Figure]]:
    """Return what the tills sold by entrance and hour, and how long staff was there by hour."""
    zone = SITES[SITE].zone.key
    keys = ["day", "hour_start", "entrance"]
    with reading(engine) as connection:
        selection = Selection(*days, sites=(SITE,))
        came = arrivals(connection, selection, keys)
        watched = observation(connection, selection, keys)[[*keys, "open_s", "observed_open_s"]]
    rows = came.merge(watched, on=keys, how="right").fillna(0)
    rows = rows[rows["open_s"] > 0].sort_values(keys)
    rng = np.random.default_rng([seed, 90, days[0].toordinal()])
    usual = rows[rows["observed_open_s"] >= rows["open_s"]].groupby([rows["hour_start"].dt.hour, "entrance"])[
        "arrivals"
    ]
    typical: dict[object, float] = usual.mean().to_dict()
    sales: list[Figure] = []
    people: dict[tuple[date, int], float] = {}
    for row in rows.to_dict("records"):
        share, start, entrance = row["observed_open_s"] / row["open_s"], row["hour_start"], str(row["entrance"])
        blind = share < LEAST_OBSERVED  # who came in the dark bought all the same
        came_in = typical.get((start.hour, entrance), 0.0) if blind else row["arrivals"] / share
        day, hour = row["day"], int(start.tz_convert(zone).hour)
        bought = int(rng.binomial(round(came_in), BUYERS[entrance] * (0.8 if hour < 11 else 1.06)))
        cents = rng.gamma(2.2, TICKET / 2.2, bought).round(2).sum() * 100
        people[day, hour] = people.get((day, hour), 0.0) + came_in
        sales.append(Figure("transactions", day, hour, entrance, bought))
        sales.append(Figure("sales", day, hour, entrance, round(cents) * MONEY_UNITS // 100))
    staff = [
        Figure("staff", day, hour, WHOLE_SITE, _quarters(3.0 + came_in / PEOPLE_A_STAFF_HOUR + rng.normal(0, 0.4)))
        for (day, hour), came_in in people.items()
    ]
    return sales, staff


def _quarters(hours: float) -> int:
    return max(1, round(hours * 4)) * STAFF_UNITS // 4


def _weather(day: date, rng: np.random.Generator) -> DayWeather:
    season = 11.0 - 10.5 * float(np.cos((day.timetuple().tm_yday - 15) / 365 * 2 * np.pi))
    rain = round(float(rng.gamma(1.1, 6.0)), 1) if rng.random() < RAINY else 0.0
    words = next(text for most, text in WORDS if rain <= most)
    return DayWeather(day, round(season + float(rng.normal(0, 2.8)), 1), rain, words)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
