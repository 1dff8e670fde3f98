"""What the register of the day judged, added up, as tidy DataFrames from the rollups; and its parts.

Columns, as far as asked for with `by` (site, entrance, camera, day, hour_start, direction, gender, age_group), then
    told             arrivals of which the register said how probably they were the first (int64)
    compared         those of them that could be compared
    first_sum        sum of their probabilities in 1/10000, staff left out
    staff_arrivals   arrivals of staff
    staff_visits     visits of staff, whichever way they went
What was never judged has no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from db.models import DailyFirstsRow, HourlyFirstsRow, RegisterPartRow, SiteRow
from db.reading.queries import HOURLY_COLUMNS, PLACE_COLUMNS, table_of, with_places
from db.reading.selection import Selection, selected_cameras
from db.writing.firsts import SUMS
from reid.types import RegisterPart, ReidMode


def firsts(connection: Connection, selection: Selection, by: Sequence[str] = HOURLY_COLUMNS) -> pd.DataFrame:
    """Return the sums, added up over every column that `by` leaves out; one row of them when it names none."""
    cameras = selected_cameras(connection, selection)
    table = HourlyFirstsRow if "hour_start" in by else DailyFirstsRow
    places = [name for name in by if name in PLACE_COLUMNS]
    keys = (["camera_id"] if places else []) + [name for name in by if name not in PLACE_COLUMNS]
    columns: list[Any] = [getattr(table, name) for name in keys]
    query = (
        select(*columns, *(func.sum(getattr(table, name)) for name in SUMS))
        .where(table.camera_id.in_([camera.id for camera in cameras]))
        .where(table.day.between(selection.first_day, selection.last_day))
        .group_by(*columns)
        .having(func.count() > 0)
    )
    frame = table_of(connection.execute(query).all(), [*keys, *SUMS])
    frame = with_places(frame, cameras, places).astype(dict.fromkeys(SUMS, "int64"))
    if not by:
        return frame[list(SUMS)].sum().to_frame().T
    return frame.groupby(list(by), sort=True)[list(SUMS)].sum().reset_index()


def parts(connection: Connection, selection: Selection) -> list[RegisterPart]:
    """Return the parts of the registers of these sites and days, in the order in which they began."""
    row = RegisterPartRow
    query = (
        select(row, SiteRow.name.label("site"))
        .join(SiteRow, SiteRow.id == row.site_id)
        .where(row.day.between(selection.first_day, selection.last_day))
        .order_by(SiteRow.name, row.day, row.began_at, row.uid)
    )
    if selection.sites is not None:
        query = query.where(SiteRow.name.in_(selection.sites))
    return [_part(found) for found in connection.execute(query)]


def _part(found: Any) -> RegisterPart:
    return RegisterPart(
        uid=found.uid,
        site=found.site,
        day=found.day,
        origin=found.origin,
        mode=ReidMode(found.mode),
        began_at=found.began_at,
        seen_until=found.seen_until,
        arrivals=found.arrivals,
        compared=found.compared,
        staff=found.staff,
        unique=found.unique,
        low=found.low,
        high=found.high,
        returns_per_pair=found.returns_per_pair,
        stays=tuple(found.stays),
        held=found.held,
        deleted=found.deleted,
        closed_at=found.closed_at,
        model_version=found.model_version,
        not_shared=found.not_shared,
    )


def without_staff(visits: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Return `visits` (columns and visits, as db.queries gives them) less those of staff.

    judged: the same columns and staff_visits, as `firsts` gives them; where it was read later and knows more visits of
    staff than there were, nobody is left.
    """
    by = [name for name in visits.columns if name != "visits"]
    if not by:
        return (visits - int(judged["staff_visits"].sum())).clip(lower=0)
    both = visits.merge(judged[[*by, "staff_visits"]], on=by, how="left")
    return both[by].assign(visits=(both["visits"] - both["staff_visits"].fillna(0).astype("int64")).clip(lower=0))
