"""The daily report as a table. Its columns are described in docs/report-format.md.

A row is a group (one camera, gender and age group) or a total (of a camera, an entrance, the site): adding up the rows
of one kind never counts anybody twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd

from analytics.age_groups import age_group_order
from analytics.completeness import completeness
from analytics.demographics import GENDERS, PLACE, released, share_of, unknown_of
from analytics.shares import WIDEST
from footfall.local_time import hours_of_day
from reports.audits import DayEstimate
from reports.directions import CAME_IN, DIRECTION_COLUMNS, INSIDE_COLUMNS, with_directions, with_inside
from reports.estimates import DayShares
from reports.occupancy import DayInside
from reports.shares import AUDIT_COLUMNS, with_estimates
from reports.unique import (
    ALL,
    ENTRANCE_TOTAL,
    KINDS,
    SITE_TOTAL,
    UNIQUE_COLUMNS,
    Judged,
    with_sharing,
    with_unique,
)

LAST_COLUMNS = (CAME_IN, *DIRECTION_COLUMNS, *INSIDE_COLUMNS)
"""Behind all others, since reports of earlier versions end before them."""
COLUMNS = (
    "row", "site", "entrance", "camera", "day", "gender", "age_group", "visits", "share", "unknown", "suppressed",
    "observed_share", "complete", "revision", "replaces", "reason", *UNIQUE_COLUMNS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Revision:
    """Which version of a day's report this is, which it replaces and why; a first one replaces none."""

    number: int | None = None
    replaces: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReportData:
    """What a report of one site and day is made of.

    hourly: site, entrance, camera, day, hour_start, gender, age_group, visits (db.queries.hourly).
    observation: site, entrance, camera, day, hour_start, open_s, observed_open_s (db.observation).
    judged: what the register of the day said; None stands for a day whose visits nobody compared.
    passages: the same as `hourly` with direction; None in reports of earlier versions.
    inside: how many were inside; None where the day is not over, too.
    shares, came: corrected shares, and how many came by audits; without `shares` the report is one of earlier versions.
    """

    site: str
    day: date
    zone: ZoneInfo
    hourly: pd.DataFrame
    observation: pd.DataFrame
    judged: Judged | None = None
    passages: pd.DataFrame | None = None
    inside: DayInside | None = None
    shares: DayShares | None = None
    came: DayEstimate | None = None


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """How a report is cut: by day or by hour, into which age groups, and which counts are too small to show.

    Shares with a wider 95 % interval than `widest` have no number.
    """

    age_group_starts: tuple[int, ...]
    small_cell: int = 0
    by_hour: bool = False
    widest: float = WIDEST


def report(data: ReportData, options: ReportOptions, revision: Revision = Revision()) -> pd.DataFrame:
    """Return the report of one day, in stable order: by hour, then camera by camera, then the totals, then shares.

    `hour` is there only by hour. Counts and revisions are Int64 and missing where hidden or not known; share and
    observed_share are floats of four digits; complete and suppressed are bool.
    """
    cells = released(_with_quiet_cameras(data), options.age_group_starts, options.small_cell)
    hiding = frozenset(cells.loc[cells["visits"].isna(), "camera"])
    cells = cells[cells["hour_start"].notna() if options.by_hour else cells["hour_start"].isna()]
    keys = ["hour_start"] if options.by_hour else []
    groups = _groups(cells, data.hourly, keys)
    totals = [_totals(kind, groups, data, keys) for kind in KINDS[1:]]
    table = pd.concat([groups, *totals], ignore_index=True)
    if options.by_hour:
        table = _hours_worth_showing(table, data)
    table = table.merge(_shares_observed(data.observation, keys), on=["row", *PLACE, *keys], how="left")
    table["complete"] = table["complete"].astype("boolean").fillna(False).astype(bool)
    table = with_unique(table, data.judged, hiding, keys, options.small_cell)
    if data.passages is not None:
        table = with_directions(table, data.passages, hiding, keys, options.small_cell)
        table = with_inside(table, data.inside, keys)
    table = _finish(table, data, options, revision)
    if data.shares is not None:
        table = with_estimates(table, data.shares.estimates, data.came, by_hour=options.by_hour, widest=options.widest)
        if data.passages is None:
            table = table.drop(columns=list(AUDIT_COLUMNS))
        else:
            table = table[[*table.columns.drop(list(LAST_COLUMNS)), *LAST_COLUMNS]]
    return table if options.by_hour else with_sharing(table, data.judged)


