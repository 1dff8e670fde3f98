"""Dates and times as people type them: local without an offset, and never guessed where the clock showed two."""

from __future__ import annotations

import io
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.cli.moments import require_likely
from app.wall_clock import parse_moment
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


NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)


def test_a_recording_of_the_future_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"2026-11-27 11:00 .* is in the future, now it is 2026-11-26 11:00"):
        require_likely(NOW + timedelta(days=1), NOW, BERLIN, yes=True)
    require_likely(NOW + timedelta(minutes=5), NOW, BERLIN, yes=False)  # the recorder's clock is a little ahead


def test_last_years_number_is_asked_about_and_a_script_has_to_say_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    slip = NOW.replace(year=2025)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(ConfigError, match=r"365 days ago; .* add --yes"):
        require_likely(slip, NOW, BERLIN, yes=False)
    require_likely(slip, NOW, BERLIN, yes=True)
    require_likely(NOW - timedelta(days=300), NOW, BERLIN, yes=False)


@pytest.mark.parametrize(("answer", "refused"), [(True, False), (False, True)])
def test_a_person_at_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch, answer: bool, refused: bool) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return answer

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("typer.confirm", confirm)
    with pytest.raises(ConfigError, match="nothing was counted") if refused else nullcontext():
        require_likely(NOW.replace(year=2024), NOW, BERLIN, yes=False)
    assert "2024-11-26 11:00 (Europe/Berlin) is 730 days ago" in asked[0]
