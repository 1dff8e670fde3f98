"""Alerts: told once when a trouble begins and once when it ends, from the database, by mail and webhook."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from app.jobs import DailyJobs
from db.store import Store
from footfall.config import Config
from footfall.config_notices import AlertConfig, MailConfig
from footfall.types import CameraMinute, Outage, OutageReason, PictureState
from notices.rounds import Rounds
from notices.webhook import call
from reports.writer import ReportWriter
from tests.conftest import FakeClock
from tests.integration.conftest import minute
from tests.integration.notices.conftest import SECRET, Hook, Mailbox

TECHNICIAN = "technician@mall.example"
TEN = datetime(2026, 3, 2, 9, tzinfo=UTC)  # the mall opens, it is ten in Berlin


class Watched:
    """A mall whose cameras give minutes as the clock goes on, and a round of notices each minute, started anew."""

    def __init__(self, config: Config, engine: Engine, clock: FakeClock) -> None:
        self.config, self.engine, self.clock = config, engine, clock
        self.store = Store(engine, clock)
        self.cameras = [name for name, camera in config.cameras.items() if camera.site == "mall"]

    def go_on(self, minutes: int, **pictures: str) -> None:
        """Let time pass; every camera sees, but those named: "dark" and so on, or "" for no minute at all."""
        for _ in range(minutes):
            began = self.clock.now
            shown = {name: pictures.get(name, "ok") for name in self.cameras}
            self.store.save_minutes([minute(began, name, picture=seen) for name, seen in shown.items() if seen])
            self.clock.advance(minutes=1)
            Rounds(self.config, self.engine, self.clock).round()


@pytest.fixture
def watched(engine: Engine, config: Config, clock: FakeClock, mail_port: int, hook: Hook) -> Watched:
    """The mall of two cameras, watched since half past nine; its technician and a webhook are told of alerts."""
    values = {"host": "127.0.0.1", "port": mail_port, "security": "none", "sender": "footfall@mall.example"}
    told = {
        "mail": MailConfig.model_validate({**values, "alerts_to": [TECHNICIAN]}),
        "alerts": AlertConfig.model_validate({"webhook_url": hook.url, "webhook_secret": SECRET}),
    }
    clock.now = TEN - timedelta(minutes=5)
    made = Watched(config.model_copy(update=told), engine, clock)
    made.store.sync(made.config)
    made.go_on(10)
    return made


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLite, or PostgreSQL where a test asks for it."""
    kind = getattr(request, "param", "sqlite")
    return str(request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url"))


def documents(hook: Hook) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in hook.calls]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_dark_camera_is_told_once_when_it_begins_and_once_when_it_ends(
    watched: Watched, mailbox: Mailbox, hook: Hook
) -> None:
    watched.go_on(12, north="dark")
    assert [subject for _, subject in mailbox.told] == [
        "mall: Camera north cannot see since 10:05: the picture is dark"
    ]
    watched.go_on(4)
    assert len(mailbox.mails) == 1
    watched.go_on(6)
    assert [subject for _, subject in mailbox.told][1:] == ["mall: Camera north sees again since 10:17, after 12 min"]
    began, ended = documents(hook)
    assert (began["site"], began["type"], began["ended"]) == ("mall", "alerts", [])
    assert (began["began"][0]["kind"], began["began"][0]["camera"]) == ("dark", "north")
    assert ended["ended"][0]["id"] == began["began"][0]["id"]
    assert ended["ended"][0]["until"] == "2026-03-02T09:17:00+00:00"


def test_what_is_over_soon_is_no_alert_and_neither_is_a_dark_mall_at_night(watched: Watched, mailbox: Mailbox) -> None:
    watched.go_on(3, north="")
    watched.go_on(3)
    watched.go_on(4, north="dark")
    watched.go_on(8)
    watched.clock.now = TEN + timedelta(hours=9, minutes=57)
    watched.go_on(1)
    watched.go_on(30, north="dark", south="dark")  # it closes at 20:00
    assert mailbox.mails == []


