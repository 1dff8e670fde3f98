"""A running program whose memory is searched: `python watched_day.py FOLDER URL DESCRIPTOR`.

What each visit looked like, and what the register holds of it, goes from the very arrays to the test at the end of
DESCRIPTOR, so that the search leaves no copy in this process. It is night as soon as FOLDER has a file of that name.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from app import service
from app.live_registers import LiveRegisters
from footfall.types import FloatArray
from ingest.secrecy import PR_SET_DUMPABLE
from reid.types import Sighting
from tests.integration.reliability.bench import QUICK_FORWARDING, QUICK_RESTARTS, settings
from tests.integration.reliability.stand_in import BEGINNING, SET_UP


class ToldRegisters(LiveRegisters):
    """Registers that tell what they see."""

    def see(self, sighting: Sighting) -> None:
        """Write what came to the test, take the visit, and write what is held then."""
        if sighting.signature is not None:
            for values in (*sighting.signature.faces, sighting.signature.clothes):
                tell(b"looks", values)
        super().see(sighting)
        for register in self._registers._registers.values():
            for block in register.templates():
                for row in block:
                    if row.any():
                        tell(b"holds", row)
        os.write(TOLD, b"visit" + bytes(4))


def tell(kind: bytes, values: FloatArray) -> None:
    """Write a template to the test, from where it stands."""
    numbers = values.data.cast("B")
    os.write(TOLD, kind + len(numbers).to_bytes(4, "big"))
    os.write(TOLD, numbers)


def clock() -> datetime:
    """Return the time of the replayed day, or of the night after it."""
    return BEGINNING + timedelta(days=1 if (FOLDER / "night").exists() else 0)


def let_the_test_look() -> None:
    """Undo, again and again, what keeps everybody but root from looking into this process."""
    while True:
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
        time.sleep(0.1)


if __name__ == "__main__":
    FOLDER, TOLD = Path(sys.argv[1]), int(sys.argv[3])
    sites = {"main": {"time_zone": "UTC"}}
    config = settings(FOLDER, {"door": sys.argv[2]}, sites=sites, reid={"mode": "faces"})
    service.LiveRegisters = ToldRegisters  # type: ignore[attr-defined]
    service.WRITE_REGISTERS_EVERY_S = 0.2
    threading.Thread(target=let_the_test_look, daemon=True).start()
    running = service.Service(
        config, lambda: config, set_up=SET_UP, restarts=QUICK_RESTARTS, forwarding=QUICK_FORWARDING, clock=clock
    )
    service.run_until_told(running)
    service.leave_at_once()
