"""A number for each day of a site that every change of the day's numbers moves on.

A report is made from one state of the database: it reads the number in the snapshot of its rows, and it is logged only
when the number is still the same under the lock of the site.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, func, select

from db.models import DayVersionRow, SiteRow
from db.writing.upsert import insert_into

EVERY_DAY = date.min  # stands for all days of a site: what cameras are called, where they hang, when it is open


def move_on(connection: Connection, days: Iterable[tuple[int, date]]) -> None:
    """Move on the version of these (site id, day); the caller holds the lock of the sites (`lock_sites`).

    `reopen` calls this for each change that it is given. EVERY_DAY in place of a day means all days of the site.
    """
    rows = [{"site_id": site_id, "day": day, "version": 1} for site_id, day in sorted(set(days))]
    if not rows:
        return
    insert = insert_into(connection, DayVersionRow)
    later = {"version": DayVersionRow.version + 1}
    connection.execute(insert.on_conflict_do_update(index_elements=["site_id", "day"], set_=later), rows)


def day_version(connection: Connection, site: str, day: date) -> int:
    """Return the version of the day; it never returns to an earlier value."""
    row = DayVersionRow
    query = (
        select(func.coalesce(func.sum(row.version), 0))
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(SiteRow.name == site, row.day.in_([day, EVERY_DAY]))
    )
    return int(connection.execute(query).scalar_one())
