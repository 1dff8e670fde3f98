"""Dates and times as people type them: local without an offset, and never guessed where the clock showed two."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.cli.moments import parse_moment
from footfall.errors import ConfigError

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-28T09:00", datetime(2026, 3, 28, 8, 0, tzinfo=UTC)),
        ("2026-10-25T02:30+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25T03:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_local_unless_it_has_an_offset(text: str, moment: datetime) -> None:
    assert parse_moment(text, BERLIN, "--started-at") == moment


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-03-29T02:30", "does not exist"),
        ("2026-10-25T02:30", r"came twice in Europe/Berlin.* write 2026-10-25T02:30\+02:00 or 2026-10-25T02:30\+01:00"),
        ("nine", "is no date and time"),
    ],
)
def test_a_moment_that_is_not_one_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse_moment(text, BERLIN, "--started-at")
