"""Workers killed at random moments: nobody is lost or counted twice but those in view at that moment."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from db.models import VisitRow
from footfall.service import Service
from tests.integration.reliability.bench import pid_of, running, settings, stored, wait_until
from tests.integration.reliability.replay import ReplayServer
from tests.integration.reliability.stand_in import BEGINNING, FPS, MOST_IN_WORK, PERSON_EVERY_S, PERSON_IN_VIEW_S

SPEED = 2.0
# So many more people pass after those who are checked, while the worker works off what it holds.
TAIL = 3
EDGE_S = 0.5
# So far the worker may be behind its stream: those frames die with it.
BEHIND_S = EDGE_S + MOST_IN_WORK / FPS
# A worker needs seconds to start, on a busy machine many; the stream runs on meanwhile, and nobody is watching.
RESTART_S = 6.0 * SPEED


@pytest.mark.parametrize(
    ("kills", "people"),
    [pytest.param(3, 8, id="short"), pytest.param(100, 300, id="long", marks=pytest.mark.soak)],
)
def test_killed_workers_lose_and_double_nobody(tmp_path: Path, kills: int, people: int) -> None:
    server = ReplayServer(frames=int((people + TAIL) * PERSON_EVERY_S * FPS), fps=FPS * SPEED)
    config = settings(tmp_path, {"door": server.url})
    with running(config) as service:
        killed_at_s = _kill_at_random(service, server, kills, seed=people)
        wait_until(lambda: server.at_end, "the end of the stream", within_s=people * 4.0 + 120)
        wait_until(lambda: pid_of(service, "door"), "the worker to live")
    server.close()
    entered_s = [(visit.entered_at - BEGINNING).total_seconds() for visit in stored(config, VisitRow)]
    entered_s = [moment_s for moment_s in entered_s if moment_s < people * PERSON_EVERY_S - EDGE_S]
    print(f"\nkilled at {killed_at_s}, entered at {entered_s}")
    assert abs(len(entered_s) - people) <= kills
    for person in range(people):
        came_s = person * PERSON_EVERY_S
        left_s = came_s + PERSON_IN_VIEW_S
        counted = sum(came_s - EDGE_S < moment_s < left_s for moment_s in entered_s)
        if any(came_s - EDGE_S < at_s < left_s + BEHIND_S for at_s in killed_at_s):
            assert counted <= 2, f"person {person} was in view at a kill and counted {counted} times"
        elif any(at_s < came_s < at_s + RESTART_S for at_s in killed_at_s):
            assert counted <= 1, f"person {person} came while a worker started and was counted {counted} times"
        else:
            assert counted == 1, f"person {person} was not in view at a kill and counted {counted} times"
    print(f"\n{kills} kills, {people} people, {len(entered_s)} visits")


def _kill_at_random(service: Service, server: ReplayServer, kills: int, seed: int) -> list[float]:
    """Kill the worker `kills` times and return where the stream was, in its own seconds."""
    chance = random.Random(seed)
    killed_at_s: list[float] = []
    killed: set[int | None] = {None}
    for _ in range(kills):
        wait_until(lambda: pid_of(service, "door") not in killed, "a new worker")
        server.wait_for_frames(2)
        time.sleep(chance.uniform(0, 1.5))
        worker = pid_of(service, "door")
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        killed.add(worker)
        killed_at_s.append(server.position / FPS)
    return killed_at_s
