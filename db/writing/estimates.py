"""Stores a day's corrected shares in place of earlier ones, and what networks take for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select

from db.estimate_models import CalibrationRow, ShareEstimateRow
from db.estimates import StoredEstimate
from db.models import SiteRow
from db.reading.estimates import own_versions
from db.writing.registry import lock_sites, storable
from db.writing.upsert import insert_into


def save_estimates(connection: Connection, site: str, day: date, estimates: Sequence[StoredEstimate]) -> bool:
    """Put a day's estimates in place of those that are there; False, and nothing done, when the day moved on since."""
    site_id = connection.execute(select(SiteRow.id).where(SiteRow.name == site)).scalar_one()
    lock_sites(connection, [site_id])
    now = own_versions(connection, site, day, day).get(day, 0)
    if any(one.version != now for one in estimates):
        return False
    row = ShareEstimateRow
    connection.execute(delete(row).where(row.site_id == site_id, row.day == day))
    if estimates:
        connection.execute(insert(row), [asdict(one) | {"site_id": site_id} for one in estimates])
    return True


def note_calibration(connection: Connection, network: str, confusion: str, now: datetime) -> None:
    """Keep a network's table of confusions as the one to use; nothing happens when it is that already."""
    row = CalibrationRow
    name, digest = storable(network), sha256(confusion.encode()).hexdigest()
    newest = select(row.sha256).where(row.network == name).order_by(row.noted_at.desc()).limit(1)
    if connection.execute(newest).scalar_one_or_none() == digest:
        return
    values = {"network": name, "sha256": digest, "confusion": confusion, "noted_at": now}
    statement = insert_into(connection, row).values(**values)
    later = {"noted_at": statement.excluded.noted_at}
    connection.execute(statement.on_conflict_do_update(index_elements=["network", "sha256"], set_=later))
