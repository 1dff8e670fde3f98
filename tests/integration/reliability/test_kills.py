"""Workers killed at random moments: nobody is lost or counted twice but those in view at that moment."""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.service import Service
from db.models import OutageRow, VisitRow
from footfall.config import Config
from tests.integration.reliability.bench import pid_of, running, settings, stored, wait_until
from tests.integration.reliability.replay import ReplayServer
from tests.integration.reliability.stand_in import BEGINNING, FPS, PERSON_EVERY_S, PERSON_IN_VIEW_S, SPEED

# So many more people pass after those who are checked, while the worker works off what it holds.
TAIL = 3
EDGE_S = 0.5
# Whoever is in view in the last frames before a kill, or in the first ones after it, may be somebody else.
AROUND_S = 0.3


@dataclass(frozen=True)
class Span:
    """A time of the stream, in its own seconds."""

    begin_s: float
    end_s: float

    def touches(self, other: Span, around_s: float = 0.0) -> bool:
        """Tell whether both share some time, `other` made longer by `around_s` at both ends."""
        return self.begin_s < other.end_s + around_s and other.begin_s - around_s < self.end_s


@pytest.mark.parametrize(
    ("kills", "people"),
    [pytest.param(3, 8, id="short"), pytest.param(100, 150, id="long", marks=pytest.mark.soak)],
)
def test_killed_workers_lose_and_double_nobody(tmp_path: Path, kills: int, people: int) -> None:
    """Everybody is counted once; those in view at a kill, by the workers' own record, within one a kill."""
    server = ReplayServer(frames=int((people + TAIL) * PERSON_EVERY_S * FPS), fps=FPS * SPEED)
    config = settings(tmp_path, {"door": server.url})
    footage_s = people * PERSON_EVERY_S
    with running(config) as service:
        killed_at_s = _kill_at_random(service, server, kills, footage_s, seed=people)
        wait_until(lambda: server.at_end, "the end of the stream", within_s=people * 4.0 + 120)
        wait_until(lambda: pid_of(service, "door"), "the worker to live")
    server.close()
    entered_s = sorted((visit.entered_at - BEGINNING).total_seconds() for visit in stored(config, VisitRow))
    counted = {person: 0 for person in range(people)}
    for moment_s in entered_s:
        person = int((moment_s + EDGE_S) // PERSON_EVERY_S)
        assert moment_s < person * PERSON_EVERY_S + PERSON_IN_VIEW_S, f"nobody came at {moment_s}"
        if person < people:
            counted[person] += 1
    stays = {person: Span(person * PERSON_EVERY_S, person * PERSON_EVERY_S + PERSON_IN_VIEW_S) for person in counted}
    outages = _recorded_outages(config)
    disturbed = {person for person in counted if any(stays[person].touches(outage, AROUND_S) for outage in outages)}
    off = {person: number for person, number in counted.items() if number != 1}
    longest_s = max(outage.end_s - outage.begin_s for outage in outages)
    print(f"\n{kills} kills at {killed_at_s}, nobody watched for {longest_s:.1f} s at most")
    print(f"{people} people, {len(disturbed)} in view at a kill, {sum(counted.values())} visits, not once: {off}")
    assert set(off) <= disturbed, "somebody was watched all the time and not counted once"
    for outage in outages:
        met = [person for person in disturbed if stays[person].touches(outage, AROUND_S)]
        others = [item for item in outages if any(stays[person].touches(item, AROUND_S) for person in met)]
        assert abs(sum(counted[person] for person in met) - len(met)) <= len(others), f"{met} were in view at {outage}"
    assert abs(sum(counted.values()) - people) <= kills


def _recorded_outages(config: Config) -> list[Span]:
    """Return when nobody watched, as the workers themselves say, without the wait at the end of the stream."""
    return [
        Span((outage.started_at - BEGINNING).total_seconds(), (outage.ended_at - BEGINNING).total_seconds())
        for outage in stored(config, OutageRow)
        if outage.ended_at is not None
    ]


def _kill_at_random(service: Service, server: ReplayServer, kills: int, footage_s: float, seed: int) -> list[float]:
    """Kill the worker `kills` times and return where the stream was, in its own seconds."""
    chance = random.Random(seed)
    killed_at_s: list[float] = []
    killed: set[int | None] = {None}
    pause_s = footage_s / SPEED / kills
    for _ in range(kills):
        wait_until(lambda: pid_of(service, "door") not in killed, "a new worker")
        server.wait_for_frames(2)
        time.sleep(chance.uniform(0, 1.5 * pause_s))
        worker = pid_of(service, "door")
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        killed.add(worker)
        killed_at_s.append(server.position / FPS)
    return killed_at_s
