"""One worker's trouble is its own; settings change under way; the end is quick and clean."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.status import collect_status, status_table
from db.models import CameraRow, OutageRow, VisitRow
from footfall.config import Config
from ingest.health.server import HealthServer
from ingest.live.assignment import Assignment
from ingest.live.heartbeat import Heartbeat
from ingest.live.process import WorkerProcess
from ingest.live.supervisor import RestartOptions, restart_pause_s
from tests.integration.reliability.bench import PATIENCE_S, pid_of, running, settings, state_of, stored, wait_until
from tests.integration.reliability.replay import ReplayServer
from tests.integration.reliability.stand_in import FPS, SET_UP
from tests.unit.inference.small_networks import tampered_network


@pytest.fixture
def streams() -> Iterator[list[ReplayServer]]:
    made = [ReplayServer(frames=100_000, fps=FPS) for _ in range(2)]
    yield made
    for stream in made:
        stream.close()


def test_a_hanging_worker_is_replaced_and_the_other_one_never_notices(
    tmp_path: Path, streams: list[ReplayServer]
) -> None:
    config = settings(tmp_path, {"north": streams[0].url, "south": streams[1].url})
    with running(config) as service:
        wait_until(lambda: pid_of(service, "north") and pid_of(service, "south"), "both workers")
        north, south = pid_of(service, "north"), pid_of(service, "south")
        assert north is not None
        os.kill(north, signal.SIGSTOP)
        wait_until(lambda: pid_of(service, "north") not in (None, north), "another worker for north")
        assert pid_of(service, "south") == south
        health = service.health()
        assert (health.cameras["north"].restarts, health.cameras["south"].restarts) == (1, 0)
        assert health.cameras["north"].last_end == "the worker hung and was ended"
        wait_until(lambda: health.verdict in ("ok", "degraded"), "the program to be well")
    reasons = {outage.reason for outage in stored(config, OutageRow) if outage.ended_at}
    assert "restarted" in reasons


def test_a_camera_that_broke_off_is_not_blamed_for_the_time_without_a_program(
    tmp_path: Path, streams: list[ReplayServer]
) -> None:
    before = settings(tmp_path, {"north": streams[0].url})
    with running(before) as service:
        wait_until(lambda: state_of(service, "north") == "live", "frames")
        streams[0].close()
        wait_until(lambda: state_of(service, "north") == "blind", "the end of the stream to be noticed")
    after = settings(tmp_path, {"north": streams[1].url})
    with running(after) as service:
        wait_until(lambda: state_of(service, "north") == "live", "frames of the camera that is back")
        wait_until(lambda: all(outage.ended_at for outage in stored(after, OutageRow)), "the ends of the outages")
    told = sorted(stored(after, OutageRow), key=lambda outage: outage.started_at)
    assert (told[0].reason, told[-1].reason) == ("stream ended", "not running")
    assert {outage.reason for outage in told[1:-1]} <= {"no connection"}
    assert [outage.ended_at for outage in told[:-1]] == [outage.started_at for outage in told[1:]]


def test_changed_settings_touch_only_the_cameras_that_changed(tmp_path: Path, streams: list[ReplayServer]) -> None:
    before = settings(tmp_path, {"north": streams[0].url, "south": streams[1].url})
    south = {"source": streams[1].url, "max_fps": 5, "label": "The south gate"}
    after = settings(
        tmp_path,
        {},
        cameras={"north": {"source": streams[0].url, "max_fps": 25}, "south": south},
        retention={"visits_days": 30},
    )
    without = settings(tmp_path, {"north": streams[0].url})
    answers = [after, without]
    with running(before, lambda: answers.pop(0)) as service:
        wait_until(lambda: pid_of(service, "north") and pid_of(service, "south"), "both workers")
        north, first_south = pid_of(service, "north"), pid_of(service, "south")
        service.reload()
        wait_until(lambda: pid_of(service, "south") not in (None, first_south), "another worker for south")
        wait_until(lambda: "The south gate" in _labels(after), "the database to know the new label")
        service.reload()
        wait_until(lambda: "south" not in service.health().cameras, "south to be gone")
        assert pid_of(service, "north") == north


def test_a_network_that_is_computed_otherwise_is_not_taken_over(tmp_path: Path, streams: list[ReplayServer]) -> None:
    before = settings(tmp_path, {"north": streams[0].url})
    wrong = settings(tmp_path, {"north": streams[0].url}, attributes={"model": str(tampered_network(tmp_path))})
    after = settings(tmp_path, {"north": streams[0].url, "south": streams[1].url})
    answers = [wrong, after]
    with running(before, lambda: answers.pop(0)) as service:
        wait_until(lambda: pid_of(service, "north"), "the worker")
        north = pid_of(service, "north")
        service.reload()
        wait_until(lambda: len(answers) == 1, "the wrong network to be looked at")
        service.reload()
        wait_until(lambda: pid_of(service, "south"), "the settings after it")
        assert pid_of(service, "north") == north, "judged by another network in between"


def _labels(config: Config) -> set[str]:
    return {row.label for row in stored(config, CameraRow)}


def test_sigterm_ends_the_program_with_open_visits_written(tmp_path: Path, streams: list[ReplayServer]) -> None:
    """The whole program as its own process, as systemd runs it; somebody is in view when it is told to end."""
    config = settings(tmp_path, {"door": streams[0].url})
    script = (
        "import sys, pathlib; from app.service import Service, leave_at_once, run_until_told;"
        "from tests.integration.reliability.bench import settings;"
        "from tests.integration.reliability.stand_in import SET_UP;"
        "config = settings(pathlib.Path(sys.argv[1]), {'door': sys.argv[2]});"
        "run_until_told(Service(config, lambda: config, set_up=SET_UP)); leave_at_once()"
    )
    path = os.pathsep.join(item for item in sys.path if item)
    program = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), streams[0].url], env={**os.environ, "PYTHONPATH": path}
    )
    try:
        streams[0].wait_for_frames(int(FPS * 1.5))  # the first person is in view, and stays for another second
        time.sleep(0.3)
        program.terminate()
        began = time.monotonic()
        assert program.wait(timeout=PATIENCE_S) == 0
        print(f"\nended {time.monotonic() - began:.1f} s after SIGTERM")
    finally:
        program.kill()
    with running(config):  # what the last second did not carry to the database, the next run does
        wait_until(lambda: stored(config, VisitRow), "the open visit")


def test_a_worker_whose_supervisor_is_killed_ends_by_itself(tmp_path: Path, streams: list[ReplayServer]) -> None:
    config = settings(tmp_path, {"door": streams[0].url})
    worker = WorkerProcess(Assignment.of(config, "door", SET_UP))
    wait_until(lambda: _lives(worker), "the worker")
    worker.close()  # what the kernel does for a process that is gone
    assert worker.wait(PATIENCE_S)
    assert worker.exit_code() == 0


def _lives(worker: WorkerProcess) -> bool:
    return any(isinstance(told, Heartbeat) and told.state == "live" for told in worker.messages())


def test_health_and_metrics_are_served_and_status_shows_them(tmp_path: Path, streams: list[ReplayServer]) -> None:
    config = settings(tmp_path, {"door": streams[0].url})
    with running(config) as service:
        server = HealthServer("127.0.0.1", 0, service.health)
        wait_until(lambda: service.health().cameras and service.health().cameras["door"].heartbeat.visits, "a visit")
        base = f"http://127.0.0.1:{server.port}"
        with urllib.request.urlopen(f"{base}/metrics") as answer:
            page = answer.read().decode()
        for name in ("frames_seen_total", "faces_total", "visits_total", "lag_seconds", "frames_dropped_total"):
            assert f'footfall_{name}{{camera="door"}}' in page
        for name in ("reconnects_total", "spool_records", 'stage_seconds_total{camera="door",stage="detect"}'):
            assert f"footfall_{name}" in page
        spools = str(config.service.spool_directory)
        served = {"http_port": server.port, "spool_directory": spools}
        asked = settings(tmp_path, {"door": streams[0].url}, service=served)
        status = collect_status(asked)
        assert (status.document["status"], status.document["cameras"]["door"]["state"]) == ("ok", "live")
        assert json.dumps(status.document)
        assert status_table(status).row_count == 1
        server.close()
    left = collect_status(asked)
    assert left.document["status"] == "not running"
    assert left.document["cameras"]["door"]["last_frame_at"] is not None


def test_pauses_between_restarts_grow_to_a_limit_and_are_spread() -> None:
    options = RestartOptions(first_pause_s=1.0, longest_pause_s=60.0, jitter=0.25)
    middle = [restart_pause_s(failures, options, 0.5) for failures in (1, 2, 3, 7, 1000)]
    assert middle == [1.0, 2.0, 4.0, 60.0, 60.0]
    assert restart_pause_s(2, options, 0.0) == 1.5
    assert restart_pause_s(2, options, 1.0) == 2.5
