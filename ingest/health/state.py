"""The state of the running program as one document: for `/healthz`, `/metrics` and `footfall status`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from footfall.secrets import mask_text
from ingest.live.heartbeat import Heartbeat, WorkerState
from ingest.live.supervisor import CameraWorker
from ingest.spooling.forward import ForwardState


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """One camera: what its worker said last, and what the supervisor knows. `spool` counts records on the disk."""

    heartbeat: Heartbeat
    running: bool
    pid: int | None
    restarts: int
    last_end: str
    spool: int
    refused: int

    @property
    def state(self) -> str:
        """One word: 'down' while no worker runs, else what the worker is doing."""
        return str(self.heartbeat.state) if self.running else "down"


@dataclass(frozen=True, slots=True)
class Health:
    """The whole program at `at`; `problem` says why records cannot reach the database, or is empty.

    `templates_held` visits have a template in memory; `visits_compared` were given to the registers since the start,
    `visits_late` came when their day was closed. `sharing` with other boxes is "off", "on", or "alone: " and why.
    """

    at: datetime
    cameras: Mapping[str, CameraHealth]
    problem: str
    sent: int
    send_failures: int
    templates_held: int = 0
    visits_compared: int = 0
    visits_late: int = 0
    sharing: str = "off"

    @property
    def verdict(self) -> str:
        """'failing' when somebody must act, 'degraded' when the program copes, 'ok' otherwise.

        Failing: a camera without a worker, or records given up. Degraded: a camera that cannot be seen or followed, a
        database that is away, records that only memory holds or that the database refused, visits that are compared on
        this machine alone although they should be with those of others.
        """
        cameras = self.cameras.values()
        if any(not camera.running or camera.heartbeat.lost for camera in cameras):
            return "failing"
        coping = any(
            camera.heartbeat.state is WorkerState.BLIND
            or camera.heartbeat.picture != "ok"
            or camera.heartbeat.slow
            or camera.heartbeat.waiting
            or camera.refused
            for camera in cameras
        )
        return "degraded" if coping or self.problem or self.sharing not in ("off", "on") else "ok"

    def document(self) -> dict[str, Any]:
        """Return what `/healthz` answers and `footfall status --json` prints."""
        return {
            "status": self.verdict,
            "at": self.at.isoformat(),
            "database_problem": mask_text(self.problem),
            "records_sent": self.sent,
            "templates_held": self.templates_held,
            "visits_compared": self.visits_compared,
            "visits_late": self.visits_late,
            "sharing": mask_text(self.sharing),
            "cameras": {name: _camera_document(camera) for name, camera in sorted(self.cameras.items())},
        }


def take_health(workers: Mapping[str, CameraWorker], forwarding: ForwardState) -> Health:
    """Return the state of this moment, detached from what goes on changing."""
    waiting, refused = dict(forwarding.waiting), dict(forwarding.refused)
    cameras = {
        name: CameraHealth(
            heartbeat=worker.heartbeat or Heartbeat(name),
            running=worker.process is not None or not worker.last_end,  # or it is about to be started
            pid=worker.process.pid if worker.process else None,
            restarts=worker.restarts,
            last_end=worker.last_end,
            spool=waiting.get(name, 0),
            refused=refused.get(name, 0),
        )
        for name, worker in workers.items()
    }
    return Health(datetime.now(UTC), cameras, forwarding.problem, forwarding.sent, forwarding.failures)


def _camera_document(camera: CameraHealth) -> dict[str, Any]:
    return {
        **asdict(camera.heartbeat),
        "reason": mask_text(camera.heartbeat.reason),
        "state": camera.state,
        "pid": camera.pid,
        "restarts": camera.restarts,
        "last_end": mask_text(camera.last_end),
        "spool": camera.spool,
        "refused": camera.refused,
    }
