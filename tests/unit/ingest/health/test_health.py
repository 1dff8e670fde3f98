"""What monitors read: the verdict, its status code, and metrics as Prometheus wants them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ingest.health.metrics import metrics_page
from ingest.health.server import HealthServer
from ingest.health.state import CameraHealth, Health, take_health
from ingest.live.assignment import Assignment
from ingest.live.heartbeat import Heartbeat, WorkerState
from ingest.live.supervisor import CameraWorker
from ingest.spooling.forward import ForwardState

BEAT = Heartbeat("door", WorkerState.LIVE, frames_seen=100, frames_processed=90, visits=7, stage_s={"detect": 1.5})
WELL = CameraHealth(BEAT, running=True, pid=1, restarts=0, last_end="", spool=0, refused=0)


def health(camera: CameraHealth = WELL, problem: str = "") -> Health:
    return Health(datetime(2026, 3, 2, tzinfo=UTC), {"door": camera}, problem, sent=5, send_failures=1)


@contextmanager
def served(found: Health) -> Iterator[str]:
    server = HealthServer("127.0.0.1", 0, lambda: found)
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.close()


@pytest.mark.parametrize(
    ("found", "verdict", "code"),
    [
        (health(), "ok", 200),
        (health(problem="the database is away"), "degraded", 200),
        (health(replace(WELL, refused=1)), "degraded", 200),
        (health(replace(WELL, heartbeat=replace(BEAT, state=WorkerState.BLIND))), "degraded", 200),
        (health(replace(WELL, heartbeat=replace(BEAT, picture="covered"))), "degraded", 200),
        (health(replace(WELL, heartbeat=replace(BEAT, slow=True))), "degraded", 200),
        (health(replace(WELL, heartbeat=replace(BEAT, waiting=3))), "degraded", 200),
        (health(replace(WELL, running=False)), "failing", 503),
        (health(replace(WELL, heartbeat=replace(BEAT, lost=1))), "failing", 503),
    ],
)
def test_only_what_somebody_must_act_on_is_failing(found: Health, verdict: str, code: int) -> None:
    with served(found) as url:
        try:
            with urllib.request.urlopen(f"{url}/healthz") as answer:
                status, document = answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                status, document = error.code, json.load(error)
    assert (status, document["status"]) == (code, verdict)


def test_metrics_are_named_and_typed_as_prometheus_wants_them() -> None:
    with served(health()) as url, urllib.request.urlopen(f"{url}/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        families = list(text_string_to_metric_families(answer.read().decode()))
    samples = [(family, sample) for family in families for sample in family.samples]
    assert len(samples) >= 18
    for family, sample in samples:
        assert family.documentation and family.type in ("counter", "gauge")
        assert sample.name.startswith("footfall_")
        assert sample.name.endswith("_total") == (family.type == "counter"), sample.name
    values = {(sample.name, *sample.labels.values()): sample.value for _, sample in samples}
    assert values["footfall_frames_seen_total", "door"] == 100
    assert values["footfall_visits_total", "door"] == 7
    assert values["footfall_stage_seconds_total", "door", "detect"] == 1.5
    assert values["footfall_up", "door"] == values["footfall_picture_ok", "door"] == 1


def test_a_camera_that_is_blind_or_covered_is_down_in_the_metrics() -> None:
    blind = replace(WELL, heartbeat=replace(BEAT, state=WorkerState.BLIND, picture="covered"))
    page = metrics_page(lambda: health(blind, problem="away")).decode()
    for line in (
        'footfall_up{camera="door"} 0.0',
        'footfall_picture_ok{camera="door"} 0.0',
        "footfall_database_up 0.0",
    ):
        assert line in page.splitlines()


def test_a_camera_without_a_worker_is_down_when_it_had_one() -> None:
    task = Assignment("door", "a:b", "{}")
    begins = take_health({"door": CameraWorker(task)}, ForwardState())
    assert (begins.cameras["door"].state, begins.cameras["door"].pid, begins.verdict) == ("starting", None, "ok")
    ended = take_health({"door": CameraWorker(task, last_end="the worker was killed")}, ForwardState())
    assert (ended.cameras["door"].state, ended.verdict) == ("down", "failing")
