"""Days whose numbers changed after their report was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, or_, select

from db.models import DailyReportRow, ReopenedDayRow
from db.writing.day_versions import move_on
from db.writing.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a day's numbers: visits that came and went, and whether the observed time changed, or what was
    judged of who came again."""

    visits_added: int = 0
    visits_removed: int = 0
    observation: bool = False
    unique: bool = False

    def __add__(self, other: Change) -> Change:
        """Return both changes as one."""
        return Change(
            self.visits_added + other.visits_added,
            self.visits_removed + other.visits_removed,
            self.observation or other.observation,
            self.unique or other.unique,
        )

    def in_words(self) -> str:
        """Return the reason for a new report, like "3 visits arrived late"."""
        parts = []
        if self.visits_added:
            parts.append(f"{_visits(self.visits_added)} arrived late")
        if self.visits_removed:
            parts.append(
                f"{_visits(self.visits_removed)} withdrawn with a recording that was processed again or removed"
            )
        if self.observation:
            parts.append("the observed time changed")
        if self.unique:
            parts.append("who came again was judged anew")
        return "; ".join(parts)


def _visits(count: int) -> str:
    return "1 visit" if count == 1 else f"{count} visits"


def reopen(connection: Connection, changes: Mapping[tuple[int, date], Change], now: datetime) -> None:
    """Move on the versions of the (site id, day) that changed, and note the changes of those that were reported.

    Whoever changes anything that a day's report shows calls this, and holds the lock of the sites (`lock_sites`).
    """
    move_on(connection, (key for key, change in changes.items() if change != Change()))
    rows = [
        {
            "site_id": site_id,
            "day": day,
            "visits_added": change.visits_added,
            "visits_removed": change.visits_removed,
            "observation_changed": change.observation,
            "unique_changed": change.unique,
            "reopened_at": now,
        }
        for (site_id, day), change in sorted(changes.items())
        if change != Change() and _reported(connection, site_id, day)
    ]
    if not rows:
        return
    insert = insert_into(connection, ReopenedDayRow)
    merged = {
        "visits_added": ReopenedDayRow.visits_added + insert.excluded.visits_added,
        "visits_removed": ReopenedDayRow.visits_removed + insert.excluded.visits_removed,
        "observation_changed": or_(ReopenedDayRow.observation_changed, insert.excluded.observation_changed),
        "unique_changed": or_(ReopenedDayRow.unique_changed, insert.excluded.unique_changed),
        "reopened_at": insert.excluded.reopened_at,
    }
    connection.execute(insert.on_conflict_do_update(index_elements=["site_id", "day"], set_=merged), rows)


def _reported(connection: Connection, site_id: int, day: date) -> bool:
    query = select(DailyReportRow.id).where(DailyReportRow.site_id == site_id, DailyReportRow.day == day).limit(1)
    return connection.execute(query).first() is not None
