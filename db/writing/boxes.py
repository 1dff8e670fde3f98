"""What the settings of each machine (box) said last, so that a start which says nothing new changes nothing.

Several machines may share one database. The newest change of a settings file wins; a machine that starts again with
an older file does not undo what another one said since. Where two of them disagree, `db.reading.machines` says so.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from db.models import BoxRow
from db.server_clock import Clocks, compare_clocks
from db.writing.registry import storable
from db.writing.upsert import insert_into
from footfall.config import Config
from footfall.config_sections import CameraConfig, SiteConfig
from footfall.errors import StoreError

NAME_LENGTH = 255
Said = dict[str, dict[str, dict[str, Any]]]
"""`sites` and `cameras`, by name, with what was written about each; a setting that is left out is not in it."""


def box_name(config: Config) -> str:
    """Return the name of this machine: `service.box`, else the computer's."""
    return storable(config.service.box or socket.gethostname() or "unnamed", NAME_LENGTH)


def said_by(config: Config) -> Said:
    """Return what `config` says of sites and cameras; without `[sites]` it says nothing of sites."""
    sites = config.sites if "sites" in config.model_fields_set else {}
    return {
        "sites": {name: _of_site(site) for name, site in sites.items()},
        "cameras": {name: _of_camera(config, name, camera) for name, camera in config.cameras.items()},
    }


def last_said(connection: Connection, box: str) -> Said:
    """Return what the settings of `box` said last, nothing when it never said anything."""
    found = connection.execute(select(BoxRow.said).where(BoxRow.name == box)).scalar_one_or_none()
    return {"sites": {}, "cameras": {}, **(found or {})}


def record(connection: Connection, box: str, said: Said, now: datetime, *, whole: bool) -> None:
    """Keep what the settings of `box` say now; what is not `whole` only adds cameras to what was said before."""
    if not whole:
        before = last_said(connection, box)
        enabled = {name: camera for name, camera in said["cameras"].items() if camera["enabled"]}
        said = {
            "sites": {**before["sites"], **said["sites"]},
            "cameras": {**before["cameras"], **enabled},
        }
    if not said["sites"] and not said["cameras"]:
        return
    insert = insert_into(connection, BoxRow)
    replaced = {"said": insert.excluded.said, "said_at": insert.excluded.said_at}
    row = {"name": box, "said": said, "said_at": now, "heard_at": None}
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=replaced), row)


def note_heard(connection: Connection, box: str, clock: Callable[[], datetime]) -> Clocks:
    """Note that the program on `box` runs and reaches the database; return what its clock and the server's say."""
    clocks = compare_clocks(connection, clock)
    values = {"heard_at": clocks.now, "clock_ahead_s": clocks.ahead_s}
    connection.execute(update(BoxRow).where(BoxRow.name == box).values(values))
    return clocks


def forget(connection: Connection, box: str) -> None:
    """Forget a machine that is gone, and with it what its settings said.

    Raises:
        StoreError: there is none of this name.
    """
    if connection.execute(delete(BoxRow).where(BoxRow.name == box)).rowcount == 0:
        raise StoreError(f"no machine {box!r} in the database; `footfall boxes list` names them")


def news(said: Mapping[str, Any], before: Mapping[str, Any]) -> set[str]:
    """Return the settings of one site or camera that are not what they were when this machine last said them."""
    return {name for name, value in said.items() if before.get(name) != value}


def _of_site(site: SiteConfig) -> dict[str, Any]:
    values = {
        "label": storable(site.label),
        "time_zone": site.time_zone,
        "opening_hours": list(site.hours_by_weekday()),
    }
    return {name: value for name, value in values.items() if name in site.model_fields_set}


def _of_camera(config: Config, name: str, camera: CameraConfig) -> dict[str, Any]:
    values: dict[str, Any] = {"label": storable(camera.label), "entrance": storable(camera.entrance)}
    labels = {key: value for key, value in values.items() if key in camera.model_fields_set}
    return {"enabled": camera.enabled, "site": config.site_of(name), **labels}
