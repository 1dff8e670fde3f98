"""A camera that is a file begins when its settings say, on the mall's clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.camera_kinds import beginning_of
from footfall.config import Config
from footfall.errors import ConfigError


def config(started_at: str | None) -> Config:
    camera = {"source": "a.mp4"} if started_at is None else {"source": "a.mp4", "started_at": started_at}
    return Config(sites={"mall": {"time_zone": "Europe/Berlin"}}, cameras={"door": camera})


@pytest.mark.parametrize("text", ["2026-03-28T09:00", "2026-03-28T08:00:00+00:00", "2026-03-28T17:00:00+09:00"])
def test_the_time_is_the_malls_own_or_has_an_offset(text: str) -> None:
    assert beginning_of(config(text), "door") == datetime(2026, 3, 28, 8, tzinfo=UTC)


def test_without_a_setting_the_file_is_asked() -> None:
    assert beginning_of(config(None), "door") is None


def test_a_time_that_the_clock_skipped_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"cameras\.door\.started_at .* does not exist in Europe/Berlin"):
        beginning_of(config("2026-03-29T02:30"), "door")
