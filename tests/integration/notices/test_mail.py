"""Reports by mail: to whom and when the settings say, once, with page and table, whatever happens in between."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from sqlalchemy import Connection, Engine

from app.jobs import DailyJobs
from db.session import open_database, reading
from db.store import Store
from db.writing.notices import Queued, State, due, listed, move
from footfall.config import Config
from footfall.config_notices import AlertConfig, MailConfig, MailSiteConfig
from footfall.errors import FootfallError, StoreError
from footfall.types import Visit
from notices import pages, sending
from notices.sending import Sender
from notices.trial import look_at_server, try_mail
from tests.conftest import FakeClock
from tests.integration.conftest import visit
from tests.integration.notices.conftest import PASSWORD, USER, Mailbox, serve_mail, signs_in
from tests.mall import DAY, NOW, mall_config

MANAGER, OWNER, ANNEX = "manager@mall.example", "owner@mall.example", "annex@mall.example"


def mail_to(port: int, *reports_to: str, **more: object) -> MailConfig:
    values = {"host": "127.0.0.1", "port": port, "security": "none", "sender": f"Footfall <{USER}>", **more}
    return MailConfig.model_validate({"reports_to": reports_to, "sites": {"annex": {"reports_to": []}}, **values})


class Office:
    """The jobs of the mall with mail settings, started anew whenever a test asks."""

    def __init__(self, database: str, folder: Path, clock: FakeClock, mail: MailConfig) -> None:
        self.config = mall_config(database, folder).model_copy(update={"mail": mail})
        self.engine: Engine = open_database(database)
        self.clock = clock

    def jobs(self, config: Config | None = None) -> DailyJobs:
        return DailyJobs(config or self.config, self.engine, self.clock, clock_is_right=True)

    def states(self) -> list[tuple[str, str, State]]:
        with reading(self.engine) as connection:
            found = listed(connection, self.clock() - timedelta(days=30))
        return [(one.notice.key, one.notice.recipient, one.state) for one in found]


@pytest.fixture
def office(mall_database: str, tmp_path: Path, morning: FakeClock, mail_port: int) -> Iterator[Office]:
    """Two people get the reports of the main mall, somebody else those of the annex."""
    mail = mail_to(mail_port, MANAGER, OWNER, sites={"annex": MailSiteConfig(reports_to=(ANNEX,))})
    made = Office(mall_database, tmp_path, morning, mail)
    yield made
    made.engine.dispose()


@pytest.fixture
def _no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out drawing the page, which one test looks at."""
    monkeypatch.setattr(pages, "paper", lambda *_given: b"%PDF-")


def test_each_gets_the_report_of_yesterday_once_with_page_and_table(office: Office, mailbox: Mailbox) -> None:
    office.jobs().run_once()
    for _ in range(3):  # as if started anew, minutes later
        office.clock.advance(minutes=20)
        office.jobs().run_once()
    assert sorted(str(mail["To"]) for mail in mailbox.mails) == [ANNEX, MANAGER, OWNER]
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 3
    mail = next(mail for mail in mailbox.mails if mail["To"] == MANAGER)
    assert "came in (incomplete)" in mail["Subject"]
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    for wanted in ("This day is incomplete.", "37 came in on Mon 2 Mar", "Only 8", "something covered the lens"):
        assert wanted in plain.get_content()
    assert "&lt;b&gt;North&lt;/b&gt;" in html.get_content()
    pdf, table = list(mail.iter_attachments())
    assert (pdf.get_filename(), table.get_filename()) == (f"main_{DAY}.pdf", f"main_{DAY}.csv")
    written = office.config.report.directory / f"main_{DAY}.csv"
    assert table.get_payload(decode=True) == written.read_bytes()
    document = pypdfium2.PdfDocument(pdf.get_payload(decode=True))
    assert "37 came in on Mon 2 Mar" in document[0].get_textpage().get_text_range()
    document.close()


