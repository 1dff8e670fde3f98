"""Corrected shares as pages show them: the stored ones of past days put together with that of the running day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Engine

from analytics.share_sums import combined
from analytics.shares import Shares
from dashboard.numbers.ground import ground
from dashboard.numbers.kept import kept
from dashboard.numbers.reading import PAST_KEPT_S, Reader
from db.estimates import AGE, GENDER, WHOLE_SITE, StoredEstimate
from db.reading.audits import audits
from db.reading.estimates import own_versions, stored_estimates
from db.session import reading
from reports.estimates import estimate_settings, running_shares
from reports.estimating import OPTIONS, age_audits, shares_of, told
from reports.hidden_cells import EstimateSettings
from reports.shares import coarse

CACHED = 100
SURE, MATTERS = 0.01, 0.1  # a difference between judged and others is told from this p-value and this Cramér's V on


@dataclass(frozen=True, slots=True)
class ToldShares:
    """Corrected shares of some days and entrances, as they may be shown.

    `coarse` are neighbouring groups that can be told where `fine` cannot, None where that is not needed or possible.
    Of `visits` (`left_out` more are of hidden counts) `judged` were; on `days` days. `differs` says by what ("hour",
    "entrance") the judged were spread otherwise than the others on some day; `taps` how many of which audit correct it.
    """

    fine: Shares
    coarse: Shares | None
    judged: int
    visits: int
    left_out: int
    days: int
    differs: tuple[str, ...]
    taps: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RangeShares:
    """What can be told of gender and age; None where nobody was judged by a network with a table."""

    gender: ToldShares | None
    age: ToldShares | None


def range_shares(reader: Reader, days: Sequence[date]) -> RangeShares:
    """Return the shares of these local days at the entrances of the reader, from what is stored of past days."""
    reader.person.require_site(reader.site.name)
    if not days:
        return RangeShares(None, None)
    settings = estimate_settings(ground().config.report, ground().config.reid)
    places = (WHOLE_SITE,) if reader.entrances is None else reader.entrances
    found = _estimates(reader, (min(days), max(days)), settings, places)
    wanted = set(days)
    mine = [
        one for one in found if one.day in wanted and one.entrance in places and one.small_cell == settings.small_cell
    ]
    return RangeShares(*(_together([one for one in mine if one.dimension == dimension]) for dimension in (GENDER, AGE)))


def _together(estimates: Sequence[StoredEstimate]) -> ToldShares | None:
    known = [shares for shares in map(shares_of, estimates) if shares is not None]
    if not known or len({shares.groups for shares in known}) != 1:
        return None
    whole = combined(known, OPTIONS.widest) if len(known) > 1 else known[0]
    left_out = sum(one.left_out for one in estimates)
    fine = told(whole, left_out)
    joined = None if fine.told.all() or len(whole.groups) < 3 else coarse(whole)
    tests = [test for one in estimates for test in one.basis.get("differences", {}).items()]
    return ToldShares(
        fine=fine,
        coarse=None if joined is None else told(joined, left_out),
        judged=sum(one.judged for one in estimates),
        visits=sum(one.visits for one in estimates),
        left_out=left_out,
        days=len({one.day for one in estimates if one.judged}),
        differs=tuple(sorted({name for name, (p_value, v) in tests if p_value < SURE and v >= MATTERS})),
        taps=age_audits(estimates),
    )


def _estimates(
    reader: Reader, days: tuple[date, date], settings: EstimateSettings, places: tuple[str, ...]
) -> list[StoredEstimate]:
    """Return what is stored, and the estimates of the running day or of a single one that has none yet."""
    first, last = days
    engine, site, today = ground().engine, reader.site.name, reader.site.today()
    database, second = str(engine.url), int(ground().clock().timestamp())
    found = _stored(site, first, min(last, today - timedelta(days=1)), second // PAST_KEPT_S, database, _engine=engine)
    single = first if first == last and not found else today
    if first <= single <= last:
        key = (settings.age_group_starts, settings.small_cell, settings.staff_in_visits), places
        with reading(engine) as connection:
            version = own_versions(connection, site, single, single).get(single, 0)
            audited = tuple((one.audit.uid, one.compared_at, one.void_reason) for one in audits(connection, [site]))
        found = found + _made(site, single, key, (version, audited), database, _engine=engine)
    return found


@kept(CACHED, PAST_KEPT_S)
def _stored(site: str, first: date, last: date, bucket: int, database: str, *, _engine: Engine) -> list[StoredEstimate]:
    del bucket, database  # parts of the cache's key only
    with reading(_engine) as connection:
        return stored_estimates(connection, site, first, last)


@kept(CACHED)
def _made(
    site: str,
    day: date,
    asked: tuple[tuple[tuple[int, ...], int, bool], tuple[str, ...]],
    version: tuple[int, tuple[object, ...]],
    database: str,
    *,
    _engine: Engine,
) -> list[StoredEstimate]:
    settings, places = asked
    del version, database  # parts of the cache's key only
    with reading(_engine) as connection:
        return list(running_shares(connection, site, day, EstimateSettings(*settings), places).estimates)
