"""A worker that is killed amid its first attempt at a recording; workers import it by its name."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from app.cluster.errand import Errand, Outcome
from app.cluster.work import count_order
from app.orders import Order

KILLED_AT_FRAME = 60


def killed_once(errand: Errand, number: int, order: Order) -> Outcome:
    """Count a recording; the worker that begins it first is killed while it decodes."""
    begun = Path(f"{order.file}.begun")

    def kill(done: int, expected: int | None, frames_per_s: float) -> None:
        if done >= KILLED_AT_FRAME and not begun.exists():
            begun.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    return count_order(errand, number, order, kill)


def always_killed(errand: Errand, number: int, order: Order) -> Outcome:
    """Die with the first recording, whoever begins it; count the others."""
    if number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return count_order(errand, number, order)
