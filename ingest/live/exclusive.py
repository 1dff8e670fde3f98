"""Locks between processes: one program on a spool folder, one worker on a camera. The kernel frees them at any end."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from footfall.errors import ConfigError

RUN_LOCK = "run.lock"
"""The file in the spool folder that a `footfall run` holds."""


@contextmanager
def held_alone(path: Path, what: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; where the disk takes no file, go on without.

    Raises:
        ConfigError: another process holds it for longer than `wait_s`; `what` says what both want.
    """
    descriptor = None
    # A full or read-only disk must not stop the counting, and there nobody else can take the lock either.
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if descriptor is not None:
            _take(descriptor, what, wait_s)
            with suppress(OSError):  # a full disk again; then nobody can be told who holds it
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()} {_processes()}".encode(), 0)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def holder(path: Path) -> int | None:
    """Return the number of the process that holds the lock file `path`, None when none does that can be told apart.

    One in another container has a number that means another process here.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        number, _, processes = os.pread(descriptor, 200, 0).decode("ascii", "replace").partition(" ")
        return int(number) if number.isdigit() and processes and processes == _processes() else None
    finally:
        os.close(descriptor)
    return None


def _processes() -> str:
    """Return what names the set of processes whose numbers mean the same to each other; empty where unknown."""
    with suppress(OSError):
        return str(Path("/proc/self/ns/pid").readlink())
    return ""


def _take(descriptor: int, what: str, wait_s: float) -> None:
    give_up = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= give_up:
                raise ConfigError(f"another `footfall run` is at work on {what}; end it first") from None
            time.sleep(0.05)