@pytest.mark.usefixtures("_no_picture")
def test_reports_wait_for_the_set_time(office: Office, mailbox: Mailbox) -> None:
    later = office.config.mail.model_copy(update={"reports_at": time(7), "reports_to": (OWNER,)})
    jobs = office.jobs(office.config.model_copy(update={"mail": later}))
    jobs.run_once()
    assert mailbox.mails == []
    office.clock.advance(minutes=89)  # 06:59 in Berlin
    jobs.tell()
    assert mailbox.mails == []
    office.clock.advance(minutes=1)
    jobs.tell()
    assert {to for to, _ in mailbox.told} == {OWNER, ANNEX}


@pytest.mark.usefixtures("_no_picture")
def test_a_sender_with_a_comma_and_the_form_of_the_table_are_kept(office: Office, mailbox: Mailbox) -> None:
    mail = office.config.mail.model_copy(update={"sender": f"ACME, Inc. <{USER}>", "reports_to": (OWNER,)})
    shown = office.config.report.model_copy(update={"csv_separator": ";", "csv_decimal": ","})
    office.jobs(office.config.model_copy(update={"mail": mail, "report": shown})).run_once()
    letter = next(mail for mail in mailbox.mails if mail["To"] == OWNER)
    assert str(letter["From"]) == f'"ACME, Inc." <{USER}>'
    assert str(letter["Message-ID"]).endswith("@mall.example>")
    table = list(letter.iter_attachments())[1].get_payload(decode=True)
    assert isinstance(table, bytes)
    assert table.startswith("row;site;entrance;".encode("utf-8-sig"))


@pytest.mark.usefixtures("_no_picture")
def test_a_revised_day_is_sent_again_and_says_why(office: Office, mailbox: Mailbox) -> None:
    office.jobs().run_once()
    before = len(mailbox.mails)
    Store(office.engine, office.clock).save_visits([late_visit()])
    office.jobs().run_once()
    revised = mailbox.mails[before:]
    assert sorted(str(mail["To"]) for mail in revised) == [MANAGER, OWNER]
    assert str(revised[0]["Subject"]).startswith("Revised: Main mall, Mon 2 Mar: ")
    plain = revised[0].get_body(("plain",))
    assert plain is not None
    assert "This report replaces the one that you had of this day: 1 " in plain.get_content()
    assert "38 came in" in plain.get_content()
    quiet = office.config.mail.model_copy(update={"revisions": False})
    Store(office.engine, office.clock).save_visits([late_visit(2)])
    office.jobs(office.config.model_copy(update={"mail": quiet})).run_once()
    assert len(mailbox.mails) == before + 2


