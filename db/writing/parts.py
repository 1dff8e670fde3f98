"""Parts of the register of the day: what one of them says of a site's day, stored as a whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, exists, select, update

from db.models import RegisterPartRow, SiteRow, VisitFirstRow
from db.writing.registry import lock_sites, storable
from db.writing.reopening import Change, reopen
from db.writing.upsert import insert_into
from footfall.errors import StoreError
from reid.types import RegisterPart

ORIGIN_LENGTH = 255


def save_parts(connection: Connection, parts: Sequence[RegisterPart], now: datetime) -> None:
    """Store parts, each in place of what was said under its uid before; what was said already changes nothing.

    Raises:
        StoreError: a site is not in the database.
    """
    sites = _site_ids(connection, {part.site for part in parts})
    lock_sites(connection, sites.values())
    said = {part.uid: _row(part, sites[part.site]) for part in parts}
    query = select(RegisterPartRow.__table__).where(RegisterPartRow.uid.in_(list(said)))
    before = {row["uid"]: dict(row) for row in connection.execute(query).mappings()}
    for row in before.values():
        del row["withdrawn"]
    changed = [said[uid] for uid in sorted(said) if before.get(uid) != said[uid]]
    if not changed:
        return
    insert = insert_into(connection, RegisterPartRow)
    replaced = {name: insert.excluded[name] for name in changed[0] if name != "uid"}
    rows = [row | {"withdrawn": False} for row in changed]
    connection.execute(insert.on_conflict_do_update(index_elements=["uid"], set_=replaced), rows)
    both = [*changed, *(before[row["uid"]] for row in changed if row["uid"] in before)]
    days = {(row["site_id"], row["day"]) for row in both}
    reopen(connection, dict.fromkeys(days, Change(unique=True)), now)


def leave_parts(connection: Connection, uids: Collection[UUID]) -> None:
    """Delete those of these parts that no judgement belongs to any more; mark the others as changed since."""
    if not uids:
        return
    mine = RegisterPartRow.uid.in_(uids)
    has_firsts = exists().where(VisitFirstRow.part == RegisterPartRow.uid)
    connection.execute(delete(RegisterPartRow).where(mine, ~has_firsts))
    connection.execute(update(RegisterPartRow).where(mine).values(withdrawn=True))


def _site_ids(connection: Connection, names: Collection[str]) -> dict[str, int]:
    query = select(SiteRow.name, SiteRow.id).where(SiteRow.name.in_(names))
    found = {row.name: row.id for row in connection.execute(query)}
    if missing := sorted(set(names) - set(found)):
        raise StoreError(f"no site {missing[0]!r} in the database; add it to the configuration first")
    return found


def _row(part: RegisterPart, site_id: int) -> dict[str, Any]:
    return {
        "uid": part.uid,
        "site_id": site_id,
        "day": part.day,
        "origin": storable(part.origin, ORIGIN_LENGTH),
        "mode": part.mode.value,
        "began_at": part.began_at,
        "seen_until": part.seen_until,
        "arrivals": part.arrivals,
        "compared": part.compared,
        "staff": part.staff,
        "unique": part.unique,
        "low": part.low,
        "high": part.high,
        "returns_per_pair": part.returns_per_pair,
        "stays": list(part.stays),
        "held": part.held,
        "deleted": part.deleted,
        "closed_at": part.closed_at,
        "model_version": storable(part.model_version),
        "not_shared": part.not_shared,
    }