def _with_quiet_cameras(data: ReportData) -> pd.DataFrame:
    """Add zero visits for each expected camera and hour, so that every camera and hour has its rows."""
    quiet = data.observation[[*PLACE, "day", "hour_start"]].assign(gender=GENDERS[-1], age_group="unknown", visits=0)
    return pd.concat([data.hourly[quiet.columns], quiet], ignore_index=True)


def _groups(cells: pd.DataFrame, hourly: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    totals = hourly.groupby(["camera", *keys])["visits"].sum().to_dict()
    wholes = [totals.get(key, 0) for key in cells[["camera", *keys]].itertuples(index=False, name=None)]
    if not keys:
        wholes = [totals.get(camera, 0) for camera in cells["camera"]]
    shares = [
        None if pd.isna(part) else share_of(int(part), int(whole))
        for part, whole in zip(cells["visits"], wholes, strict=True)
    ]
    columns = ["row", *PLACE, *keys, "gender", "age_group", "visits"]
    table = cells.assign(row="group")[columns]
    return table.assign(share=pd.Series(shares, table.index, "float64"), suppressed=cells["visits"].isna())


def _totals(kind: str, groups: pd.DataFrame, data: ReportData, keys: list[str]) -> pd.DataFrame:
    """Return one row of totals for each place of this kind (and hour); exact, also when groups are hidden."""
    by = [*_place_of(kind), *keys]
    places = groups[by].drop_duplicates()
    visits = data.hourly.groupby(by)["visits"].sum().reset_index()
    unjudged = groups[unknown_of(groups)].groupby(by).agg(unknown=("visits", "sum"), suppressed=("suppressed", "any"))
    table = places.merge(visits, on=by, how="left").merge(unjudged.reset_index(), on=by, how="left")
    table["visits"] = table["visits"].astype("Int64").fillna(0)
    table["unknown"] = table["unknown"].mask(table["suppressed"].astype(bool))
    whole = table["visits"].map(lambda visits: 1.0 if visits else None).astype("float64")
    return _with_all(table.assign(row=kind, share=whole, suppressed=False, gender=ALL, age_group=ALL))


def _shares_observed(observation: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    parts = []
    for kind in KINDS:
        by = [*_place_of(kind), *keys]
        parts.append(_with_all(completeness(observation, by).assign(row=kind)))
    return pd.concat(parts, ignore_index=True)


def _place_of(kind: str) -> list[str]:
    return {SITE_TOTAL: PLACE[:1], ENTRANCE_TOTAL: PLACE[:2]}.get(kind, PLACE)


def _with_all(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{name: ALL for name in PLACE if name not in table})


def _hours_worth_showing(table: pd.DataFrame, data: ReportData) -> pd.DataFrame:
    """Leave out the hours in which the mall was closed and nobody came."""
    opened = set(data.observation.loc[data.observation["open_s"] > 0, "hour_start"])
    visited = set(data.hourly.loc[data.hourly["visits"] > 0, "hour_start"])
    return table[table["hour_start"].isin(opened | visited)]


def _finish(table: pd.DataFrame, data: ReportData, options: ReportOptions, revision: Revision) -> pd.DataFrame:
    order = {name: number for number, name in enumerate((*GENDERS, ALL))}
    ages = {name: (1, (0, 0)) if name == ALL else (0, age_group_order(name)) for name in table["age_group"].unique()}
    ranks = {name: number for number, name in enumerate(sorted(ages, key=lambda name: ages[name]))}
    sorting = table.assign(
        _kind=table["row"].map(KINDS.index), _gender=table["gender"].map(order), _age=table["age_group"].map(ranks)
    )
    keys: list[str] = ["hour_start"] if options.by_hour else []
    table = sorting.sort_values([*keys, "_kind", "entrance", "camera", "_gender", "_age"], kind="stable")
    table = table.assign(
        day=data.day, revision=revision.number, replaces=revision.replaces, reason=revision.reason
    ).astype({"revision": "Int64", "replaces": "Int64", "visits": "Int64", "unknown": "Int64"})
    names: Sequence[str] = COLUMNS if data.passages is None else (*COLUMNS, *LAST_COLUMNS)
    if options.by_hour:
        labels = {hour.start: hour.start.astimezone(data.zone) for hour in hours_of_day(data.day, data.zone)}
        table["hour"] = [labels[start].isoformat(timespec="minutes") for start in table["hour_start"]]
        names = (*names[:5], "hour", *names[5:])
    return table[list(names)].reset_index(drop=True)
