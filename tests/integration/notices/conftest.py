"""A real mail server that keeps what it took, a real web server that is called, and the small mall with its reports."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from dashboard.numbers.kept import forget_kept
from db.store import Store
from reports.writer import ReportWriter
from tests.conftest import FakeClock
from tests.mall import fill_mall, mall_config
from tools.served import free_port

USER, PASSWORD = "footfall@mall.example", "hush-hush-secret"
SECRET = "a secret to sign with"


class Mailbox:
    """What the mail server took; `refuse` holds answers for recipients, `answer` that for the next mails themselves."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self.answer = "250 taken"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            assert [mail["To"]] == envelope.rcpt_tos
            self.mails.append(mail)
        return self.answer

    @property
    def told(self) -> list[tuple[str, str]]:
        """Recipient and subject of each mail."""
        return [(str(mail["To"]), str(mail["Subject"]).strip()) for mail in self.mails]


def serve_mail(mailbox: Mailbox, **options: Any) -> Controller:
    """Return a started server on a free port of this computer."""
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    server.start()
    return server


def signs_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    """Let in who knows the password."""
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mail_port(mailbox: Mailbox) -> Iterator[int]:
    """The port of a mail server without encryption and password."""
    server = serve_mail(mailbox)
    yield server.port
    server.stop()


@dataclass
class Hook:
    """What the web server was sent; it answers with the first of `answers`, then with 204."""

    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def hook() -> Iterator[Hook]:
    kept = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            answer = kept.answers.pop(0) if kept.answers else 204
            self.send_response(answer)
            if answer == 302:
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_given: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def filled_mall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the small mall, written once; tests get copies."""
    path = tmp_path_factory.mktemp("told mall") / "footfall.db"
    config = mall_config(f"sqlite:///{path}", path.parent)
    engine = fill_mall(config)
    a_day_before = datetime(2026, 3, 2, 4, tzinfo=UTC)
    store = Store(engine, lambda: a_day_before)
    writer = ReportWriter(engine, config.report, store, lambda: a_day_before, config.reid)
    for site in config.sites:
        for day in writer.due(site, a_day_before):
            writer.write(site, day)
    engine.dispose()
    return path


@pytest.fixture
def mall_database(tmp_path: Path, filled_mall: Path) -> str:
    """The URL of a copy of the small mall."""
    for part in filled_mall.parent.glob("footfall.db*"):
        shutil.copy(part, tmp_path / part.name)
    shutil.copytree(filled_mall.parent / "reports", tmp_path / "reports")
    forget_kept()
    return f"sqlite:///{tmp_path / 'footfall.db'}"


@pytest.fixture
def morning() -> FakeClock:
    """Half past five in Berlin on the day after the mall's Monday."""
    return FakeClock(datetime(2026, 3, 3, 4, 30, tzinfo=UTC))
