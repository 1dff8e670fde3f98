"""Workers that are forked share memory, and are otherwise what a program of their own is; so is their end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.worker_setup import SET_UP as SET_UP_OF_THE_PROGRAM
from ingest.live.assignment import Assignment
from ingest.live.forking import Forking, ForkOptions, worker_starter
from ingest.live.heartbeat import Heartbeat
from ingest.live.process import Alone, Starter, WorkerProcess
from tests.integration.reliability import loads_a_thread
from tests.integration.reliability.bench import PATIENCE_S, pid_of, running, settings, wait_until
from tests.integration.reliability.replay import ReplayServer
from tests.integration.reliability.stand_in import FPS, SET_UP

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are not forked")
STAND_IN = SET_UP.partition(":")[0]
USUAL = ForkOptions()


@pytest.fixture
def streams() -> Iterator[list[ReplayServer]]:
    made = [ReplayServer(frames=100_000, fps=FPS) for _ in range(3)]
    yield made
    for stream in made:
        stream.close()


@pytest.fixture
def forking() -> Iterator[Forking]:
    made = ready([STAND_IN])
    yield made
    made.close()


def ready(modules: list[str], options: ForkOptions = USUAL) -> Forking:
    """Return what forks workers, once it does or has given up."""
    made = Forking(modules, options)
    wait_until(made.is_ready, "something to fork from")
    return made


class Workers:
    """Starts workers, each of a camera of its own, and ends them."""

    def __init__(self, folder: Path, streams: Sequence[ReplayServer]) -> None:
        self._folder, self._streams = folder, streams
        self._started: list[WorkerProcess] = []

    def start(self, name: str, starter: Starter) -> WorkerProcess:
        """Start one; raises OSError."""
        config = settings(self._folder, {name: self._streams[len(self._started) % len(self._streams)].url})
        self._started.append(WorkerProcess(Assignment.of(config, name, SET_UP), starter=starter))
        return self._started[-1]

    def live(self, name: str, starter: Starter) -> WorkerProcess:
        """Start one and wait until it sees frames."""
        worker = self.start(name, starter)
        wait_until(
            lambda: any(isinstance(told, Heartbeat) and told.state == "live" for told in worker.messages()), name
        )
        return worker

    def close(self) -> None:
        """End them."""
        for worker in self._started:
            worker.kill()
            worker.close()


@pytest.fixture
def workers(tmp_path: Path, streams: list[ReplayServer]) -> Iterator[Workers]:
    made = Workers(tmp_path, streams)
    yield made
    made.close()


@dataclass(frozen=True)
class Seen:
    """A process as the system shows it, without its memory."""

    parent: str
    group: str
    command: bytes
    environment: list[bytes]
    signals: list[str]
    files: list[str]
    threads: int


def seen(pid: int) -> Seen:
    process = Path(f"/proc/{pid}")
    stat = (process / "stat").read_text().rpartition(")")[2].split()
    environment = (process / "environ").read_bytes().split(b"\0")
    return Seen(
        parent=stat[1],
        group=stat[2],
        command=(process / "cmdline").read_bytes().rstrip(b"\0"),
        environment=[item for item in environment if not item.startswith(b"PYTEST_CURRENT_TEST")],
        signals=re.findall(r"Sig(?:Blk|Ign|Cgt):\s\w+", (process / "status").read_text()),
        files=sorted(re.sub(r"\[\d+\]", "", str(file.readlink())) for file in (process / "fd").iterdir()),
        threads=len(list((process / "task").iterdir())),
    )


def private_mib(pid: int) -> float:
    """Return how much memory a process holds that no other one does."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kib) for kib in re.findall(r"^Private_\w+: +(\d+) kB", text, re.MULTILINE)) / 1024


def has_ended(pid: int) -> bool:
    """Return whether a process is gone, or a zombie that nobody asks for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def server_of(pid: int) -> int | None:
    """Return the process that the workers of program `pid` are forked from."""
    for child in children_of(pid):
        if not has_ended(child) and b"ingest.live.fork_server" in Path(f"/proc/{child}/cmdline").read_bytes():
            return child
    return None


def children_of(pid: int) -> list[int]:
    """Return the children of all threads of a process, zombies too."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def test_the_modules_of_a_worker_start_no_thread_and_open_no_file() -> None:
    forking = ready([SET_UP_OF_THE_PROGRAM.partition(":")[0]])
    try:
        assert forking.server_pid is not None, "a library starts threads when it is loaded: nothing can be forked"
        server = seen(forking.server_pid)
        assert server.threads == 1
        assert [file for file in server.files if not file.startswith(("socket:", "/dev/null"))] in (
            [],
            [str(Path("/proc/self/fd/2").readlink())],
        )
        assert sum(file.startswith("socket:") for file in server.files) <= 2  # one may be our own standard error
    finally:
        forking.close()


