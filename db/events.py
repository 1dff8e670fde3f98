"""Holidays, sales and other events that users mark on charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import Connection, Engine, delete, insert, select, update

from db.models import EventRow, SiteRow
from db.reading.selection import Selection
from db.session import transact
from db.writing.registry import storable
from footfall.errors import StoreError

COLUMNS = ("id", "site", "starts_on", "ends_on", "name", "kind")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that explains a day's numbers. `ends_on` is its last day, included."""

    site: str
    starts_on: date
    ends_on: date
    name: str
    kind: str = "event"


def events(connection: Connection, selection: Selection) -> pd.DataFrame:
    """Return the events that touch the days and sites of the selection, oldest first: id, site, starts_on, ends_on,
    name, kind.
    """
    query = (
        select(EventRow.id, SiteRow.name, EventRow.starts_on, EventRow.ends_on, EventRow.name, EventRow.kind)
        .join(SiteRow, SiteRow.id == EventRow.site_id)
        .where(EventRow.starts_on <= selection.last_day, EventRow.ends_on >= selection.first_day)
        .order_by(EventRow.starts_on, SiteRow.name, EventRow.id)
    )
    if selection.sites is not None:
        query = query.where(SiteRow.name.in_(selection.sites))
    return pd.DataFrame([tuple(row) for row in connection.execute(query)], columns=list(COLUMNS))


def add_event(engine: Engine, event: Event) -> int:
    """Add an event and return its id.

    Raises:
        StoreError: the site is unknown, the name empty, or the event ends before it starts.
    """
    return transact(engine, _add, event)


def change_event(engine: Engine, event_id: int, event: Event) -> None:
    """Replace an event.

    Raises:
        StoreError: there is no such event, or `event` is not valid (see `add_event`).
    """
    transact(engine, _change, event_id, event)


def remove_events(engine: Engine, event_ids: Sequence[int]) -> None:
    """Remove events; ids that are gone already do not matter."""
    transact(engine, _remove, event_ids)


def _values(connection: Connection, event: Event) -> dict[str, object]:
    site_id = connection.execute(select(SiteRow.id).where(SiteRow.name == event.site)).scalar_one_or_none()
    if site_id is None:
        raise StoreError(f"no site {event.site!r} in the database")
    if not event.name.strip():
        raise StoreError("an event needs a name")
    if event.ends_on < event.starts_on:
        raise StoreError(f"{event.name}: ends on {event.ends_on}, before it starts on {event.starts_on}")
    days = {"starts_on": event.starts_on, "ends_on": event.ends_on}
    return {"site_id": site_id, "name": storable(event.name), "kind": storable(event.kind, 20), **days}


def _add(connection: Connection, event: Event) -> int:
    values = _values(connection, event)
    return int(connection.execute(insert(EventRow).values(**values).returning(EventRow.id)).scalar_one())


def _change(connection: Connection, event_id: int, event: Event) -> None:
    values = _values(connection, event)
    if connection.execute(update(EventRow).where(EventRow.id == event_id).values(**values)).rowcount == 0:
        raise StoreError("this event was removed meanwhile")


def _remove(connection: Connection, event_ids: Sequence[int]) -> None:
    connection.execute(delete(EventRow).where(EventRow.id.in_(event_ids)))
