"""Stores audits by tally: what is sent twice is stored once, whatever was lost in between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from db.audit_models import AuditRow, AuditTapRow
from db.audits import MOST_TAPS, Audit, AuditRefusedError, Tap
from db.models import CameraRow, SiteRow
from db.session import transact
from db.writing.registry import lock_sites, storable
from db.writing.upsert import insert_into
from footfall.errors import StoreError

STILL_COUNTING = timedelta(minutes=15)


def save_audit(engine: Engine, audit: Audit, taps: Sequence[Tap]) -> None:
    """Store an audit with some of its taps; what is known already stays, a later revision of a tap replaces it.

    Raises:
        AuditRefusedError: there is no such entrance, the audit is somebody else's, or it has too many taps.
        StoreError: the database is away; nothing was kept.
    """
    transact(engine, _save, audit, taps)


def keep_comparison(
    engine: Engine, uid: UUID, setups: dict[str, Any], comparison: dict[str, Any], version: int, now: datetime
) -> None:
    """Keep what an audit came to, so that it stays when its visits and taps are deleted."""
    values = {"setups": setups, "comparison": comparison, "compared_version": version, "compared_at": now}
    transact(engine, _change, uid, values)


def void_audit(engine: Engine, uid: UUID, reason: str) -> None:
    """Say that an audit does not count, and why; an empty reason takes that back.

    Raises:
        StoreError: there is no such audit.
    """
    transact(engine, _change, uid, {"void_reason": storable(reason.strip(), 500)})


def end_audit(engine: Engine, uid: UUID, now: datetime) -> datetime:
    """End an audit that was left open a second after its last tap, and return when that is.

    Nobody knows whether somebody still stood there after that. What the phone says of the end later replaces it.

    Raises:
        AuditRefusedError: there is no such audit, it has ended, or somebody tapped within STILL_COUNTING.
    """
    return transact(engine, _end, uid, now)


def old_taps(connection: Connection, site_id: int, before: datetime, at_once: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return at most `at_once` taps (audit_uid, number) of a site's audits that began before an instant."""
    old = (
        select(AuditTapRow.audit_uid, AuditTapRow.number)
        .join(AuditRow, AuditRow.uid == AuditTapRow.audit_uid)
        .where(AuditRow.site_id == site_id, AuditRow.started_at < before)
        .order_by(AuditTapRow.audit_uid, AuditTapRow.number)
        .limit(at_once)
    )
    return connection.execute(old).all()


def delete_taps(connection: Connection, found: Sequence[Row[*tuple[Any, ...]]]) -> int:
    """Delete the first taps of audits, up to those that `old_taps` found, and return how many."""
    deleted = 0
    numbers: dict[UUID, list[int]] = {}
    for uid, number in found:
        numbers.setdefault(uid, []).append(number)
    for uid, some in numbers.items():
        match = (AuditTapRow.audit_uid == uid, AuditTapRow.number <= max(some))
        deleted += connection.execute(delete(AuditTapRow).where(*match)).rowcount
    return deleted


def _save(connection: Connection, audit: Audit, taps: Sequence[Tap]) -> None:
    site_id, camera_id = _places(connection, audit)
    lock_sites(connection, [site_id])
    columns = (AuditRow.auditor, AuditRow.site_id, AuditRow.entrance, AuditRow.camera_id, AuditRow.ended_at)
    known = connection.execute(select(*columns).where(AuditRow.uid == audit.uid)).one_or_none()
    values: dict[str, Any] = {"ended_at": audit.ended_at, "clock_offset_ms": audit.clock_offset_ms}
    if known is None:
        connection.execute(insert(AuditRow).values(**_row(audit, site_id, camera_id), **values))
    elif known[:4] != (storable(audit.auditor), site_id, storable(audit.entrance), camera_id):
        raise AuditRefusedError("this audit was begun by somebody else or elsewhere; start a new one")
    else:
        values["ended_at"] = audit.ended_at or known.ended_at
        values["compared_version"] = None  # what it came to has to be made again
        connection.execute(update(AuditRow).where(AuditRow.uid == audit.uid).values(**values))
    _save_taps(connection, audit, taps)


