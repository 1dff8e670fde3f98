"""What a worker is told holds, whatever the environment says where it runs."""

from __future__ import annotations

import pytest

from footfall.config import Config
from footfall.errors import ConfigError
from ingest.live.assignment import Assignment


def test_the_environment_of_another_camera_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords come from the environment, where every worker sees the names of all cameras."""
    monkeypatch.setenv("FOOTFALL_CAMERAS__NORTH__PASSWORD", "hush hush")
    monkeypatch.setenv("FOOTFALL_CAMERAS__SOUTH__LABEL", "set outside")
    config = Config(cameras={"north": {"source": "0"}, "south": {"source": "1"}})
    told, _ = Assignment.from_line(Assignment.of(config, "south", "a:b").to_line())
    monkeypatch.setenv("FOOTFALL_CAMERAS__SOUTH__LABEL", "changed since")
    assert told.config().cameras == {"south": config.cameras["south"]}
    assert told.config().cameras["south"].label == "set outside"
    north, _ = Assignment.from_line(Assignment.of(config, "north", "a:b").to_line())
    assert north.config().cameras["north"].password.get_secret_value() == "hush hush"


def test_only_what_a_worker_needs_makes_another_task_of_it() -> None:
    """A task that changed restarts the worker, which costs seconds of watching."""
    cameras = {"north": {"source": "0"}, "south": {"source": "1"}}
    config = Config(cameras=cameras)

    def task(**changes: object) -> Assignment:
        changed = Config(**({"cameras": cameras} | changes))  # type: ignore[arg-type]
        return Assignment.of(changed, "north", "a:b")

    same = Assignment.of(config, "north", "a:b")
    assert task(retention={"visits_days": 10}, dashboard={"port": 80}, report={"time": "05:00"}) == same
    assert task(sites={"main": {"opening_hours": "09:00-21:00"}}) == same
    assert task(cameras={**cameras, "south": {"source": "2"}}) == same
    assert task(reid={"staff_passes": 20}) == same
    assert task(reid={"mode": "clothes"}) != same
    assert task(report={"age_group_starts": (0, 18)}) != same
    assert task(visits={"min_hits": 5}) != same
    assert task(cameras={"north": {"source": "0", "max_fps": 5}}) != same


def test_a_worker_is_not_told_where_the_database_is() -> None:
    config = Config(database_url="postgresql://me:hush@db/footfall", cameras={"north": {"source": "0"}})
    assert b"hush" not in Assignment.of(config, "north", "a:b").to_line()


def test_settings_that_are_none_are_refused_without_showing_a_password() -> None:
    with pytest.raises(ConfigError, match="source is missing") as refused:
        Assignment("door", "a:b", '{"cameras": {"door": {"password": "hush hush"}}}').config()
    assert "hush" not in str(refused.value) + repr(refused.value.__context__)


def test_every_setting_of_a_camera_reaches_its_worker() -> None:
    values = {"source": "0", "started_at": "2026-03-28T09:00", "pixel_aspect": "16:15", "line": [[0, 0.5], [1, 0.5]]}
    config = Config(cameras={"north": values})
    told, _ = Assignment.from_line(Assignment.of(config, "north", "a:b").to_line())
    assert told.config().cameras == config.cameras
