"""A process whose files may not grow: its disk is full. Run by test_store_and_forward with a folder.

The limit counts for the spool and its journal alike and works without any right to mount.
"""

from __future__ import annotations

import resource
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from footfall.logs import configure_logging
from footfall.types import Direction, Gender, Visit
from ingest.spooling.records import Batch
from ingest.spooling.spool import Spool
from ingest.spooling.writer import SpoolWriter

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
VALUES = (Direction.IN, Gender.FEMALE, "25-34", 30.5, 0.91, 4, 0.7, "test")
FULL_AT_BYTES = 256 * 1024


def main() -> None:
    """Write visits until nothing fits, go on, drain, and say what arrived."""
    configure_logging()  # to standard error; standard output is for the result
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    spool = Spool(Path(sys.argv[1]) / "door.spool")
    writer = SpoolWriter(spool)
    spool.depth()
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_AT_BYTES, most))
    for hour in range(40):
        entered_at = MORNING + timedelta(hours=hour)
        writer.write([Visit(uuid4(), "door", entered_at, entered_at, *VALUES) for _ in range(50)])
    was_full = writer.waiting > 0
    arrived: list[Batch] = []
    while not writer.flush() or spool.depth():
        spool.drain(arrived.append, 400)
    uids = [visit.uid for batch in arrived for visit in batch.visits]
    print(
        f"{'refused while full' if was_full else 'never full'}, {len(uids)} visits arrived, {len(set(uids))} different"
    )


if __name__ == "__main__":
    main()
