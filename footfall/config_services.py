"""The tables of the settings file for the services around the counting: where they run, listen and send."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from footfall.config_sections import Section
from footfall.secrets import place_of

SHORTEST_SITE_SECRET = 32


def _base_path(text: str) -> str:
    if text and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", text):
        raise ValueError("give the path under which a proxy hands on, like '/footfall': no slash at its end")
    return text


BasePath = Annotated[str, AfterValidator(_base_path)]


class ServiceConfig(Section):
    """Running unattended: this machine's name, where the spool lies, where health is served, how logs look."""

    box: str = Field(default="", max_length=63)
    spool_directory: Path = Path("spool")
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=9468, ge=0, le=65535)
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class ComparisonConfig(Section):
    """Of how much of the opening time, and of how many days of a range, a percentage has to rest to be told."""

    min_observed_share: float = Field(default=0.9, ge=0, le=1)
    min_days_share: float = Field(default=0.75, ge=0, le=1)


class DashboardConfig(Section):
    """Where the dashboard listens, and below which path a proxy hands on to it.

    Without any user it binds to 127.0.0.1 whatever `host` says.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    base_path: BasePath = ""
    session_hours: float = Field(default=12.0, gt=0, le=720)
    lockout_failures: int = Field(default=5, ge=1, le=100)
    lockout_minutes: float = Field(default=15.0, gt=0, le=1440)


def _check_topic(text: str) -> str:
    if re.fullmatch(r"[\w.-]{1,64}(/[\w.-]{1,64}){0,7}", text) is None:
        raise ValueError(f"{text!r} cannot begin a topic; write words like 'footfall' or 'mall/footfall'")
    return text


def _check_origin(text: str) -> str:
    if re.fullmatch(r"https?://[^\s/*?#@]+", text) is None:
        raise ValueError(f"{text!r} is not where a page comes from, like 'https://intranet.example.org'")
    return text


Topic = Annotated[str, AfterValidator(_check_topic)]
Origin = Annotated[str, AfterValidator(_check_origin)]


class ApiConfig(Section):
    """Where programs read the numbers, and how often each of them may ask; `origins` are pages that may read them."""

    host: str = "127.0.0.1"
    port: int = Field(default=8502, ge=1, le=65535)
    requests_per_minute: int = Field(default=120, ge=1, le=100_000)
    origins: tuple[Origin, ...] = ()


class MqttConfig(Section):
    """The broker that today's numbers are sent to; without `host` there is none."""

    host: str = ""
    port: int = Field(default=1883, ge=1, le=65535)
    username: str = ""
    password: SecretStr = SecretStr("")
    tls: bool = False
    ca_file: Path | None = None
    prefix: Topic = "footfall"
    discovery: bool = True
    discovery_prefix: Topic = "homeassistant"
    every_s: float = Field(default=15.0, ge=1, le=3600)

    @model_validator(mode="after")
    def _secrets_are_kept(self) -> Self:
        if self.ca_file is not None and not self.tls:
            raise ValueError("ca_file is for an encrypted connection; set tls = true as well")
        if self.password.get_secret_value() and not self.username:
            raise ValueError("a password needs a username")
        return self


class SharingConfig(Section):
    """Boxes of one site compare their visits with each other through a Redis server; without `redis_url` each is alone.

    `secret` is the same on all of them; the key of each day is derived from it.
    """

    redis_url: SecretStr = SecretStr("")
    secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _both_are_there(self) -> Self:
        url, secret = self.redis_url.get_secret_value(), self.secret.get_secret_value()
        if not url:
            return self
        if re.match(r"rediss?://", url) is None or not place_of(url):
            raise ValueError(
                "redis_url: write it like rediss://:PASSWORD@192.0.2.30:6379/0, signs in the password percent-encoded"
            )
        if len(secret) < SHORTEST_SITE_SECRET:
            raise ValueError(
                f"secret: give all boxes of the site the same one of at least {SHORTEST_SITE_SECRET} characters, as "
                "`openssl rand -hex 32` makes them"
            )
        return self
