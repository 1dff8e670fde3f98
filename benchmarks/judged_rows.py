"""What a register would have judged of counts of visits: its sums by hour and day, and one part a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pandas as pd
from sqlalchemy import Connection, insert

from db.models import DailyFirstsRow, HourlyFirstsRow, RegisterPartRow
from db.writing.firsts import SUMS
from reid.types import FIRST_SCALE, STAY_BUCKETS, ReidMode

MEAN_FIRST = 8_300
CELL = ["direction", "gender", "age_group"]


def write_judged(connection: Connection, hourly: list[dict[str, Any]], site_id: int) -> None:
    """Write the sums of one day's arrivals, of which none is staff, and the part that told of them."""
    judged = [_judged(row) for row in hourly if row["direction"] == "in"]
    connection.execute(insert(HourlyFirstsRow), judged)
    daily = pd.DataFrame(judged).groupby(["camera_id", "day", *CELL])[list(SUMS)].sum().reset_index()
    connection.execute(insert(DailyFirstsRow), list(_plain(daily)))
    arrivals = sum(row["told"] for row in judged)
    connection.execute(insert(RegisterPartRow), [_part(site_id, hourly[0]["day"], arrivals)])


def _judged(row: dict[str, Any]) -> dict[str, Any]:
    visits = row["visits"]
    cell = {name: value for name, value in row.items() if name != "visits"}
    sums = (visits, visits, MEAN_FIRST * visits, 0, 0)
    return cell | dict(zip(SUMS, sums, strict=True))


def _plain(daily: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in daily.to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def _part(site_id: int, day: date, arrivals: int) -> dict[str, Any]:
    noon = datetime.combine(day, time(12), UTC)
    unique = arrivals * MEAN_FIRST / FIRST_SCALE
    return {
        "uid": uuid5(NAMESPACE_URL, f"benchmark {day}"),
        "site_id": site_id,
        "day": day,
        "origin": "benchmark",
        "mode": ReidMode.CLOTHES.value,
        "began_at": noon,
        "seen_until": noon,
        "arrivals": arrivals,
        "compared": arrivals,
        "staff": 0,
        "unique": unique,
        "low": 0.95 * unique,
        "high": 1.05 * unique,
        "returns_per_pair": 1e-4,
        "stays": [1.5] * STAY_BUCKETS,
        "held": 0,
        "deleted": arrivals,
        "closed_at": noon,
        "model_version": "benchmark",
        "withdrawn": False,
    }
