"""What the pages work with, handed over once by whoever starts the server (or by a test)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from dashboard.accounts.door import Door
from dashboard.accounts.sessions import Sessions
from dashboard.numbers.ground import Ground, lay, utc_now
from dashboard.serving.setup_look import Looks, NewPipeline
from footfall.config import Config


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts that pages share.

    `config_path` is the file that the settings were read from; `new_pipeline` makes what looks through a camera.
    """

    config: Config
    engine: Engine
    sessions: Sessions
    door: Door
    clock: Callable[[], datetime] = utc_now
    config_path: Path | None = None
    new_pipeline: NewPipeline | None = None
    looks: Looks = field(default_factory=Looks)


_wired: list[Wiring] = []


def wire(wiring: Wiring) -> None:
    """Make `wiring` what `wired` returns; Streamlit runs the pages itself, so that nothing can be passed in."""
    _wired[:] = [wiring]
    lay(Ground(wiring.config, wiring.engine, wiring.clock))


def address(path: str) -> str:
    """Return `path` of this server as a browser has to ask for it: below the path that a proxy hands on."""
    return wired().config.dashboard.base_path + path


def wired() -> Wiring:
    """Return what `wire` was given."""
    if not _wired:
        raise RuntimeError("the dashboard was started without its parts; start it with `footfall dashboard`")
    return _wired[0]
