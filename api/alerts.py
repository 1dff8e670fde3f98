"""What people were told to look after, and when that was over, as a list that goes on with a cursor."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.answers import AlertAnswer, Page
from api.asking import CursorAsked, DaysAsked, SiteReader
from api.cursors import FOREIGN, make_cursor, read_cursor
from api.problems import ProblemError
from dashboard.numbers.alerts import alerts_of

router = APIRouter(tags=["places"])
AlertLimit = Annotated[int, Query(ge=1, le=1000, description="How many alerts at most.")]


@router.get("/v1/sites/{site}/alerts", summary="Alerts that began and ended")
def list_alerts(
    reader: SiteReader, asked: DaysAsked, limit: AlertLimit = 100, cursor: CursorAsked = None
) -> Page[AlertAnswer]:
    """Return the alerts that touch these days, oldest first, as far back as they are kept."""
    question = asked.question("alerts", reader)
    after = None if cursor is None else _place(read_cursor(question, cursor))
    if asked.first_day > asked.until:
        return Page(items=[], next=None)
    found = alerts_of(reader, asked.first_day, asked.until, limit + 1, after)
    zone = reader.site.zone
    items = [
        AlertAnswer(
            id=one.uid,
            kind=one.kind,
            camera=one.camera or None,
            day=one.day,
            since=one.since.astimezone(zone),
            until=None if one.ended_at is None else one.ended_at.astimezone(zone),
            summary=one.summary,
        )
        for one in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    following = None if last is None else make_cursor(question, f"{last.since.isoformat()} {last.uid}")
    return Page(items=items, next=following)


def _place(text: str) -> tuple[datetime, UUID]:
    """Return the alert that a cursor names, by its beginning and uid."""
    since, _, uid = text.partition(" ")
    try:
        moment, known = datetime.fromisoformat(since), UUID(uid)
    except ValueError:
        raise ProblemError(422, FOREIGN) from None
    if moment.tzinfo is None:
        raise ProblemError(422, FOREIGN)
    return moment, known
