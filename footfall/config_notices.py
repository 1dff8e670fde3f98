"""The tables of the settings file for what is told unasked: the mail server, who gets what, alerts, the webhook."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from footfall.config_sections import Section
from footfall.config_values import ReportTime

ADDRESS_PATTERN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
SENDER_PATTERN = re.compile(r"(?:(?P<name>[^<>@\"\r\n]*)<(?P<address>[^<>\s]+)>|(?P<bare>\S+))")
USUAL_PORTS = {"starttls": 587, "tls": 465, "none": 25}
SHORTEST_SIGNING_SECRET = 16
SECRET_PREFIX = "whsec_"


def is_own_computer(host: str) -> bool:
    """Return whether `host` is this computer itself, so that what is sent there meets nobody on the way."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_sender(text: str) -> tuple[str, str]:
    """Return name and address of a sender like "Mall, Inc. <footfall@example.com>"; the name may be empty."""
    found = SENDER_PATTERN.fullmatch(text)
    if found is None:
        return "", text
    return (found["name"] or "").strip(), found["address"] or found["bare"]


def _check_address(text: str) -> str:
    if ADDRESS_PATTERN.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no mail address; write it like name@example.com")
    return text


def _check_sender(text: str) -> str:
    if text:
        name, address = split_sender(text)
        _check_address(address)
        if not name.isprintable():
            raise ValueError(f"{text!r} has a line break or another control character; leave it out")
    return text


Address = Annotated[str, AfterValidator(_check_address)]
Addresses = tuple[Address, ...]
Sender = Annotated[str, AfterValidator(_check_sender)]


class MailSiteConfig(Section):
    """Who gets the mails about one site; what is left out is as for every site."""

    reports_to: Addresses | None = None
    alerts_to: Addresses | None = None


class MailConfig(Section):
    """The server that takes mails, and who gets the daily report and the alerts."""

    host: str = ""
    port: int = Field(default=0, ge=0, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: Sender = ""
    timeout_s: float = Field(default=30.0, ge=1, le=60)
    reports_to: Addresses = ()
    reports_at: ReportTime | None = None
    attach_csv: bool = True
    revisions: bool = True
    alerts_to: Addresses = ()
    sites: dict[str, MailSiteConfig] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_send(self) -> Self:
        tables = self.sites.values()
        wanted = (
            self.reports_to,
            self.alerts_to,
            *(one.reports_to for one in tables),
            *(one.alerts_to for one in tables),
        )
        if any(wanted) and not self.host:
            raise ValueError("mails are wanted, but no host is named: say which server takes them")
        if self.host and not self.sender:
            raise ValueError('sender is missing: say whom the mails are from, like "Footfall <footfall@example.com>"')
        if re.search(r"[\s/@]|://", self.host):
            raise ValueError(f"host {self.host!r} is no name of a server; write it like smtp.example.com")
        secret = self.password.get_secret_value()
        if secret and not self.username:
            raise ValueError("password is given without username; give both, or none")
        if secret and self.security == "none" and not is_own_computer(self.host):
            raise ValueError('security = "none" would send the password in clear; use "starttls" or "tls"')
        return self

    @property
    def server_port(self) -> int:
        """The port that is called: the one that is set, else the usual one of `security`."""
        return self.port or USUAL_PORTS[self.security]

    def report_recipients(self, site: str) -> Addresses:
        """Return who gets the daily report of `site`."""
        own = self.sites.get(site, MailSiteConfig()).reports_to
        return self.reports_to if own is None else own

    def alert_recipients(self, site: str) -> Addresses:
        """Return who gets the alerts of `site`."""
        own = self.sites.get(site, MailSiteConfig()).alerts_to
        return self.alerts_to if own is None else own


class AlertConfig(Section):
    """When something is told as an alert, for how long telling it is tried, and the webhook that is called."""

    after_minutes: int = Field(default=5, ge=2, le=60)
    give_up_days: int = Field(default=3, ge=1, le=14)
    webhook_url: SecretStr = SecretStr("")
    webhook_secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _can_call(self) -> Self:
        url = self.webhook_url.get_secret_value()
        if url:
            _check_webhook(url)
            _check_secret(self.webhook_secret.get_secret_value())
        return self

    def signing_key(self) -> bytes:
        """Return the key that calls of the webhook are signed with: what follows whsec_ in base64, else the text."""
        secret = self.webhook_secret.get_secret_value()
        if secret.startswith(SECRET_PREFIX):
            return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        return secret.encode()


def _check_webhook(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password or not _is_plain(url):
        raise ValueError("webhook_url is no address like https://example.com/hook (without user and password)")
    if parts.scheme == "http" and not is_own_computer(host):
        raise ValueError("webhook_url: anybody on the way could read it; use https, or http on this computer only")


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _check_secret(secret: str) -> None:
    if len(secret) < SHORTEST_SIGNING_SECRET:
        raise ValueError(
            f"webhook_secret is missing or shorter than {SHORTEST_SIGNING_SECRET} characters; calls are signed with it"
        )
    if secret.startswith(SECRET_PREFIX):
        try:
            base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            raise ValueError("webhook_secret begins with whsec_, and what follows is not base64") from None
