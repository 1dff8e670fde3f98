"""Footfall: how many people came in.

The one definition that pages, reports, interface and views share: whoever crossed a line inwards, and, of a camera that
on that day saw nobody cross a line (it has none), everybody it saw, those going out among them.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection

from db.reading.firsts import firsts, without_staff
from db.reading.queries import hourly
from db.reading.selection import Selection
from footfall.types import Direction

WAYS = ("camera", "day", "direction")
"""What has to be known of visits to tell who came in."""


def arrivals(
    connection: Connection, selection: Selection, by: Sequence[str] = ("day",), *, with_staff: bool = True
) -> pd.DataFrame:
    """Return `by` (columns of db.reading.queries but direction) and `arrivals` (int64), judged or not."""
    columns = list(dict.fromkeys([*by, *WAYS]))
    visits = hourly(connection, selection, columns)
    if not with_staff:
        visits = without_staff(visits, firsts(connection, selection, columns))
    return added_up(visits, by)


def added_up(visits: pd.DataFrame, by: Sequence[str], name: str = "arrivals") -> pd.DataFrame:
    """Return `by` and, as `name` (int64), how many of `visits` (WAYS, `by`, visits) are people who came in."""
    came = who_came_in(visits)
    if not by:
        return pd.DataFrame({name: [int(came["visits"].sum())]})
    return came.groupby(list(by), sort=True)["visits"].sum().reset_index(name=name)


def who_came_in(visits: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `visits` (camera, day, direction and more) that are people who came in."""
    return visits[(visits["direction"] == Direction.IN.value) | ~crosses_a_line(visits)]


def crosses_a_line(visits: pd.DataFrame) -> pd.Series:
    """Return for each row of `visits` (camera, day, direction) whether its camera saw anybody cross a line that day."""
    crossed = visits["direction"] != Direction.NONE.value
    return visits.assign(crossed=crossed).groupby(["camera", "day"])["crossed"].transform("any").astype(bool)
