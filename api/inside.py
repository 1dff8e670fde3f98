"""How many people are inside a site: now, and by hour of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal

import pandas as pd
from fastapi import APIRouter

from analytics.completeness import observed_share
from api.answers import InsideAnswer, InsideDayAnswer, InsideHourAnswer
from api.asking import EARLIEST, SiteReader
from api.problems import ProblemError
from dashboard.numbers.ground import ground
from dashboard.numbers.occupancy import (
    Occupancy,
    alarm_level,
    labels_of,
    occupancy_by_hour,
    occupancy_now,
    occupancy_of_day,
)
from dashboard.numbers.occupancy_words import why_not
from dashboard.numbers.reading import TODAY_KEPT_S, Reader

router = APIRouter(tags=["numbers"])


@router.get("/v1/sites/{site}/occupancy", summary="How many are inside now")
def occupancy(reader: SiteReader) -> InsideAnswer:
    """Return how many are inside the whole site now, or in words why that is not told."""
    told = occupancy_now(reader)
    now = told.now
    return InsideAnswer(
        at=_told_at(reader, ground().clock()),
        estimate=None if now is None else now.estimate,
        low=None if now is None else now.low,
        high=None if now is None else now.high,
        alarm_level=alarm_level(reader.site.name),
        alarm=None if now is None else _alarm(now),
        reason=told.reason or None,
    )


@router.get("/v1/sites/{site}/days/{day}/occupancy", summary="How many were inside, by hour of a local day")
def day_occupancy(reader: SiteReader, day: date) -> InsideDayAnswer:
    """Return how many were inside the whole site at the end of each hour that has begun."""
    if not EARLIEST <= day <= reader.site.today():
        raise ProblemError(404, f"{day} lies in the future, or before {EARLIEST}.")
    reason = why_not(occupancy_of_day(reader, day), labels_of(reader))
    hours = [_hour(reader, row) for row in occupancy_by_hour(reader, day).to_dict("records")]
    return InsideDayAnswer(day=day, hours=hours, reason=reason or None)


def _hour(reader: Reader, row: dict[Any, Any]) -> InsideHourAnswer:
    people = {name: None if pd.isna(row[name]) else int(row[name]) for name in ("inside", "low", "high")}
    return InsideHourAnswer(
        start=row["start"].to_pydatetime().astimezone(reader.site.zone),
        end=_told_at(reader, row["end"].to_pydatetime()),
        estimate=people["inside"],
        low=people["low"],
        high=people["high"],
        observed_share=None if pd.isna(row["watched"]) else observed_share(float(row["watched"]), 1.0),
    )


def _alarm(now: Occupancy) -> Literal["off", "maybe", "on"] | None:
    if now.alarm is None:
        return None
    found: dict[str, Literal["off", "maybe", "on"]] = {"": "off", "maybe": "maybe", "on": "on"}
    return found[now.alarm_state]


def _told_at(reader: Reader, moment: datetime) -> datetime:
    """Return the beginning of the seconds for which an answer about today is kept, so that its ETag holds for them."""
    kept_from = moment.timestamp() // TODAY_KEPT_S * TODAY_KEPT_S
    return datetime.fromtimestamp(kept_from, UTC).astimezone(reader.site.zone)