def test_cameras_of_a_box_that_dies_are_one_message_with_the_reason(
    watched: Watched, mailbox: Mailbox, hook: Hook
) -> None:
    watched.go_on(1, south="")  # its last minute was still on its way
    watched.go_on(9, north="", south="")
    assert [subject for _, subject in mailbox.told] == [
        "mall: 2 cameras cannot see since 10:05: the machine is off, or it cannot reach the database"
    ]
    assert len(documents(hook)[0]["began"]) == 2
    watched.store.save_outages([Outage(uuid4(), "north", watched.clock.now, None, OutageReason.NO_CONNECTION.value)])
    watched.go_on(5, north="", south="")
    watched.go_on(8)
    assert len(mailbox.mails) == 2
    body = mailbox.mails[1].get_body(("plain",))
    assert body is not None
    assert body.get_content().count("sees again since 10:20") == 2


def test_a_moved_camera_and_one_that_cannot_be_reached_are_told_apart(watched: Watched, mailbox: Mailbox) -> None:
    gone = Outage(uuid4(), "south", watched.clock.now, None, OutageReason.NO_CONNECTION.value)
    watched.store.save_outages([gone])
    watched.go_on(8, north="moved", south="")
    body = mailbox.mails[0].get_body(("plain",))
    assert len(mailbox.mails) == 1
    assert body is not None
    assert "Camera north looks elsewhere since 10:05: it was moved" in body.get_content()
    assert "cannot see since 10:05: the camera did not answer or refused the connection" in body.get_content()
    watched.store.retire_camera("south", date(2026, 3, 2))
    watched.go_on(2, north="moved", south="")
    assert mailbox.told[-1][1] == "mall: Camera south is not expected to watch any more"


def test_calls_are_signed_tried_again_with_the_same_id_and_not_repeated(watched: Watched, hook: Hook) -> None:
    hook.answers = [500, 302, 204]
    watched.go_on(5, north="covered")
    assert len(hook.calls) == 1
    watched.go_on(1, north="covered")
    assert len(hook.calls) == 2  # after a minute
    watched.go_on(10, north="covered")
    assert len(hook.calls) == 3  # after five more, and then no more
    assert len({headers["webhook-id"] for headers, _ in hook.calls}) == 1
    assert len({body for _, body in hook.calls}) == 1
    headers, body = hook.calls[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_no_mail_waits_for_a_webhook_that_hangs(
    watched: Watched, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails: list[int] = []
    monkeypatch.setattr("notices.sending.call", lambda *_given: mails.append(len(mailbox.mails)))
    watched.go_on(6, north="covered")
    assert mails == [1]


def test_a_kill_after_the_call_repeats_it_under_the_same_id_only(
    watched: Watched, hook: Hook, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def killed(*given: Any) -> None:
        call(*given)
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("notices.sending.call", killed)
        watched.go_on(6, north="covered")
    watched.go_on(10, north="covered")
    assert len({headers["webhook-id"] for headers, _ in hook.calls}) == 1
    assert len(hook.calls) == 2
    assert len(mailbox.mails) == 1


def test_a_day_that_ends_incomplete_is_told_and_so_is_its_completion(
    watched: Watched, mailbox: Mailbox, tmp_path: Path
) -> None:
    watched.config = watched.config.model_copy(update={"alerts": AlertConfig()})
    midday = watched.clock.now
    watched.clock.now = datetime(2026, 3, 3, 4, tzinfo=UTC)
    settings = watched.config.report.model_copy(update={"directory": tmp_path})
    writer = ReportWriter(watched.engine, settings, now=watched.clock)
    day = date(2026, 3, 2)
    writer.write("mall", day)
    for _ in range(2):
        Rounds(watched.config, watched.engine, watched.clock).round()
    [(_, subject)] = mailbox.told
    assert subject.startswith("mall: Monday 2 March 2026 ended incomplete: ")
    run = UUID(int=7)
    rest = [midday + timedelta(minutes=number) for number in range(600)]
    opening = [at for at in rest if at < TEN + timedelta(hours=10)]
    watched.store.save_minutes(
        [CameraMinute(name, run, at, 60.0, 600, 600, 0, 0, 3, 1, 0.2, PictureState.OK) for name in watched.cameras
         for at in opening]
    )  # fmt: skip
    writer.write("mall", day)
    for _ in range(2):
        Rounds(watched.config, watched.engine, watched.clock).round()
    assert [subject for _, subject in mailbox.told[1:]] == [
        "mall: Monday 2 March 2026 is complete now, in revision 2 of its report"
    ]


def test_a_clock_that_jumped_ahead_makes_no_camera_blind(watched: Watched, mailbox: Mailbox) -> None:
    watched.clock.now += timedelta(days=30)
    DailyJobs(watched.config, watched.engine, watched.clock).tell()
    assert mailbox.mails == []