def late_visit(number: int = 1) -> Visit:
    return visit(number, datetime(2026, 3, 2, 9, 59, number, tzinfo=UTC), "south")


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.usefixtures("_no_picture")
@pytest.mark.parametrize("moment", ["before the server has it", "after the server has it"])
def test_a_kill_at_the_server_sends_no_mail_twice(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    real = smtplib.SMTP.data

    def killed(server: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        if moment.startswith("after"):
            real(server, content)
        raise Killed

    jobs = office.jobs()
    jobs.hourly_round()
    monkeypatch.setattr(smtplib.SMTP, "data", killed)
    with pytest.raises(Killed):
        jobs.tell()
    monkeypatch.setattr(smtplib.SMTP, "data", real)
    for _ in range(4):
        office.clock.advance(minutes=6)
        office.jobs().tell()
    assert len(mailbox.told) == len(set(mailbox.told))
    unsure = [key for key, _, state in office.states() if state is State.UNSURE]
    assert len(unsure) == 1  # and it is said, instead of a double
    others = [state for _, _, state in office.states() if state is not State.UNSURE]
    assert set(others) == {State.SENT}


@pytest.mark.usefixtures("_no_picture")
def test_a_kill_before_the_mail_is_handed_over_loses_none(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_given: object) -> None:
        raise Killed

    jobs = office.jobs()
    jobs.hourly_round()
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(sending, "hand_over", killed)
        jobs.tell()
    office.jobs().tell()
    office.clock.advance(minutes=6)
    office.jobs().tell()
    assert {state for _, _, state in office.states()} == {State.SENT}
    assert len(mailbox.told) == len(set(mailbox.told)) == len(office.states())


@pytest.mark.usefixtures("_no_picture")
def test_one_that_cannot_connect_leaves_alone_what_another_hands_over(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, away = smtplib.SMTP.data, mail_to(1, MANAGER, OWNER, sites={"annex": MailSiteConfig(reports_to=(ANNEX,))})
    waiting: list[Queued] = []

    def due_before(connection: Connection, now: datetime) -> list[Queued]:
        found = due(connection, now)
        waiting.extend(found)
        return waiting  # as read a moment before the other one began

    def meanwhile(server: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        office.jobs(office.config.model_copy(update={"mail": away})).tell()
        return real(server, content)

    jobs = office.jobs()
    jobs.hourly_round()
    with monkeypatch.context() as patched:
        patched.setattr(sending, "due", due_before)
        patched.setattr(smtplib.SMTP, "data", meanwhile)
        jobs.tell()
    for _ in range(4):
        office.clock.advance(minutes=6)
        office.jobs().tell()
    assert len(mailbox.told) == len(set(mailbox.told)) == len(office.states())
    assert {state for _, _, state in office.states()} == {State.SENT}


@pytest.mark.usefixtures("_no_picture")
def test_a_mail_that_another_took_over_does_not_fail_the_next_one(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Sender._hand
    taken: list[Queued] = []

    def hand(sender: Sender, one: Queued) -> None:
        if not taken:
            taken.append(one)
            raise sending._TakenOverError
        real(sender, one)

    monkeypatch.setattr(Sender, "_hand", hand)
    office.jobs().run_once()
    others = [state for _, to, state in office.states() if to != taken[0].notice.recipient]
    assert set(others) == {State.SENT}
    assert len(mailbox.mails) == len(others)


@pytest.mark.usefixtures("_no_picture")
def test_a_database_away_just_after_the_server_took_a_mail_sends_it_no_second_time(
    office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[int] = []

    def move_once_away(connection: Connection, *given: Any) -> bool:
        if given[1][1] is State.SENT and not failed:
            failed.append(given[0])
            raise StoreError("the database is away")
        return move(connection, *given)

    monkeypatch.setattr(sending, "move", move_once_away)
    office.jobs().run_once()
    for _ in range(4):
        office.clock.advance(minutes=6)
        office.jobs().tell()
    assert failed
    assert len(mailbox.told) == len(set(mailbox.told)) == len(office.states())


@pytest.mark.usefixtures("_no_picture")
def test_a_server_that_is_away_or_refuses_is_tried_again_with_growing_pauses_and_given_up(
    office: Office, mailbox: Mailbox
) -> None:
    mailbox.refuse = {MANAGER: "450 busy", OWNER: "550 no such mailbox"}
    office.jobs().run_once()
    assert {to for to, _ in mailbox.told} == {ANNEX}
    assert {state for _, to, state in office.states() if to == OWNER} == {State.FAILED}
    mailbox.refuse = {}
    office.clock.advance(seconds=30)
    office.jobs().tell()
    assert MANAGER not in {to for to, _ in mailbox.told}  # not before a minute is over
    office.clock.advance(seconds=31)
    office.jobs().tell()
    assert MANAGER in {to for to, _ in mailbox.told}


@pytest.mark.usefixtures("_no_picture")
def test_nothing_is_tried_for_ever(office: Office, mailbox: Mailbox) -> None:
    mailbox.answer = "451 not now"
    config = office.config.model_copy(update={"alerts": AlertConfig(give_up_days=1)})
    office.jobs(config).run_once()
    for _ in range(4):
        office.clock.advance(hours=7)
        office.jobs(config).tell()
    assert {state for _, _, state in office.states()} == {State.FAILED}
    assert mailbox.mails == []


@pytest.mark.usefixtures("_no_picture")
def test_a_clock_that_was_ahead_for_a_while_loses_no_mail_and_sends_none_twice(
    office: Office, mailbox: Mailbox
) -> None:
    jobs = DailyJobs(office.config, office.engine, office.clock)
    mailbox.refuse = {MANAGER: "450 busy"}
    jobs.run_once()
    assert {to for to, _ in mailbox.told} == {OWNER, ANNEX}
    office.clock.advance(days=200)  # longer than notices are tried, and than they are kept
    jobs.tell()
    mailbox.refuse = {}
    office.clock.advance(days=-200, minutes=2)
    jobs.run_once()
    assert MANAGER in {to for to, _ in mailbox.told}
    assert {state for _, _, state in office.states()} == {State.SENT}
    recipients = [to for to, _ in mailbox.told]
    assert len(recipients) == len(set(recipients))


@pytest.mark.usefixtures("_no_picture")
def test_a_clock_that_was_behind_sends_no_mail_early_or_twice(office: Office, mailbox: Mailbox) -> None:
    office.config = office.config.model_copy(
        update={"mail": office.config.mail.model_copy(update={"reports_at": time(7, 0)})}
    )
    jobs = office.jobs()
    jobs.run_once()
    assert not mailbox.told
    office.clock.advance(days=-100)
    jobs.tell()
    assert not mailbox.told
    office.clock.advance(days=100, hours=2)
    jobs.tell()
    jobs.run_once()
    assert sorted(to for to, _ in mailbox.told) == [ANNEX, MANAGER, OWNER]


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Write a certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "server.pem", folder / "server.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    unencrypted = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted))
    return paths


@pytest.fixture
def secure_port(mailbox: Mailbox, tmp_path: Path) -> Iterator[int]:
    """The port of a server that asks for STARTTLS and the password; its certificate is known to nobody yet."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate(tmp_path, "127.0.0.1"))
    server = serve_mail(mailbox, tls_context=context, require_starttls=True, authenticator=signs_in, auth_required=True)
    yield server.port
    server.stop()


def test_a_test_mail_goes_through_tls_and_password_or_says_in_one_line_what_is_wrong(
    secure_port: int, mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(port: int = secure_port, **changes: object) -> str:
        values = {"security": "starttls", "username": USER, "password": SecretStr(PASSWORD), **changes}
        mail = mail_to(port, MANAGER, **values)
        try:
            try_mail(mail, MANAGER, NOW)
        except FootfallError as error:
            assert PASSWORD not in str(error)
            assert "\n" not in str(error)
            return str(error)
        return "sent"

    assert "certificate is not trusted" in tried()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    assert tried() == "sent"
    assert mailbox.told == [(MANAGER, "A test of mall-footfall")]
    assert "refuses username or password" in tried(password=SecretStr("wrong"))
    assert "FOOTFALL_MAIL__PASSWORD" in tried(password=SecretStr(""))
    assert "speaks no TLS" in tried(security="tls") or "broke off" in tried(security="tls")
    assert "530" in tried(security="none", username="", password=SecretStr(""))
    assert "nothing listens there" in tried(port=1)
    assert "signed in as" in look_at_server(
        mail_to(secure_port, security="starttls", username=USER, password=SecretStr(PASSWORD))
    )
    assert len(mailbox.mails) == 1


def test_a_server_without_starttls_and_a_wrong_address_are_said(mail_port: int) -> None:
    with pytest.raises(FootfallError, match="offers no STARTTLS"):
        try_mail(mail_to(mail_port, security="starttls"), MANAGER, NOW)
    with pytest.raises(FootfallError, match="no mail address"):
        try_mail(mail_to(mail_port), "manager at mall", NOW)
