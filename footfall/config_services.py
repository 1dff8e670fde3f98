"""The tables of the settings file for the services around the counting: where they run, listen and send."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from footfall.config_sections import Section


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
    """Where the dashboard listens. Without any user it binds to 127.0.0.1 whatever `host` says."""

    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    session_hours: float = Field(default=12.0, gt=0, le=720)
    lockout_failures: int = Field(default=5, ge=1, le=100)
    lockout_minutes: float = Field(default=15.0, gt=0, le=1440)
