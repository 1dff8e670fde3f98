"""Trying the mail server and the webhook by hand, and looking at them for `footfall doctor`."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from footfall.config_notices import Address, AlertConfig, MailConfig
from footfall.errors import ConfigError
from notices.letters import Envelope, letter
from notices.post import hand_over, mail_server
from notices.webhook import call, document

SUBJECT = "A test of mall-footfall"
WORDS = "This is a test. Reports and alerts of mall-footfall will arrive like this."
LOOK_TIMEOUT_S = 10.0


def try_mail(mail: MailConfig, recipient: str, now: datetime) -> None:
    """Send a test mail.

    Raises:
        ConfigError: `recipient` is no address.
        MailError: what is wrong with the server or its settings, in one line.
    """
    try:
        TypeAdapter(Address).validate_python(recipient)
    except ValidationError:
        raise ConfigError(f"--to {recipient!r} is no mail address; write it like name@example.com") from None
    with mail_server(mail) as server:
        envelope = Envelope(mail.sender, recipient, f"test {uuid4()}", now)
        hand_over(server, letter(envelope, SUBJECT, [[WORDS]]), recipient)


def try_webhook(alerts: AlertConfig, now: datetime) -> None:
    """Call the webhook with a document of type "test".

    Raises:
        ConfigError: no webhook is set.
        CallError: it was not reached, or did not answer with 2xx.
    """
    if not alerts.webhook_url.get_secret_value():
        raise ConfigError("no webhook is set; give alerts.webhook_url and alerts.webhook_secret")
    call(alerts, f"test_{uuid4()}", document({"type": "test", "summary": WORDS, "at": now.isoformat()}), now)


def look_at_server(mail: MailConfig) -> str:
    """Connect, sign in and leave without sending; return what was found in words.

    Raises:
        MailError: what is wrong with the server or its settings, in one line.
    """
    with mail_server(mail.model_copy(update={"timeout_s": min(mail.timeout_s, LOOK_TIMEOUT_S)})) as server:
        server.noop()
    signed_in = f", signed in as {mail.username}" if mail.username else ", without a password"
    return f"{mail.host}:{mail.server_port} answers ({mail.security}{signed_in})"
