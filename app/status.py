"""`footfall status`: what the running program says of itself, or what it left behind when it does not run."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from analytics.slowness import too_slow
from app.camera_kinds import is_live
from app.machines import troubles_if_reachable
from footfall.config import Config
from ingest.live import checkpoint
from ingest.live.checkpoint import read_checkpoint
from ingest.spooling.spool import SUFFIX, Spool, SpoolError

ASK_TIMEOUT_S = 3.0
COUNTED_REMARKS = (
    ("refused", "record", " refused by the database"),
    ("lost", "record", " lost: disk and memory full"),
    ("frames_dropped", "frame", " dropped"),
    ("reconnects", "reconnect", ""),
    ("restarts", "restart", ""),
)
TO_LOOK_AT = ("covered", "blurred", "moved")
STYLES = {"ok": "green", "live": "green", "degraded": "yellow", "blind": "yellow", "starting": "yellow"}


@dataclass(frozen=True, slots=True)
class Status:
    """`document` is what `--json` prints: `status`, `database_problem`, `cameras` by name and `troubles`.

    `troubles` are sentences about all machines that share the database, empty where it cannot be asked.
    """

    document: Mapping[str, Any]

    @property
    def is_good(self) -> bool:
        """Whether the program runs and nobody has to act.

        Somebody has to for a camera that is blind, covered, blurred or moved, and for refused records; not for one that
        is dark, as it is every night, nor while the database is away, for then the program copes.
        """
        cameras = self.document["cameras"].values()
        return self.document["status"] in ("ok", "degraded") and not any(
            camera["state"] == "blind" or camera["picture"] in TO_LOOK_AT or camera["refused"] for camera in cameras
        )


def collect_status(config: Config) -> Status:
    """Ask the program that runs with `config`; when none answers, read the spools and what the workers left."""
    return Status({**_own_status(config), "troubles": troubles_if_reachable(config)})


def _own_status(config: Config) -> dict[str, Any]:
    """Return what this machine's program says, or what it left behind."""
    host = "127.0.0.1" if config.service.http_host in ("0.0.0.0", "::", "") else config.service.http_host
    shown = f"[{host}]" if ":" in host else host
    try:
        with _open(f"http://{shown}:{config.service.http_port}/healthz") as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:  # 503 carries the same document
        with error:
            return dict(json.load(error)) if error.code == 503 else _left_behind(config)
    except (OSError, ValueError):
        return _left_behind(config)


def status_table(status: Status) -> Table:
    """Return the table that a person reads, narrow enough for 80 columns; `remarks` are the lines below it."""
    document = status.document
    table = Table(title=f"footfall is {document['status']}")
    table.add_column("camera", overflow="fold")
    table.add_column("state")
    for heading in ("last frame", "visits", "lag", "waiting"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, camera in document["cameras"].items():
        state = str(camera["state"])
        table.add_row(
            Text(name),
            Text(state, style=STYLES.get(state, "red")),
            _ago(camera["last_frame_at"]),
            str(camera["visits"]),
            f"{camera['lag_s']:.1f} s",
            str(camera["spool"] + camera["waiting"]),
        )
    return table


def remarks(status: Status) -> list[str]:
    """Return a sentence for each camera of which there is something to say, then those about everything."""
    document = status.document
    of_cameras = [(name, _remarks(camera)) for name, camera in document["cameras"].items()]
    return [*(f"{name}: {said}" for name, said in of_cameras if said), *_of_all(document)]


def _open(url: str) -> Any:
    """Ask without any proxy of the environment: the program is on this computer or in this network."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=ASK_TIMEOUT_S)


def _left_behind(config: Config) -> dict[str, Any]:
    """Return the document of a program that is not running."""
    return {
        "status": "not running",
        "at": datetime.now(UTC).isoformat(),
        "database_problem": "",
        "cameras": {
            name: _left_of_camera(config, name)
            for name, camera in sorted(config.cameras.items())
            if camera.enabled and is_live(camera)
        },
    }


def _left_of_camera(config: Config, name: str) -> dict[str, Any]:
    folder = config.service.spool_directory
    left = read_checkpoint(folder / f"{name}{checkpoint.SUFFIX}")
    path = folder / f"{name}{SUFFIX}"
    waiting = refused = 0
    problem = left.detail or (left.outage.reason if left.outage else "")
    if path.exists():
        try:
            spool = Spool(path)
            waiting, refused = spool.depth(), spool.rejected()
        except SpoolError as error:
            problem = str(error)
    numbers = dict.fromkeys(("visits", "frames_dropped", "reconnects", "restarts", "waiting", "lag_s"), 0)
    return {
        **numbers,
        "state": "not running",
        "reason": problem,
        "picture": "ok",
        "last_frame_at": left.last_frame_at.isoformat() if left.last_frame_at else None,
        "spool": waiting,
        "refused": refused,
        "last_end": "",
        "lost": 0,
    }


def _remarks(camera: Mapping[str, Any]) -> str:
    """Return in words what a person should know: what is wrong first, then what happened since the start."""
    said = [camera["reason"]]
    if camera["state"] in ("down", "starting"):
        said.append(camera["last_end"])
    if camera.get("slow"):
        said.append("too slow, people are missed")
    if camera["picture"] != "ok":
        said.append(f"picture {camera['picture']}")
    for key, noun, words in COUNTED_REMARKS:
        if camera[key]:
            said.append(f"{camera[key]} {noun}{'' if camera[key] == 1 else 's'}{words}")
    return "; ".join(item for item in said if item)


def _of_all(document: Mapping[str, Any]) -> list[str]:
    if document["status"] == "not running":
        return ["No program answers. Start it with `footfall run`, or look at its log.", *document["troubles"]]
    said = []
    slow = [name for name, camera in document["cameras"].items() if camera.get("slow")]
    said += [too_slow(slow)] if slow else []
    if document["database_problem"]:
        said.append(f"Records wait for the database: {document['database_problem']}")
    if (sharing := document.get("sharing", "off")) not in ("off", "on"):
        said.append(f"Visits are compared on this machine alone: {sharing.removeprefix('alone: ')}")
    return [*said, *document["troubles"]]


def _ago(moment: str | None) -> str:
    if moment is None:
        return "never"
    seconds = max((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds(), 0.0)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