def test_a_forked_worker_is_what_a_program_of_its_own_is_and_holds_less_memory(
    forking: Forking, workers: Workers
) -> None:
    workers.live("south", forking)  # what is open of another one must not be open in the next
    forked, alone = workers.live("north-1", forking), workers.live("north-2", Alone())
    one, other = seen(forked.pid), seen(alone.pid)
    assert one.command == other.command.replace(b"north-2", b"north-1")
    assert [name.replace("north-2", "north-1") for name in other.files] == one.files
    assert (one.parent, one.group, one.signals, one.threads) == (
        str(os.getpid()),
        other.group,
        other.signals,
        other.threads,
    )
    assert one.environment == other.environment
    assert private_mib(forked.pid) < private_mib(alone.pid) / 2


def test_ends_of_forked_workers_are_told_as_those_of_others(forking: Forking, workers: Workers) -> None:
    told = workers.live("told", forking)
    told.signal(signal.SIGTERM)
    killed, at_once, left = (workers.start(name, forking) for name in ("killed", "at-once", "left"))
    killed.signal(signal.SIGKILL)
    at_once.signal(signal.SIGTERM)  # before it has done anything
    left.close()  # what the kernel does for a supervisor that is gone
    for worker in (told, killed, at_once, left):
        assert worker.wait(PATIENCE_S)
    assert [worker.exit_code() for worker in (told, killed, at_once, left)] == [0, -signal.SIGKILL, 0, 0]


def test_what_a_terminal_sends_to_all_processes_leaves_the_server_alone(forking: Forking, workers: Workers) -> None:
    server = forking.server_pid
    assert server is not None
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        os.kill(server, number)
    workers.live("north", forking)
    assert forking.server_pid == server


def test_a_server_that_does_not_answer_is_done_without(workers: Workers) -> None:
    forking = ready([STAND_IN], ForkOptions(answer_within_s=0.2))
    server = forking.server_pid
    assert server is not None
    os.kill(server, signal.SIGSTOP)
    with pytest.raises(OSError, match="timed out"):
        workers.start("north", forking)
    assert has_ended(server)
    assert forking.is_ready()
    workers.live("north", forking)
    assert forking.server_pid is None


@pytest.mark.parametrize("module", [loads_a_thread.__name__, "tests.no_such_module"])
def test_nothing_is_forked_where_that_is_not_safe(module: str, workers: Workers) -> None:
    forking = ready([module])
    assert forking.server_pid is None
    workers.live("north", forking)


def test_the_server_may_die_and_is_there_again_for_the_next_worker(tmp_path: Path, streams: list[ReplayServer]) -> None:
    config = settings(tmp_path, {"north": streams[0].url, "south": streams[1].url})
    with running(config) as service:
        wait_until(lambda: pid_of(service, "north") and pid_of(service, "south"), "both workers")
        north, south, first = pid_of(service, "north"), pid_of(service, "south"), server_of(os.getpid())
        assert north is not None
        assert first is not None
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: has_ended(first), "its end")
        seen_before = service.health().cameras["south"].heartbeat.frames_processed
        wait_until(lambda: service.health().cameras["south"].heartbeat.frames_processed > seen_before, "more frames")
        os.kill(north, signal.SIGKILL)
        wait_until(lambda: pid_of(service, "north") not in (None, north), "another worker for north")
        health = service.health()
        assert "SIGKILL" in health.cameras["north"].last_end
        assert (health.cameras["north"].restarts, health.cameras["south"].restarts) == (1, 0)
        assert pid_of(service, "south") == south
        assert server_of(os.getpid()) not in (None, first)
        last = server_of(os.getpid())
    assert last is not None
    assert has_ended(last)


def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path, streams: list[ReplayServer]) -> None:
    script = (
        "import sys, pathlib; from app.service import Service, run_until_told;"
        "from tests.integration.reliability.bench import settings;"
        "from tests.integration.reliability.stand_in import SET_UP;"
        "config = settings(pathlib.Path(sys.argv[1]), {'door': sys.argv[2]});"
        "run_until_told(Service(config, lambda: config, set_up=SET_UP))"
    )
    path = os.pathsep.join(item for item in sys.path if item)
    command = [sys.executable, "-c", script, str(tmp_path), streams[0].url]
    program = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path})
    try:
        streams[0].wait_for_frames(int(FPS))
        children = children_of(program.pid)
        assert len(children) == 2  # the worker, and what it is forked from
    finally:
        program.kill()
        program.wait()
    for pid in children:
        wait_until(lambda pid=pid: has_ended(pid), "the end")  # type: ignore[misc]


def test_a_worker_that_cannot_work_says_why(tmp_path: Path, streams: list[ReplayServer]) -> None:
    config = settings(tmp_path, {"door": streams[0].url})
    starter = worker_starter(SET_UP)
    wait_until(starter.is_ready, "something to fork from")
    worker = WorkerProcess(Assignment.of(config, "door", "tests:nothing"), starter=starter)
    starter.close()
    assert worker.wait(PATIENCE_S)
    assert worker.exit_code() == 2
    assert ["no such worker set-up" in told.reason for told in worker.messages() if isinstance(told, Heartbeat)][-1]
    worker.close()
