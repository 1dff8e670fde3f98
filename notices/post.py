"""Handing mails to the server: TLS is verified, and every trouble becomes one line that says what to do."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from footfall.config_notices import MailConfig
from footfall.errors import FootfallError

SEVEN_BIT = SMTP.clone(cte_type="7bit")
ACCEPTED = (250, 251, 252)


class MailError(FootfallError):
    """The mail server cannot be reached, or refuses; nothing was taken."""


class RefusedError(MailError):
    """The server refuses this mail; `for_good` says that trying again is of no use."""

    def __init__(self, message: str, *, for_good: bool) -> None:
        super().__init__(message)
        self.for_good = for_good


class UnsureError(MailError):
    """The connection broke while the server took the mail: it may or may not arrive."""


@contextmanager
def mail_server(mail: MailConfig) -> Iterator[smtplib.SMTP]:
    """Give a connection to the server of the settings, encrypted and signed in as they say.

    Raises:
        MailError: it cannot be reached, its certificate is not trusted, or it refuses the password.
    """
    where = f"mail server {mail.host}:{mail.server_port}"
    if not mail.host:
        raise MailError("no mail server is set; give mail.host")
    if mail.username and not mail.password.get_secret_value():
        raise MailError("mail.username has no password; give it in FOOTFALL_MAIL__PASSWORD, or leave out the username")
    with _told(where, mail):
        server = _connected(mail)
    try:
        with _told(where, mail):
            if mail.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if mail.username:
                server.login(mail.username, mail.password.get_secret_value())
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def hand_over(
    server: smtplib.SMTP, message: EmailMessage, recipient: str, about_to: Callable[[], None] = lambda: None
) -> None:
    """Give one mail to the server; `about_to` is called when everything but the mail itself was accepted.

    Raises:
        RefusedError: the server does not take it.
        UnsureError: it is not known whether the server took it; only after `about_to` was called.
        MailError: the connection broke before.
    """
    content = message.as_bytes(policy=SEVEN_BIT)
    try:
        server.ehlo_or_helo_if_needed()
        _accepted(server.mail(parseaddr(str(message["From"]))[1]), "the sender")
        _accepted(server.rcpt(recipient), f"the recipient {recipient}")
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(f"the mail server broke off: {_said(error)}; it is tried again") from None
    about_to()
    try:
        _accepted(server.data(content), "the mail")
    except smtplib.SMTPDataError as error:
        _accepted((error.smtp_code, _bytes(error.smtp_error)), "the mail")
    except (smtplib.SMTPException, OSError) as error:
        raise UnsureError(f"the connection broke while the server took the mail: {_said(error)}") from None


def _connected(mail: MailConfig) -> smtplib.SMTP:
    if mail.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(mail.host, mail.server_port, timeout=mail.timeout_s, context=context)
    return smtplib.SMTP(mail.host, mail.server_port, timeout=mail.timeout_s)


@contextmanager
def _told(where: str, mail: MailConfig) -> Iterator[None]:
    """Raise MailError with advice for whatever connecting and signing in raise."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        said = _text(error.smtp_error)
        raise MailError(
            f"{where}: refuses username or password ({said}); check both, or make a password for programs"
        ) from None
    except smtplib.SMTPNotSupportedError as error:
        raise MailError(f"{where}: {_not_supported(error, mail)}") from None
    except ssl.SSLCertVerificationError as error:
        raise MailError(
            f"{where}: its certificate is not trusted ({error.verify_message}); write the name that it is for as "
            "mail.host, or name the file of your own authority in SSL_CERT_FILE"
        ) from None
    except ssl.SSLError:
        raise MailError(f"{where}: speaks no TLS there; {_matching(mail)}") from None
    except smtplib.SMTPServerDisconnected as error:
        raise MailError(f"{where}: broke off ({_said(error)}); {_matching(mail)}") from None
    except socket.gaierror:
        raise MailError(f"{where}: there is no such host; check mail.host and the name server") from None
    except TimeoutError:
        raise MailError(
            f"{where}: does not answer within {mail.timeout_s:g} s; check port, firewall and {_matching(mail)}"
        ) from None
    except ConnectionRefusedError:
        raise MailError(f"{where}: nothing listens there; check mail.host and mail.port") from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(f"{where}: {_said(error)}; check mail.host and mail.port") from None


def _not_supported(error: smtplib.SMTPNotSupportedError, mail: MailConfig) -> str:
    if "STARTTLS" in str(error):
        return f"offers no STARTTLS; {_matching(mail)}"
    return "takes no password there; check mail.port and mail.security, or leave out mail.username"


def _matching(mail: MailConfig) -> str:
    return f'mail.security, which is "{mail.security}": "starttls" usually goes with port 587, "tls" with 465'


def _accepted(answer: tuple[int, bytes], what: str) -> None:
    code, said = answer
    if code not in ACCEPTED:
        advice = "check the address" if code >= 500 else "it is tried again"
        raise RefusedError(f"the mail server refuses {what}: {code} {_text(said)}; {advice}", for_good=code >= 500)


def _said(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__


def _text(said: bytes | str) -> str:
    return " ".join((said.decode("utf-8", "replace") if isinstance(said, bytes) else said).split())[:200]


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()
