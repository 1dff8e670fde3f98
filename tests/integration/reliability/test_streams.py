"""Real RTSP streams that are killed, frozen and changed: noticed, recorded with a reason, and back by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.service import Service
from db.models import OutageRow, VisitRow
from footfall.config import Config
from tests.integration.reliability.bench import running, settings, state_of, stored, wait_until
from tests.integration.reliability.rtsp import RtspCamera, require_rtsp_server

USER, PASSWORD = "guard", "s3cret/p@ss"
NOTICED_WITHIN_S = 5.0
BACK_WITHIN_S = 10.0


@dataclass(frozen=True)
class Trouble:
    """One thing done to the camera, and how long it took the worker to notice and to be back."""

    kind: str
    noticed_s: float
    back_s: float


@pytest.fixture
def camera() -> Iterator[RtspCamera]:
    require_rtsp_server()
    made = RtspCamera(USER, PASSWORD)
    yield made
    made.kill()


def with_password(folder: Path, url: str, password: str = PASSWORD) -> Config:
    camera = {"source": url, "username": USER, "password": password, "max_fps": 10}
    return settings(folder, {}, cameras={"door": camera})


@pytest.mark.parametrize(
    ("kills", "freezes", "changes"),
    [pytest.param(2, 1, 1, id="short"), pytest.param(20, 5, 3, id="long", marks=pytest.mark.soak)],
)
def test_killed_frozen_and_changed_streams(
    tmp_path: Path, camera: RtspCamera, kills: int, freezes: int, changes: int
) -> None:
    camera.start()
    config = with_password(tmp_path, camera.url)
    troubles: list[Trouble] = []
    with running(config) as service:
        wait_until(lambda: state_of(service, "door") == "live", "the first frame")
        for _ in range(kills):
            troubles.append(_trouble(service, "killed", camera.kill, camera.start))
        for number in range(freezes):
            # Shorter and longer than the read timeout: the stream goes on, or is opened anew.
            lasting_s = 6.0 * (number % 2 == 0)
            troubles.append(_trouble(service, "frozen", camera.freeze, camera.thaw, lasting_s))
        for number in range(changes):
            codec, size = [("jpeg", "320x180"), ("h264", "640x360")][number % 2]
            again = lambda codec=codec, size=size: camera.start(codec, size)  # noqa: E731  # bound in the loop
            troubles.append(_trouble(service, f"codec and size to {codec} {size}", camera.kill, again))
        seen = service.health().cameras["door"].heartbeat.frames_seen
        wait_until(lambda: service.health().cameras["door"].heartbeat.frames_seen > seen + 10, "frames to flow")
    print("\n| what happened | noticed after s | back after s |\n| --- | ---: | ---: |")
    for trouble in troubles:
        print(f"| {trouble.kind} | {trouble.noticed_s:.1f} | {trouble.back_s:.1f} |")
    assert max(trouble.noticed_s for trouble in troubles) < NOTICED_WITHIN_S
    assert max(trouble.back_s for trouble in troubles) < BACK_WITHIN_S
    outages = stored(config, OutageRow)
    ends = {outage.ended_at for outage in outages}
    blind = [outage for outage in outages if outage.started_at not in ends]  # the others go on under another reason
    assert len(blind) == len(troubles), [(item.started_at, item.ended_at, item.reason) for item in outages]
    assert all(outage.ended_at is not None and outage.ended_at > outage.started_at for outage in outages)
    assert {outage.reason for outage in outages} <= {"stream ended", "no connection", "silent"}
    assert stored(config, VisitRow), "a ball bounced before the camera all the time"


def test_a_new_size_in_mid_stream_begins_a_new_run(tmp_path: Path, camera: RtspCamera) -> None:
    camera.start(size="640x360")
    config = with_password(tmp_path, camera.url)
    with running(config) as service:
        wait_until(lambda: state_of(service, "door") == "live", "the first frame")
        camera.halve_picture()
        wait_until(lambda: service.health().cameras["door"].heartbeat.reconnects == 1, "the stream to be opened again")
        wait_until(lambda: state_of(service, "door") == "live", "frames of the new size")
    [outage] = stored(config, OutageRow)
    assert outage.reason == "stream ended"


def test_a_wrong_password_is_said_and_shown_nowhere(
    tmp_path: Path, camera: RtspCamera, capfd: pytest.CaptureFixture[str]
) -> None:
    camera.start()
    wrong = "wr0ng/pass"
    config = with_password(tmp_path, camera.url, wrong)
    with running(config) as service:
        wait_until(lambda: "user name or password refused" in _reason(service), "the refusal to be noticed")
        worker = service.health().cameras["door"].pid
        for name in ("cmdline", "environ"):
            assert wrong.encode() not in Path(f"/proc/{worker}/{name}").read_bytes()
    [outage] = stored(config, OutageRow)
    assert outage.reason == "no connection"
    output = capfd.readouterr()
    assert "user name or password refused" in output.err
    assert wrong not in output.out + output.err


def _trouble(
    service: Service, kind: str, cause: Callable[[], None], end: Callable[[], None], lasting_s: float = 0.0
) -> Trouble:
    """Cause trouble, wait until the worker notices and `lasting_s` more, end it, wait until frames come."""
    time.sleep(0.5)
    cause()
    noticed_s = wait_until(lambda: state_of(service, "door") == "blind", f"{kind} to be noticed")
    time.sleep(lasting_s)
    end()
    return Trouble(kind, noticed_s, wait_until(lambda: state_of(service, "door") == "live", f"{kind} to be over"))


def _reason(service: Service) -> str:
    camera = service.health().cameras.get("door")
    return camera.heartbeat.reason if camera else ""
