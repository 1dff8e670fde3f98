"""The outbox: what is to be told to whom, taken by one sender at a time, and what became of it.

A notice waits, is claimed by one sender, handed over to the server, and sent. What a dead sender left claimed goes back
to those that wait; what it left handed over may or may not have arrived: a mail is then not sent again, a call of the
webhook is, because its receiver tells repeated calls by their id.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from db.models import SiteRow
from db.notice_models import NoticeRow
from db.writing.registry import storable
from db.writing.upsert import insert_into

Channel = Literal["mail", "webhook"]
LEASE = timedelta(minutes=5)
"""A sender that took a notice and said nothing for so long is dead; no step of sending may take longer."""
KEPT = timedelta(days=90)
LONGEST_WAIT = timedelta(days=2)
"""Nothing is told to wait for longer."""


class State(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    HANDED = "handed over"
    SENT = "sent"
    UNSURE = "unsure"  # handed over, and nobody knows whether it was taken
    FAILED = "failed"
    REPLACED = "replaced"  # a newer revision of the report is told instead


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell: `key` and `recipient` make it one of its kind; not before `next_at`."""

    site: str
    key: str
    channel: Channel
    recipient: str
    content: dict[str, Any]
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Queued:
    """A notice in the outbox."""

    id: int
    notice: Notice
    state: State
    attempts: int
    created_at: datetime
    changed_at: datetime
    told: str


def queue(connection: Connection, notices: Sequence[Notice], now: datetime) -> None:
    """Put notices into the outbox; those that are there already, sent or not, stay as they are."""
    for notice in notices:
        site_id = connection.execute(select(SiteRow.id).where(SiteRow.name == notice.site)).scalar_one()
        values = {
            "site_id": site_id,
            "key": notice.key,
            "channel": notice.channel,
            "recipient": notice.recipient,
            "content": notice.content,
            "state": State.WAITING.value,
            "attempts": 0,
            "created_at": now,
            "next_at": notice.next_at,
            "changed_at": now,
            "told": "",
        }
        connection.execute(insert_into(connection, NoticeRow).values(**values).on_conflict_do_nothing())


def due(connection: Connection, now: datetime) -> list[Queued]:
    """Return what waits and may be sent by now, oldest first."""
    row = NoticeRow
    its_time = or_(row.next_at <= now, _set_ahead(row.next_at, now))
    return _found(connection, row.state == State.WAITING.value, its_time)


def listed(connection: Connection, since: datetime) -> list[Queued]:
    """Return what was put into the outbox since then, oldest first."""
    return _found(connection, NoticeRow.created_at >= since)


def told_keys(connection: Connection, site: str, day: date) -> dict[tuple[str, str], State]:
    """Return what became of the notices about the reports of a day, by key and recipient."""
    about = NoticeRow.key.startswith(f"report {day} ", autoescape=True)
    return {
        (one.notice.key, one.notice.recipient): one.state for one in _found(connection, SiteRow.name == site, about)
    }


def move(connection: Connection, notice_id: int, states: tuple[State, State], now: datetime, told: str = "") -> bool:
    """Take a notice from the first state to the second; tell whether it was in the first."""
    before, after = states
    changed = connection.execute(
        update(NoticeRow)
        .where(NoticeRow.id == notice_id, NoticeRow.state == before.value)
        .values(state=after.value, changed_at=now, told=storable(told, 500))
    )
    return changed.rowcount == 1


def postpone(
    connection: Connection, notice_id: int, held: Collection[State], when: tuple[datetime, datetime], told: str
) -> bool:
    """Let a notice that could not be sent wait again; tell whether it was in one of the states `held`.

    `when` is until when it waits, and now; `told` says why.
    """
    row, (next_at, now) = NoticeRow, when
    changed = connection.execute(
        update(row)
        .where(row.id == notice_id, row.state.in_([state.value for state in held]))
        .values(
            state=State.WAITING.value,
            attempts=row.attempts + 1,
            next_at=next_at,
            changed_at=now,
            told=storable(told, 500),
        )
    )
    return changed.rowcount == 1


def recover(connection: Connection, now: datetime) -> int:
    """Settle what dead senders left, and forget what is long over; return how many mails may not have arrived."""
    row = NoticeRow
    dead = or_(row.changed_at < now - LEASE, _set_ahead(row.changed_at, now))
    again = update(row).values(state=State.WAITING.value, changed_at=now)
    connection.execute(again.where(dead, row.state == State.CLAIMED.value))
    connection.execute(again.where(dead, row.state == State.HANDED.value, row.channel == "webhook"))
    unsure = connection.execute(
        update(row)
        .where(dead, row.state == State.HANDED.value)
        .values(state=State.UNSURE.value, changed_at=now, told="the program ended while the mail server took it")
    ).rowcount
    over = row.state.in_([State.SENT.value, State.FAILED.value, State.REPLACED.value, State.UNSURE.value])
    connection.execute(delete(row).where(over, row.changed_at < now - KEPT, row.created_at < now - KEPT))
    return unsure


def _set_ahead(moment: InstrumentedAttribute[datetime], now: datetime) -> ColumnElement[bool]:
    """Tell whose `moment` a clock that was ahead set; one that is behind the notice itself cannot tell."""
    return and_(moment > now + LONGEST_WAIT, NoticeRow.created_at <= now)


def _found(connection: Connection, *conditions: Any) -> list[Queued]:
    row = NoticeRow
    query = (
        select(row.id, SiteRow.name.label("site"), row.key, row.channel, row.recipient, row.content, row.next_at)
        .add_columns(row.state, row.attempts, row.created_at, row.changed_at, row.told)
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(*conditions)
        .order_by(row.id)
    )
    return [
        Queued(
            one.id,
            Notice(one.site, one.key, one.channel, one.recipient, one.content, one.next_at),
            State(one.state),
            one.attempts,
            one.created_at,
            one.changed_at,
            one.told,
        )
        for one in connection.execute(query)
    ]
