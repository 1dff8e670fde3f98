"""The tables of the settings file for the services around the counting: where they run, listen and send."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from footfall.config_sections import Section


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
