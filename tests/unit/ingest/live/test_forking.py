"""When workers are forked, and what that leaves in the process that starts them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ingest.live.forking import Forking, Orphan, adopting, worker_starter
from ingest.live.process import Alone

PR_GET_CHILD_SUBREAPER = 37  # of <linux/prctl.h>
linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
LEAVES_AN_ORPHAN = """
import os, signal
if os.fork():
    os._exit(0)
print(os.getpid(), flush=True)
os.close(1)
signal.pause()
"""


def adopts() -> bool:
    """Return whether this process is the parent of those among its descendants that lose theirs."""
    found = ctypes.c_int(-1)
    assert ctypes.CDLL(None).prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(found), 0, 0, 0) == 0
    return bool(found.value)


@pytest.fixture
def orphan() -> Iterator[int]:
    with adopting():
        done = subprocess.run([sys.executable, "-c", LEAVES_AN_ORPHAN], stdout=subprocess.PIPE, check=True)
    pid = int(done.stdout)
    yield pid
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


@pytest.mark.parametrize(("platform", "kind"), [("linux", Forking), ("darwin", Alone)])
def test_workers_are_forked_on_linux_alone(monkeypatch: pytest.MonkeyPatch, platform: str, kind: type) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert type(worker_starter("app.worker_setup:set_up")) is kind


@linux
def test_others_are_adopted_only_while_a_worker_is_forked() -> None:
    before = adopts()
    with adopting():
        assert adopts()
    assert (before, adopts()) == (False, False)


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_adopted_process_tells_its_end_like_a_child(orphan: int, number: int) -> None:
    process = Orphan(orphan)
    assert process.poll() is None
    process.send_signal(number)
    os.waitid(os.P_PID, orphan, os.WEXITED | os.WNOWAIT)
    assert [process.poll(), process.poll()] == [-number, -number]
    process.send_signal(number)  # nobody gets it


@linux
def test_a_process_that_is_no_child_is_not_taken_for_one() -> None:
    with pytest.raises(ChildProcessError):
        Orphan(1)
