"""Which audits correct the ages of a day, and what they add to the table of what a network takes for what.

An audit corrects the day on which it ended and days after it, never days before: what was told of a day does not change
because somebody counts later. It has to hold for the day (reports.audits: final, not void, the same cameras, places,
lines), and adds to the network that judged the people who were tapped, and to no other. Of audits that overlap at a
camera only the first is taken, so that nobody counts twice. People of hidden cells are left out, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from analytics.audit_ages import AgeSum, audited_table, common_classes, fits, read_age_sums
from analytics.audit_matching import from_document
from analytics.calibration import Numbers, Places
from db.audits import StoredAudit
from db.reading.audits import Setups, audits, cameras_of, setups_of
from db.reading.selection import Selection
from footfall.local_time import day_bounds, local_day
from reports.audits import days_of, differ, is_final, void_because
from reports.hidden_cells import EstimateSettings, hidden_cells


@dataclass(frozen=True, slots=True)
class AuditedAges:
    """What audits add to a network's table: float64 (A, K) sums of probabilities by class that was tapped.

    `coarse` (K,) says to which class each age group belongs; `taps` how many people of which audit.
    """

    table: Numbers
    coarse: Places
    taps: Mapping[str, int]

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return {"taps": dict(sorted(self.taps.items())), "table": self.table.round(3).tolist()}


@dataclass(frozen=True, slots=True)
class _Known:
    """An audit that counts, the ids of its cameras by name, and what it says of ages."""

    stored: StoredAudit
    cameras: Mapping[str, int]
    sums: tuple[AgeSum, ...]

    @property
    def ended_at(self) -> datetime:
        ended_at = self.stored.audit.ended_at
        assert ended_at is not None
        return ended_at

    def overlaps(self, other: _Known) -> bool:
        """Return whether both watched one camera at the same time."""
        apart = self.ended_at <= other.stored.audit.started_at or other.ended_at <= self.stored.audit.started_at
        return not apart and bool(self.cameras.keys() & other.cameras.keys())


class SiteAudits:
    """The audits of a site as one snapshot of the database has them."""

    def __init__(self, connection: Connection, site: str, settings: EstimateSettings) -> None:
        self._starts = settings.age_group_starts
        self._known: list[_Known] = []
        self._setups: Setups = {}
        coarse = common_classes(self._starts) if len(self._starts) > 1 else None
        if coarse is None:
            return
        self._coarse = coarse
        found = [one for one in audits(connection, [site]) if _counts(one, settings)]
        for stored in sorted(found, key=lambda one: (one.audit.started_at, one.audit.uid)):
            sums = tuple(_shown_sums(connection, stored, settings))
            if sums:
                self._known.append(_Known(stored, cameras_of(connection, stored.audit), sums))
        if self._known:
            self._setups = setups_of(connection, site)

    def on(self, day: date) -> dict[str, AuditedAges]:
        """Return what audits add to the table of each network for a local day."""
        holding: list[_Known] = []
        for one in self._known:
            if self._holds(one, day) and not any(one.overlaps(other) for other in holding):
                holding.append(one)
        by_network: dict[str, list[tuple[str, AgeSum]]] = {}
        for one in holding:
            for part in one.sums:
                by_network.setdefault(part.network, []).append((str(one.stored.audit.uid), part))
        return {network: self._ages(parts) for network, parts in sorted(by_network.items())}

    def _ages(self, parts: list[tuple[str, AgeSum]]) -> AuditedAges:
        taps: dict[str, int] = {}
        for uid, part in parts:
            taps[uid] = taps.get(uid, 0) + part.taps
        return AuditedAges(audited_table([part for _, part in parts], self._starts), self._coarse, taps)

    def _holds(self, one: _Known, day: date) -> bool:
        """Return whether an audit ended by that day, and its cameras were then what they were in the audit."""
        zone, then = one.stored.zone, one.stored.setups or {}
        if local_day(one.ended_at, zone) > day or set(one.cameras) != set(then):
            return False
        bounds = day_bounds(day, zone)
        for name, number in one.cameras.items():
            for moment in (bounds.start, bounds.end):
                setup = _setup_at(self._setups, number, moment)
                if any(differ(then[name].get(part), setup.get(part)) for part in ("place", "line")):
                    return False
        return True


def _counts(stored: StoredAudit, settings: EstimateSettings) -> bool:
    if settings.age_audits is not None and str(stored.audit.uid) not in settings.age_audits:
        return False
    if stored.comparison is None or not is_final(stored):
        return False
    return not void_because(stored, from_document(stored.comparison))


def _shown_sums(connection: Connection, stored: StoredAudit, settings: EstimateSettings) -> Iterator[AgeSum]:
    """Yield what an audit says of people who may be looked at."""
    wanted = [
        one for one in read_age_sums((stored.comparison or {}).get("age_sums", ()))
        if fits(one, settings.age_group_starts)
    ]  # fmt: skip
    hidden: set[tuple[str, str, str]] = set()
    for day in days_of(stored) if wanted else ():
        selection = Selection(day, day, sites=(stored.audit.site,))
        hidden |= set(hidden_cells(connection, selection, settings)[0])
    yield from (one for one in wanted if one.cell not in hidden)


def _setup_at(setups: Setups, camera_id: int, moment: datetime) -> Mapping[str, Any]:
    """Return place and line of a camera at a moment; before the first that is known, the first; empty without any."""
    known = setups.get(camera_id, [])
    before = [setup for since, setup in known if since <= moment]
    return before[-1] if before else known[0][1] if known else {}
