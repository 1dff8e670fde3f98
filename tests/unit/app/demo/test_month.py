"""The simulated month: the same numbers every time, holes and all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from app.demo.month import write_month
from db.events import events
from db.reading import operation, queries
from db.reading.arrivals import arrivals
from db.reading.figures import figures
from db.reading.firsts import firsts
from db.reading.observation import observation
from db.reading.selection import Selection
from db.session import open_database, reading
from db.store import Store
from reid.types import FIRST_SCALE

NOW = datetime(2026, 11, 21, 14, 37, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def test_two_days_of_history_are_marked_incomplete_where_a_camera_was_dark(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'month.db'}"
    told: list[date] = []
    write_month(url, NOW, days=2, on_day=told.append)
    selection = Selection(TODAY - timedelta(days=1), TODAY, sites=("galleria",))
    engine = open_database(url)
    assert Store(engine).verify(told[0], TODAY) == []
    with reading(engine) as connection:
        sites = operation.sites(connection)
        visits = queries.daily(connection, selection, ("day",))
        observed = observation(connection, selection, ("day", "camera"))
        outages = operation.outages(connection, selection)
        marked = events(connection, selection)
        judged = firsts(connection, selection, ())
        came = arrivals(connection, selection, ())
        sold = figures(connection, selection)
    assert told == [TODAY - timedelta(days=1), TODAY]
    assert sites["simulated"].all()
    assert (visits["visits"] > 500).all()
    yesterday = observed[observed["day"] == TODAY - timedelta(days=1)].set_index("camera")
    north = yesterday.loc["north"]
    assert north["observed_open_s"] == north["open_s"] - 2.2 * 3600
    assert outages["reason"].tolist() == ["something covered the lens"]
    assert marked.empty
    assert set(sold["measure"]) == {"transactions", "sales", "staff"}
    assert set(sold["day"]) == {TODAY - timedelta(days=1)}  # the tills of today have not told yet
    assert judged["told"].item() == came["arrivals"].item()
    again = judged["told"] - judged["staff_arrivals"] - judged["first_sum"] / FIRST_SCALE
    assert 0.1 <= (again / judged["told"]).item() <= 0.25


def test_the_same_seed_writes_the_same_visits(tmp_path: Path) -> None:
    frames, judged = [], []
    for name in ("one", "two"):
        url = f"sqlite:///{tmp_path / name}.db"
        write_month(url, NOW, days=1)
        with reading(open_database(url)) as connection:
            frames.append(queries.hourly(connection, Selection(TODAY, TODAY)))
            judged.append(firsts(connection, Selection(TODAY, TODAY)))
    pd.testing.assert_frame_equal(frames[0], frames[1])
    pd.testing.assert_frame_equal(judged[0], judged[1])