def _places(connection: Connection, audit: Audit) -> tuple[int, int | None]:
    """Return the ids of the site and of the camera, None for the whole entrance."""
    query = (
        select(CameraRow.id, CameraRow.name, CameraRow.site_id, CameraRow.entrance)
        .join(SiteRow, SiteRow.id == CameraRow.site_id)
        .where(SiteRow.name == audit.site)
    )
    known = connection.execute(query).all()
    cameras = [camera for camera in known if camera.entrance == audit.entrance]
    if not cameras:
        there = ", ".join(sorted({camera.entrance for camera in known})) or "none"
        raise AuditRefusedError(f"no entrance {audit.entrance!r} at {audit.site!r}; there are: {there}")
    if audit.camera and audit.camera not in [camera.name for camera in cameras]:
        there = ", ".join(sorted(camera.name for camera in cameras))
        raise AuditRefusedError(f"no camera {audit.camera!r} at {audit.entrance!r}; there are: {there}")
    ids = {camera.name: camera.id for camera in cameras}
    return cameras[0].site_id, ids[audit.camera] if audit.camera else None


def _row(audit: Audit, site_id: int, camera_id: int | None) -> dict[str, Any]:
    return {
        "uid": audit.uid,
        "site_id": site_id,
        "entrance": storable(audit.entrance),
        "camera_id": camera_id,
        "auditor": storable(audit.auditor),
        "source": audit.source,
        "precision_s": audit.precision_s,
        "started_at": audit.started_at,
        "void_reason": "",
    }


def _save_taps(connection: Connection, audit: Audit, taps: Sequence[Tap]) -> None:
    if not taps:
        return
    rows = [
        {
            "audit_uid": audit.uid,
            "number": tap.number,
            "kind": tap.kind,
            "tapped_at": tap.tapped_at,
            "gender": tap.gender,
            "age_group": tap.age_group,
            "undone": tap.undone,
            "revision": tap.revision,
        }
        for tap in {tap.number: tap for tap in sorted(taps, key=lambda tap: tap.revision)}.values()
    ]
    insert_tap = insert_into(connection, AuditTapRow)
    changed = ("kind", "tapped_at", "gender", "age_group", "undone", "revision")
    statement = insert_tap.on_conflict_do_update(
        index_elements=["audit_uid", "number"],
        set_={name: insert_tap.excluded[name] for name in changed},
        where=insert_tap.excluded.revision > AuditTapRow.revision,
    )
    connection.execute(statement, rows)
    count = select(func.count()).where(AuditTapRow.audit_uid == audit.uid)
    if connection.execute(count).scalar_one() > MOST_TAPS:
        raise AuditRefusedError(f"an audit has at most {MOST_TAPS} taps; end this one and start another")


def _end(connection: Connection, uid: UUID, now: datetime) -> datetime:
    columns = (AuditRow.started_at, AuditRow.ended_at, AuditRow.precision_s, func.max(AuditTapRow.tapped_at))
    query = select(*columns).outerjoin(AuditTapRow, AuditTapRow.audit_uid == AuditRow.uid).where(AuditRow.uid == uid)
    found = connection.execute(query.group_by(*columns[:3])).one_or_none()
    if found is None:
        raise AuditRefusedError(f"no audit {uid}; `footfall audits list` shows them")
    started_at, ended_at, precision_s, last = found
    if ended_at is not None:
        raise AuditRefusedError("this audit has ended; `footfall audits void` takes one out that should not count")
    last = max(started_at, last or started_at)
    if now - last < STILL_COUNTING:
        minutes = STILL_COUNTING // timedelta(minutes=1)
        raise AuditRefusedError(
            f"somebody tapped less than {minutes} minutes ago: end it on the phone, or try again {minutes} minutes "
            "after the last tap"
        )
    end = last + timedelta(seconds=precision_s)
    _change(connection, uid, {"ended_at": end, "compared_version": None})
    return end


def _change(connection: Connection, uid: UUID, values: dict[str, Any]) -> None:
    if connection.execute(update(AuditRow).where(AuditRow.uid == uid).values(**values)).rowcount == 0:
        raise StoreError(f"no audit {uid}; `footfall audits list` shows them")
