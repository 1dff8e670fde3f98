"""Audits by tally as pages show them: read for one person and site, compared, kept for a short while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Engine

from analytics.audit_words import came_sentence
from analytics.audits import Tally, minutes_to_narrow, pooled, recall_of
from dashboard.numbers.ground import ground
from dashboard.numbers.kept import kept
from dashboard.numbers.reading import Reader
from dashboard.wording import listing
from reports.audits import CheckedAudit, DayEstimate, checked_audits, estimate_of_day, hours_of

KEPT_S = 20


def audits_of(reader: Reader) -> list[CheckedAudit]:
    """Return the audits of the site, newest first, each compared with the cameras."""
    reader.person.require_site(reader.site.name)
    engine, now = ground().engine, ground().clock()
    return _audits(reader.site.name, int(now.timestamp() // KEPT_S), str(engine.url), _engine=engine, _now=now)


def estimate_of(reader: Reader, day: date) -> DayEstimate | None:
    """Return who came to the site on a day by its audits, None where none holds for it."""
    found = audits_of(reader)
    return estimate_of_day(ground().engine, reader.site.name, day, found) if found else None


def estimate_sentence(estimate: DayEstimate) -> str:
    """Return how many visits a day really had, where, and by how many audits."""
    covered = len(estimate.by_entrance)
    told = f"{covered} of {estimate.entrances} entrances {'is' if covered == 1 else 'are'} audited"
    where = "" if estimate.whole else f"At {listing(list(estimate.places))} ({told}): "
    number = "1 audit" if estimate.audits == 1 else f"{estimate.audits} audits"
    return f"{where}{came_sentence(estimate.counted, estimate.came)} By {number}."


@dataclass(frozen=True, slots=True)
class Place:
    """What the audits of an entrance, or of one `camera` of it, come to together; `cameras` watched there.

    `hours` are those of the day in which somebody counted.
    """

    entrance: str
    camera: str
    tally: Tally
    audits: int
    cameras: int
    hours: tuple[int, ...]


def places(found: Iterable[CheckedAudit]) -> list[Place]:
    """Return what the audits that hold come to together, by entrance and camera."""
    by_place: dict[tuple[str, str], list[CheckedAudit]] = {}
    for one in found:
        if not one.void and one.is_final:
            by_place.setdefault((one.audit.entrance, one.audit.camera), []).append(one)
    return [
        Place(
            entrance,
            camera,
            pooled((one.audit.started_at, one.comparison) for one in some if one.comparison),
            len(some),
            len(some[0].stored.setups or {}),
            tuple(sorted({hour for one in some for hour in hours_of(one.stored)})),
        )
        for (entrance, camera), some in sorted(by_place.items())
    ]


def audit_table(found: Iterable[CheckedAudit]) -> pd.DataFrame:
    """Return one row an audit, with headings for people."""
    return pd.DataFrame([_row(one) for one in found])


def confusion_table(counts: Mapping[str, Mapping[str, int]], names: Mapping[str, str]) -> pd.DataFrame:
    """Return a table of what was tapped (rows) and judged (columns), in words of `names`."""
    rows = []
    for tapped, judged in counts.items():
        numbers = {f"Camera: {names.get(name, name)}": number for name, number in judged.items()}
        rows.append({"By hand": names.get(tapped, tapped), **numbers})
    return pd.DataFrame(rows)


def _row(one: CheckedAudit) -> dict[str, object]:
    audit, zone = one.audit, one.stored.zone
    start = audit.started_at.astimezone(zone)
    end = None if audit.ended_at is None else audit.ended_at.astimezone(zone)
    total = one.comparison.total if one.comparison is not None else None
    rate = None if total is None else recall_of(total)
    return {
        "Day": start.date(),
        "Hours": f"{start:%H:%M}–" + ("…" if end is None else f"{end:%H:%M}"),
        "Where": audit.entrance + (f", only {audit.camera}" if audit.camera else ""),
        "By": audit.auditor,
        "By hand": one.stored.taps if total is None else total.tapped,
        "By camera": None if total is None else total.counted,
        "Counts of 100": None if rate is None else round(100 * rate.estimate),
        "95 % interval": "" if rate is None else f"{100 * rate.low:.0f} to {100 * rate.high:.0f}",
        "More minutes for ±3": None if total is None else minutes_to_narrow(total),
        "Does it count": f"no: {one.void}" if one.void else "yes" if one.is_final else "not final yet",
    }


@kept(40, KEPT_S)
def _audits(site: str, bucket: int, database: str, *, _engine: Engine, _now: datetime) -> list[CheckedAudit]:
    del bucket, database  # parts of the cache's key only
    return checked_audits(_engine, [site], _now)
