"""Who holds a lock: the process that can be told to read its settings again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from dashboard.serving.setup_routes import tell_run
from footfall.config import Config
from footfall.config_services import ServiceConfig
from ingest.live.exclusive import RUN_LOCK, holder

HOLD = """
import signal, sys
from pathlib import Path
from ingest.live.exclusive import held_alone
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
with held_alone(Path(sys.argv[1]), "the test"):
    print("held", flush=True)
    signal.sigwait([signal.SIGHUP])
    print("told", flush=True)
    sys.stdin.readline()
"""


def test_the_program_that_runs_is_found_and_told(tmp_path: Path) -> None:
    config = Config(service=ServiceConfig(spool_directory=tmp_path))
    lock = tmp_path / RUN_LOCK
    assert holder(lock) is None and not tell_run(config)
    program = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None and program.stdout.readline() == "held\n"
        assert holder(lock) == program.pid
        assert tell_run(config)
        assert program.stdout.readline() == "told\n"
        number, _, _ = lock.read_text().partition(" ")
        lock.write_text(f"{number} pid:[1]")  # of another container, where that number is another process
        assert holder(lock) is None and not tell_run(config)
    finally:
        program.kill()
        program.communicate()
    lock.write_text(f"{os.getppid()} {Path('/proc/self/ns/pid').readlink()}")  # left by one that is gone
    assert holder(lock) is None and not tell_run(config)
