"""What goes to the workers and what comes back: settings and orders there, a few numbers here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from app.cluster.place import absolute_database
from app.order_counting import How
from footfall import __version__
from footfall.config import Config
from footfall.config_notices import AlertConfig, MailConfig
from footfall.config_services import ApiConfig, DashboardConfig, MqttConfig
from footfall.errors import FootfallError

# Where the user's own networks lie, on every machine (inference.manifest).
SHARED_NAMES = ("FOOTFALL_CONFIG", "FOOTFALL_MODELS_DIR")


class UnfitError(FootfallError):
    """This machine cannot count as the one that asks would; others may."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What all recordings of one call share. `networks` is the version that must count them, `program` likewise."""

    config: Config = field(repr=False)
    how: How
    networks: str
    environment: Mapping[str, str]
    program: str = __version__
    call: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the order `number`: `row` is what it gave (app.counted_rows), `reason` why it gave nothing.

    `left_out` says that it was stored before. `began` and `footage_s` are of the footage. `unfit` says that the machine
    `node` could not even begin.
    """

    number: int
    row: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""
    began: datetime | None = None
    footage_s: float = 0.0
    left_out: bool = False
    reason: str = ""
    unfit: bool = False
    node: str = ""


def errand_for(config: Config, cameras: Iterable[str], how: How, networks: str) -> Errand:
    """Return the errand for recordings of `cameras`: with the secret of the database, and no other of `config`."""
    needed = {
        name: config.camera(name).model_copy(
            update={"source": "recordings", "username": "", "password": SecretStr(""), "site": config.site_of(name)}
        )
        for name in cameras
    }
    reduced = config.model_copy(
        update={
            "database_url": SecretStr(absolute_database(config.database_url.get_secret_value())),
            "cameras": needed,
            "mail": MailConfig(),
            "alerts": AlertConfig(),
            "mqtt": MqttConfig(),
            "api": ApiConfig(),
            "dashboard": DashboardConfig(),
        }
    )
    environment = {name: os.environ[name] for name in SHARED_NAMES if name in os.environ}
    return Errand(reduced, how, networks, environment)
