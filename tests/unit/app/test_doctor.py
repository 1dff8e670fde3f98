"""`footfall doctor` finds what is wrong, and says for each finding what to do."""

from __future__ import annotations

import shutil
import socket
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app import doctor
from app.doctor import Check, Finding, doctor_table, run_doctor
from app.status import collect_status, remarks
from db.session import open_database
from db.store import Store
from footfall.config import Config
from footfall.types import CameraMinute, Direction, Gender, Visit
from ingest.spooling.spool import Spool
from tests.unit.ingest.footage import wall, write_video

Usage = namedtuple("Usage", "total used free")


def settings(folder: Path, **more: object) -> Config:
    values: dict[str, object] = {
        "database_url": f"sqlite:///{folder / 'footfall.db'}",
        "sites": {"main": {"time_zone": "Europe/Berlin"}},
        "service": {"spool_directory": str(folder / "spool")},
        "report": {"directory": str(folder / "reports")},
        **more,
    }
    return Config(**values)  # type: ignore[arg-type]


def findings(config: Config) -> dict[str, Check]:
    """Return the checks by subject; whatever is not good has an advice."""
    checks = list(run_doctor(config))
    assert doctor_table(checks).row_count == len(checks)
    assert [check for check in checks if check.finding is not Finding.GOOD and not check.advice] == []
    return {check.subject: check for check in checks}


def test_what_is_well_is_said_to_be_well(tmp_path: Path) -> None:
    found = findings(settings(tmp_path))
    good = {subject for subject, check in found.items() if check.finding is Finding.GOOD}
    assert good >= {"disk: reports", "spool", "time zones", "database"}
    assert found["models"].finding is not Finding.BAD  # how quick this computer is at the moment is not asked here
    assert found["settings"].advice == "put one into the settings file; `footfall init` shows how"


@pytest.mark.parametrize(("locks", "finding"), [(True, Finding.GOOD), (False, Finding.WARNING)])
def test_templates_that_may_be_written_to_swap_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locks: bool, finding: Finding
) -> None:
    monkeypatch.setattr(doctor, "lock_in_memory", lambda block: locks)
    assert findings(settings(tmp_path))["templates"].finding is Finding.GOOD
    found = findings(settings(tmp_path, reid={"mode": "clothes"}))["templates"]
    assert (found.finding, "clothes" in found.found) == (finding, True)


def test_each_part_that_is_broken_is_found_without_hiding_the_others(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("not a folder")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    camera = {"source": f"rtsp://127.0.0.1:{port}/cam", "username": "guard", "password": "hush hush"}
    broken = settings(
        tmp_path,
        database_url="postgresql://me:hush@127.0.0.1:1/footfall",
        sites={"main": {"time_zone": "UTC"}},
        cameras={"door": camera, "off": {"source": "0", "enabled": False}},
        detector={"model": str(tmp_path / "absent.onnx")},
    )
    found = findings(broken)
    bad = {subject for subject, check in found.items() if check.finding is Finding.BAD}
    assert bad == {"disk: spool", "database", "models", "camera door"}
    assert found["time zones"].finding is Finding.WARNING
    assert found["disk: reports"].finding is Finding.GOOD
    assert "nothing listens" in found["camera door"].found
    assert "check both" in found["camera door"].advice
    assert "hush" not in repr(found)


@pytest.mark.parametrize(("free", "finding"), [(10**8, Finding.BAD), (10**9, Finding.WARNING), (10**11, Finding.GOOD)])
def test_little_room_on_the_disk_is_said_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, finding: Finding
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12 - free, free))
    assert findings(settings(tmp_path))["disk: spool"].finding is finding


def test_a_clock_that_was_never_set_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "EARLIEST_YEAR", datetime.now(UTC).year + 1)
    assert findings(settings(tmp_path))["clock"].finding is Finding.BAD


def test_what_waits_was_refused_or_damaged_in_the_spool_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings(tmp_path)
    now = datetime.now(UTC)
    values = (Direction.IN, Gender.FEMALE, "25-34", 30.5, 0.91, 4, 0.7, "test")
    spool = Spool(tmp_path / "spool" / "door.spool")
    spool.put([Visit(uuid4(), "door", now, now, *values) for _ in range(3)])
    assert findings(config)["spool"].finding is Finding.GOOD
    monkeypatch.setattr(doctor, "MANY_WAITING", 2)
    assert findings(config)["spool"].finding is Finding.WARNING
    (tmp_path / "spool" / "door.spool.damaged").touch()
    assert "door.spool.damaged" in findings(config)["spool"].found
    spool.reject_oldest("no such camera")
    assert (findings(config)["spool"].finding, findings(config)["spool"].found[:25]) == (
        Finding.BAD,
        "2 records wait, 1 refused",
    )


def test_machines_that_disagree_and_cameras_that_nobody_names_are_said(tmp_path: Path) -> None:
    def machine(box: str, hours: str, *cameras: str) -> Config:
        config = settings(
            tmp_path,
            sites={"main": {"opening_hours": hours}},
            cameras={name: {"source": "0", "enabled": True} for name in cameras},
        )
        return config.model_copy(update={"service": config.service.model_copy(update={"box": box})})

    engine = open_database(f"sqlite:///{tmp_path / 'footfall.db'}")
    store = Store(engine)
    store.sync(machine("east", "10:00-20:00", "north", "south"))
    asked = machine("west", "10:00-20:00")
    store.sync(asked)
    assert next(check for check in run_doctor(asked) if check.subject == "machines").finding is Finding.GOOD
    assert collect_status(asked).document["troubles"] == []
    store.sync(machine("west", "09:00-21:00"))
    store.sync(machine("east", "10:00-20:00", "north"))
    found = next(check for check in run_doctor(asked) if check.subject == "machines")
    assert found.finding is Finding.WARNING
    for words in ("disagree about its opening hours", "footfall cameras retire south --from"):
        assert words in found.found
    status = collect_status(asked)
    assert len(status.document["troubles"]) == 2
    assert any("footfall cameras retire south" in said for said in remarks(status))
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    runs = uuid4(), uuid4()
    store.save_minutes(
        [
            CameraMinute("north", run, now - timedelta(minutes=number), 60.0, 600, 600, 0, 0, 3, 1, 0.2)
            for run in runs
            for number in range(1, 5)
        ]
    )
    engine.dispose()
    found = next(check for check in run_doctor(asked) if check.subject == "machines")
    assert (found.finding, "camera north is watched by two workers" in found.found) == (Finding.BAD, True)


def test_a_camera_looked_at_so_seldom_that_people_are_missed_is_said(tmp_path: Path) -> None:
    footage = write_video(tmp_path / "a.mp4", [wall()] * 10)
    cameras = {
        "often": {"source": str(footage), "started_at": "2026-03-28T09:00"},
        "seldom": {"source": str(footage), "started_at": "2026-03-28T09:00", "max_fps": 4},
        "undated": {"source": str(footage)},
    }
    found = findings(settings(tmp_path, cameras=cameras))
    assert found["camera often"].finding is Finding.GOOD
    assert found["camera seldom"].finding is Finding.WARNING
    assert "missed" in found["camera seldom"].advice
    assert found["camera undated"].finding is Finding.BAD


def test_a_clock_service_that_hangs_is_told_and_the_rest_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = tmp_path / "timedatectl"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(doctor, "TIMEDATECTL_S", 0.2)
    found = {check.subject: check for check in run_doctor(settings(tmp_path))}
    assert found["clock"].finding is Finding.WARNING and "does not answer" in found["clock"].found
    assert "database" in found
