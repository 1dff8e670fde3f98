"""What a worker process is told when it starts: over its standard input, never on its command line."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from footfall.config import Config
from footfall.errors import ConfigError
from footfall.types import OutageReason
from ingest.live.outages import Trouble
from ingest.live.reader import Connection
from ingest.live.settled import settled_config
from ingest.live.worker import NewPipeline


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """The parts of a worker that depend on the settings: how to reach the camera and what to do with its frames."""

    connect: Callable[[], Connection]
    new_pipeline: NewPipeline


SetUp = Callable[[Config, str], WorkerSetup]
"""Called in the worker's process with the settings and the camera's name; loads the models."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One worker's task. `set_up` names a `SetUp` as 'module:function'; `settings` hold passwords in the clear.

    Two assignments that are equal need no restart of the worker between them.
    """

    camera_id: str
    set_up: str
    settings: str

    @classmethod
    def of(cls, config: Config, camera_id: str, set_up: str) -> Assignment:
        """Return the task for one camera of `config`: what no worker or only others need is left out of it."""
        relevant = {
            "cameras": {camera_id: config.camera(camera_id).model_dump()},
            "sites": {config.site_of(camera_id): {}},
            "report": {"age_group_starts": config.report.age_group_starts},
            "reid": {"mode": config.reid.mode, "model": config.reid.model},
            **{name: getattr(config, name).model_dump() for name in ("detector", "visits", "attributes", "service")},
        }
        return cls(camera_id, set_up, json.dumps(relevant, default=_plain, sort_keys=True))

    def to_line(self, before: Trouble | None = None) -> bytes:
        """Return one line for the worker's standard input; `before` says why nobody watched just now."""
        told = None if before is None else [before.reason.value, before.detail]
        return json.dumps([self.camera_id, self.set_up, self.settings, told]).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> tuple[Assignment, Trouble | None]:
        """Return the assignment and what was before from a line of `to_line`."""
        camera_id, set_up, settings, told = json.loads(line)
        return cls(camera_id, set_up, settings), None if told is None else Trouble(OutageReason(told[0]), told[1])

    def config(self) -> Config:
        """Return the settings, checked again.

        Raises:
            ConfigError: they are not settings.
        """
        return settled_config(json.loads(self.settings))

    def load(self) -> SetUp:
        """Return the function that `set_up` names.

        Raises:
            ConfigError: there is none of this name.
        """
        module, _, name = self.set_up.partition(":")
        try:
            found: SetUp = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise ConfigError(f"{self.set_up}: no such worker set-up: {error}") from None
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be told to a worker")
