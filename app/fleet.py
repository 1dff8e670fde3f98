"""`footfall status --site`: all machines and cameras of one site, from the database that they share."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection, Engine

from app.machines import watched_by_two
from app.status import TO_LOOK_AT
from dashboard.numbers.camera_state import CameraState, camera_state
from db.reading.fleet import (
    SiteBox,
    clock_in_words,
    clock_trouble,
    is_apart,
    site_boxes,
    site_troubles,
    span_in_words,
)
from db.reading.machines import camera_troubles, disagreements, watched_twice
from db.reading.operation import cameras, time_zones
from db.reading.queries import daily
from db.reading.selection import Selection
from db.server_clock import compare_clocks
from db.session import reading
from db.store import utc_now
from footfall.config_errors import nearest
from footfall.errors import ConfigError
from footfall.local_time import local_day

UNKNOWN = "not known: its machine is silent"
TO_ACT = (CameraState.NOT_WATCHING, CameraState.NEVER_SEEN, UNKNOWN, *TO_LOOK_AT)
STYLES = {"watching": "green", "too slow": "yellow", "dark": "yellow", "not expected": "", "retired": ""}


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """`document` is what `--json` prints: `site`, `at`, `machines`, `cameras` and `troubles` (sentences)."""

    document: Mapping[str, Any]

    @property
    def is_good(self) -> bool:
        """Whether nobody has to act: every expected camera watches, no machine fell silent, clocks are right.

        As for `footfall status` on one machine, nobody has to for a camera that is dark, as it is every night.
        """
        return not self.document["troubles"] and not any(
            camera["state"] in TO_ACT for camera in self.document["cameras"]
        )


def fleet_status(engine: Engine, site: str) -> FleetStatus:
    """Ask the database about `site` at the present moment, as the database server's clock says it.

    Raises:
        ConfigError: the database has no such site.
        StoreError: it cannot be asked.
    """
    with reading(engine) as connection:
        zone = _zone(connection, site)
        clocks = compare_clocks(connection, utc_now)
        moment = clocks.now
        spoken = site_boxes(connection, site)
        rows = _camera_rows(connection, site, local_day(moment, zone), moment, spoken)
        names = [row["camera"] for row in rows]
        told = [
            *(said for said in disagreements(connection) if said.startswith(f"site {site}:")),
            *(watched_by_two(camera) for camera in watched_twice(connection, moment) if camera in names),
            *camera_troubles(connection, moment, (site,)),
            *site_troubles(connection, site, moment),
        ]
    if is_apart(clocks.ahead_s):
        told.append(clock_trouble("this computer's clock", clocks.ahead_s).partition(",")[0])
    document = {
        "site": site,
        "at": moment.isoformat(),
        "machines": [_machine(box, moment) for box in spoken],
        "cameras": rows,
        "troubles": told,
    }
    return FleetStatus(document)


def fleet_tables(status: FleetStatus) -> list[Table]:
    """Return the tables that a person reads: the machines, then their cameras."""
    document = status.document
    now = datetime.fromisoformat(document["at"])
    machines = Table("machine", "heard of", "clock", "cameras", title=f"machines of site {document['site']}")
    for box in document["machines"]:
        heard = _heard(box["heard_at"], now, silent=box["silent"])
        style = "red" if box["silent"] else "green"
        clock = Text(clock_in_words(box["clock_ahead_s"]), style="red" if is_apart(box["clock_ahead_s"]) else "")
        machines.add_row(Text(box["machine"]), Text(heard, style=style), clock, Text(", ".join(box["cameras"])))
    listed = Table("camera", "machine", "state", "last minute", "visits today", title="cameras")
    for camera in document["cameras"]:
        last = camera["last_minute"]
        listed.add_row(
            Text(camera["camera"]),
            Text(", ".join(camera["machines"]) or "none"),
            Text(camera["state"], style=STYLES.get(camera["state"], "red")),
            "never" if last is None else f"{_since(last, now)} ago",
            str(camera["visits_today"]),
        )
    return [machines, listed]


def _zone(connection: Connection, site: str) -> ZoneInfo:
    known = time_zones(connection)
    if site not in known:
        raise ConfigError(
            f"no site {site!r} in the database{nearest(site, known)}; there are: {', '.join(known) or 'none yet'}"
        )
    return known[site]


def _camera_rows(
    connection: Connection, site: str, today: date, now: datetime, spoken: list[SiteBox]
) -> list[dict[str, Any]]:
    selection = Selection(today, today, sites=(site,))
    counted = daily(connection, selection, ("camera",)).set_index("camera")["visits"].to_dict()
    frame = cameras(connection, selection).to_dict("records")
    named = {row["camera"]: [box for box in spoken if row["camera"] in box.cameras] for row in frame}
    return [
        {
            "camera": row["camera"],
            "label": row["label"],
            "machines": [box.name for box in named[row["camera"]]],
            "state": _state(row, named[row["camera"]], now),
            "last_minute": None if pd.isna(row["last_minute"]) else row["last_minute"].isoformat(),
            "visits_today": int(counted.get(row["camera"], 0)),
        }
        for row in frame
    ]


def _state(row: Mapping[Hashable, Any], named: list[SiteBox], now: datetime) -> str:
    state = camera_state(row, now)
    if state is CameraState.NOT_WATCHING and named and all(box.is_silent(now) for box in named):
        return UNKNOWN
    return str(row["picture"]) if state is CameraState.BLIND else state.value


def _machine(box: SiteBox, now: datetime) -> dict[str, Any]:
    return {
        "machine": box.name,
        "heard_at": None if box.heard_at is None else box.heard_at.isoformat(),
        "silent": box.is_silent(now),
        "clock_ahead_s": box.clock_ahead_s,
        "cameras": list(box.cameras),
    }


def _heard(moment: str | None, now: datetime, *, silent: bool) -> str:
    if moment is None:
        return "never"
    return (
        f"silent since {datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC" if silent else f"{_since(moment, now)} ago"
    )


def _since(moment: str, now: datetime) -> str:
    return span_in_words(max((now - datetime.fromisoformat(moment)).total_seconds(), 0.0))
