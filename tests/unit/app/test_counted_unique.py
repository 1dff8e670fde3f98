"""What `footfall process` says of unique visitors to scripts: a number where it is told, and none where it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from app.counted_rows import as_dict
from app.recordings import CountedRecording
from ingest.pipeline import StageTimes
from reid.types import STAY_BUCKETS, RegisterPart, ReidMode

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_number_that_is_not_told_is_none() -> None:
    end = NOON + timedelta(hours=1)
    film = CountedRecording(Path("a.mp4"), "0" * 64, NOON, end, (), 0, (), 0, 1, 0, False, 1.0, False, StageTimes())
    facts = (uuid4(), "mall", date(2026, 3, 2), "recordings", ReidMode.FACES, NOON, end)
    told = RegisterPart(*facts, 10, 10, 1, 7.5, 6.0, 9.0, 0.0, (0.0,) * STAY_BUCKETS, 0, 10, end, "test")
    unsure = replace(told, low=None, high=None)
    days = as_dict(film, [told, unsure], ZoneInfo("UTC"))["unique"]
    assert [day["unique"] for day in days] == [7.5, None]
    assert [day["arrivals"] for day in days] == [10, 10]
