"""Corrected shares as pages show them: the stored ones of past days put together with that of the running day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import Engine

from analytics.share_sums import combined
from analytics.shares import Shares
from dashboard.numbers.ground import ground
from dashboard.numbers.kept import kept
from dashboard.numbers.reading import PAST_KEPT_S, Reader
from db.estimates import AGE, GENDER, WHOLE_SITE, StoredEstimate
from db.reading.audits import audits
from db.reading.estimates import own_versions, stored_coverage, stored_estimates
from db.session import reading
from reports.estimates import estimate_settings, running_shares
from reports.estimating import age_audits, shares_of, told
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


def range_shares(reader: Reader, days: Sequence[date], *, with_hours: bool = False) -> RangeShares:
    """Return the shares of these local days at the entrances of the reader, from what is stored of past days.

    `with_hours` says that those by hour are asked for as well, so that all is read at once.
    """
    mine = estimates_of(reader, days, with_hours=with_hours)
    return RangeShares(*(_together([one for one in mine if one.dimension == dimension]) for dimension in (GENDER, AGE)))


def estimates_of(reader: Reader, days: Sequence[date], *, with_hours: bool) -> list[StoredEstimate]:
    """Return the estimates of these local days at the entrances of the reader (the whole site where it has none)."""
    reader.person.require_site(reader.site.name)
    if not days:
        return []
    settings, places = _settings(), places_of(reader)
    found = _estimates(reader, (min(days), max(days)), settings, places, with_hours)
    wanted = set(days)
    return [one for one in found if one.day in wanted and one.small_cell == settings.small_cell]


def places_of(reader: Reader) -> tuple[str, ...]:
    """Return the entrances whose estimates answer the reader."""
    return (WHOLE_SITE,) if reader.entrances is None else reader.entrances


def judged_by_entrance(reader: Reader, days: Sequence[date]) -> pd.DataFrame:
    """Return entrance, judged and visits (of those that may be looked at) of these days, at the reader's entrances.

    Judged for gender; the running day is not in it.
    """
    reader.person.require_site(reader.site.name)
    if not days:
        return pd.DataFrame(columns=["entrance", "judged", "visits"])
    engine, second = ground().engine, int(ground().clock().timestamp())
    rows = _coverage(reader.site.name, min(days), max(days), second // PAST_KEPT_S, str(engine.url), _engine=engine)
    wanted = rows["day"].isin(list(days)) & (rows["entrance"] != WHOLE_SITE) & (rows["dimension"] == GENDER)
    wanted &= rows["small_cell"] == _settings().small_cell
    if reader.entrances is not None:
        wanted &= rows["entrance"].isin(list(reader.entrances))
    return rows[wanted].groupby("entrance")[["judged", "visits"]].sum().reset_index()


def _settings() -> EstimateSettings:
    return estimate_settings(ground().config.report, ground().config.reid)


def _together(estimates: Sequence[StoredEstimate]) -> ToldShares | None:
    widest = ground().config.report.max_share_interval
    known = [shares for one in estimates if (shares := shares_of(one, widest)) is not None]
    if not known or len({shares.groups for shares in known}) != 1:
        return None
    whole = combined(known) if len(known) > 1 else known[0]
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
    reader: Reader, days: tuple[date, date], settings: EstimateSettings, places: tuple[str, ...], with_hours: bool
) -> Sequence[StoredEstimate]:
    """Return what is stored, and the estimates of the running day or of a single one that has none yet."""
    first, last = days
    engine, site, today = ground().engine, reader.site.name, reader.site.today()
    database, second = str(engine.url), int(ground().clock().timestamp())
    past = min(last, today - timedelta(days=1))
    found = _stored(site, first, past, places, with_hours, second // PAST_KEPT_S, database, _engine=engine)
    single = first if first == last and not found else today
    if first <= single <= last:
        key = (settings.age_group_starts, settings.small_cell, settings.staff_in_visits), places
        with reading(engine) as connection:
            version = own_versions(connection, site, single, single).get(single, 0)
            audited = tuple((one.audit.uid, one.compared_at, one.void_reason) for one in audits(connection, [site]))
        return [*found, *_made(site, single, key, (version, audited), database, _engine=engine)]
    return found


class _Unchanged(tuple[StoredEstimate, ...]):
    """Estimates that nobody changes: to copy their many numbers would take longer than to read them."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, object]) -> _Unchanged:
        return self


@kept(CACHED, PAST_KEPT_S)
def _stored(
    site: str,
    first: date,
    last: date,
    places: tuple[str, ...],
    with_hours: bool,
    bucket: int,
    database: str,
    *,
    _engine: Engine,
) -> _Unchanged:
    del bucket, database  # parts of the cache's key only
    with reading(_engine) as connection:
        return _Unchanged(stored_estimates(connection, site, first, last, places, with_hours=with_hours))


@kept(CACHED, PAST_KEPT_S)
def _coverage(site: str, first: date, last: date, bucket: int, database: str, *, _engine: Engine) -> pd.DataFrame:
    del bucket, database  # parts of the cache's key only
    with reading(_engine) as connection:
        return stored_coverage(connection, site, first, last)


@kept(CACHED)
def _made(
    site: str,
    day: date,
    asked: tuple[tuple[tuple[int, ...], int, bool], tuple[str, ...]],
    version: tuple[int, tuple[object, ...]],
    database: str,
    *,
    _engine: Engine,
) -> _Unchanged:
    settings, places = asked
    del version, database  # parts of the cache's key only
    with reading(_engine) as connection:
        return _Unchanged(running_shares(connection, site, day, EstimateSettings(*settings), places).estimates)
