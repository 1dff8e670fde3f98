"""Days, hours and what each camera watched, as lists that go on with a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Query

from analytics.completeness import completeness
from analytics.unique_days import UniqueDay
from api.answers import CompletenessAnswer, DayAnswer, HourAnswer, Page, UniqueAnswer
from api.asking import EARLIEST, LATEST, AskedDays, CursorAsked, DaysAsked, EntranceReader
from api.cursors import FOREIGN, make_cursor, read_cursor
from api.problems import ProblemError
from dashboard.numbers.ground import ground
from dashboard.numbers.passages import COUNTS, day_numbers, hour_numbers, watched
from dashboard.numbers.reading import Reader
from dashboard.numbers.unique import unique_days
from footfall.local_time import LocalHour, local_day

router = APIRouter(tags=["numbers"])
DayLimit = Annotated[int, Query(ge=1, le=366, description="How many days at most.")]
HourLimit = Annotated[int, Query(ge=1, le=1000, description="How many hours at most.")]


@router.get("/v1/sites/{site}/days", summary="Local days")
def list_days(
    reader: EntranceReader, asked: DaysAsked, limit: DayLimit = 100, cursor: CursorAsked = None
) -> Page[DayAnswer]:
    """Return local days, oldest first; today as far as it has come."""
    days, following = _days(reader, asked, "days", limit, cursor)
    return Page(items=_day_answers(reader, days), next=following)


@router.get("/v1/sites/{site}/days/{day}", summary="One local day")
def one_day(reader: EntranceReader, day: date) -> DayAnswer:
    """Return one local day."""
    if not EARLIEST <= day <= reader.site.today():
        raise ProblemError(404, f"{day} lies in the future, or before {EARLIEST}.")
    return _day_answers(reader, [day])[0]


@router.get("/v1/sites/{site}/hours", summary="Local hours")
def list_hours(
    reader: EntranceReader, asked: DaysAsked, limit: HourLimit = 168, cursor: CursorAsked = None
) -> Page[HourAnswer]:
    """Return local hours, oldest first; the present one as far as it has come. A day may have 23 or 25."""
    question = asked.question("hours", reader)
    after = None if cursor is None else _moment(read_cursor(question, cursor))
    start, now = None if after is None else local_day(after, reader.site.zone), ground().clock()
    hours = (
        (day, hour)
        for day in asked.days(start)
        for hour in reader.site.hours(day)
        if (after is None or hour.start > after) and hour.start <= now
    )
    found = list(islice(hours, limit + 1))
    following = make_cursor(question, found[limit - 1][1].start.isoformat()) if len(found) > limit else None
    return Page(items=_hour_answers(reader, found[:limit]), next=following)


@router.get("/v1/sites/{site}/completeness", summary="What each camera watched, by day")
def list_completeness(
    reader: EntranceReader, asked: DaysAsked, limit: DayLimit = 31, cursor: CursorAsked = None
) -> Page[CompletenessAnswer]:
    """Return what each camera watched of each day, of `limit` days at once; of today, what it watched so far."""
    days, following = _days(reader, asked, "completeness", limit, cursor)
    if not days:
        return Page(items=[], next=None)
    rows = watched(reader, days)
    by = ["day", "camera", "entrance"]
    both = rows.merge(completeness(rows, by), on=by)
    today = reader.site.today()
    items = [
        CompletenessAnswer(
            day=row["day"],
            camera=row["camera"],
            entrance=row["entrance"],
            expected_s=round(float(row["open_s"]), 1),
            observed_s=round(float(row["observed_open_s"]), 1),
            observed_share=_share(row["observed_share"]),
            complete=bool(row["complete"]) and row["day"] < today,
        )
        for row in both.to_dict("records")
    ]
    return Page(items=items, next=following)


def _days(reader: Reader, asked: AskedDays, kind: str, limit: int, cursor: str | None) -> tuple[list[date], str | None]:
    """Return the days of this part of a list, and where it goes on."""
    question = asked.question(kind, reader)
    start = None if cursor is None else _moment(read_cursor(question, cursor)).date() + timedelta(days=1)
    found = list(islice(asked.days(start), limit + 1))
    following = make_cursor(question, found[limit - 1].isoformat()) if len(found) > limit else None
    return found[:limit], following


def _day_answers(reader: Reader, days: Sequence[date]) -> list[DayAnswer]:
    if not days:
        return []
    people = unique_days(reader, days[0], days[-1]) if reader.entrances is None else {}
    reports = reader.reports(days[0], days[-1])
    revisions = reports.groupby("day")["revision"].max().to_dict()
    numbers = day_numbers(reader, days).to_dict("index")
    return [
        DayAnswer(
            day=day,
            unique=_unique(people[day]) if day in people else None,
            revision=revisions.get(day),
            **_passages(numbers[day]),
        )
        for day in days
    ]


def _hour_answers(reader: Reader, found: Sequence[tuple[date, LocalHour]]) -> list[HourAnswer]:
    if not found:
        return []
    days, zone = [found[0][0], found[-1][0]], reader.site.zone
    numbers = hour_numbers(reader, [hour for _, hour in found], days).to_dict("records")
    return [
        HourAnswer(day=day, start=hour.start.astimezone(zone), end=hour.end.astimezone(zone), **_passages(row))
        for (day, hour), row in zip(found, numbers, strict=True)
    ]


def _passages(row: dict[Any, Any]) -> dict[str, Any]:
    counts = {name: None if pd.isna(row[name]) else int(row[name]) for name in COUNTS}
    share = _share(row["observed_share"])
    return {**counts, "directed": row["directed"], "observed_share": share, "complete": row["complete"]}


def _unique(day: UniqueDay) -> UniqueAnswer:
    why = None if day.not_told is None else day.not_told.value
    return UniqueAnswer(people=day.unique, low=day.low, high=day.high, not_told=why, not_shared=day.not_shared)


def _share(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _moment(text: str) -> datetime:
    """Return the moment that a cursor names, of a day its midnight."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ProblemError(422, FOREIGN) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not EARLIEST <= moment.date() <= LATEST:
        raise ProblemError(422, FOREIGN)
    return moment
