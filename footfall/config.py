"""Settings: a TOML file, overridden by environment names, checked as a whole before anything starts.

Every setting has an environment name: `FOOTFALL_` and the path in capitals, joined by two underscores
(`[visits] min_hits` is `FOOTFALL_VISITS__MIN_HITS`, `[cameras.north-east] password` is
`FOOTFALL_CAMERAS__NORTH_EAST__PASSWORD`); `database_url` at the top is `FOOTFALL_DATABASE_URL`. `FOOTFALL_CONFIG` names
the file, `FOOTFALL_SECRETS_DIR` a folder of files named like the environment names (Docker or systemd credentials).
"""

from __future__ import annotations

import os
import re
import tomllib
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from footfall.config_errors import explain, nearest
from footfall.config_values import Hours, PixelAspect, Point, ReportTime, TimeZone
from footfall.environment_names import renamed, require_distinct
from footfall.errors import ConfigError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KEY_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values cannot change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SiteConfig(Section):
    """One mall: where its days begin and when it is open."""

    label: str = ""
    time_zone: TimeZone = "UTC"
    opening_hours: Hours | dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Hours] = "00:00-24:00"

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)

    def hours_by_weekday(self) -> tuple[str, ...]:
        """Return seven texts, Monday first, each like '09:00-21:00' or 'closed'; days left out are closed."""
        if isinstance(self.opening_hours, str):
            return (self.opening_hours,) * 7
        by_name: dict[str, str] = {str(day): hours for day, hours in self.opening_hours.items()}
        return tuple(by_name.get(name, "closed") for name in WEEKDAYS)


Side = Annotated[int, Field(ge=64, le=4096)]


class CameraConfig(Section):
    """One camera: where its pictures come from and how they are read."""

    source: str = Field(repr=False)
    site: str = ""
    label: str = ""
    entrance: str = ""
    enabled: bool = True
    started_at: datetime | None = None
    pixel_aspect: PixelAspect | None = None
    username: str = Field(default="", repr=False)
    password: SecretStr = SecretStr("")
    max_fps: float = Field(default=10.0, gt=0, le=60)
    working_size: Literal["auto"] | tuple[Side, Side] = "auto"
    line: tuple[Point, Point] | None = None
    ignore: tuple[Annotated[tuple[Point, ...], Field(min_length=3)], ...] = ()
    open_timeout_s: float = Field(default=5.0, gt=0, le=60)
    read_timeout_s: float = Field(default=4.0, gt=0, le=60)

    @model_validator(mode="after")
    def _line_has_length(self) -> Self:
        if self.line is not None and self.line[0] == self.line[1]:
            raise ValueError("line: the two points are the same; give two ends of the counting line")
        return self


class DetectorConfig(Section):
    """Which faces are believed."""

    model: str = "built-in"
    min_score: float = Field(default=0.5, gt=0, lt=1)
    weak_score: float = Field(default=0.2, gt=0, lt=1)


class VisitConfig(Section):
    """What makes a track a visit."""

    min_duration_s: float = Field(default=0.4, ge=0, le=60)
    min_hits: int = Field(default=3, ge=1, le=100)
    sure_score: float = Field(default=0.9, ge=0, lt=1)
    max_gap_s: float = Field(default=2.0, gt=0, le=30)
    static_after_s: float = Field(default=180.0, ge=10, le=86_400)


class AttributeConfig(Section):
    """When gender and age are judged; below these floors the answer is unknown, never a guess."""

    model: str = "built-in"
    gender_min_face_px: float = Field(default=24.0, ge=8, le=512)
    age_min_face_px: float = Field(default=32.0, ge=8, le=512)
    min_quality: float = Field(default=0.25, ge=0, le=1)
    min_gender_confidence: float = Field(default=0.6, ge=0.5, lt=1)
    gender_from_age_years: int = Field(default=13, ge=0, le=100)
    faces_per_visit: int = Field(default=5, ge=1, le=50)


class ReidConfig(Section):
    """By what the visits of a day are compared, to tell who came again; a face template is biometric data."""

    mode: Literal["off", "clothes", "faces"] = "off"
    model: str = "built-in"
    staff_passes: float = Field(default=8.0, ge=2, le=1000)
    staff_in_visits: bool = True
    max_interval_share: float = Field(default=0.25, gt=0, le=2)


class ReportConfig(Section):
    """The daily CSV report."""

    directory: Path = Path("reports")
    time: ReportTime = time(4, 30)
    age_group_starts: tuple[Annotated[int, Field(ge=0, le=120)], ...] = (0, 13, 18, 25, 35, 45, 55, 65)
    small_cell: int = Field(default=0, ge=0, le=1000)

    @model_validator(mode="after")
    def _groups_ascend(self) -> Self:
        starts = self.age_group_starts
        if not starts or starts[0] != 0 or list(starts) != sorted(set(starts)):
            raise ValueError("age_group_starts must begin with 0 and ascend, like [0, 13, 18, 25, 35, 45, 55, 65]")
        return self


class RetentionConfig(Section):
    """How long rows about single visits are kept; daily and hourly totals stay."""

    visits_days: int = Field(default=90, ge=1, le=3650)
    minutes_days: int = Field(default=400, ge=1, le=3650)


class ServiceConfig(Section):
    """Running unattended: this machine's name, where the spool lies, where health is served, how logs look."""

    box: str = Field(default="", max_length=63)
    spool_directory: Path = Path("spool")
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=9468, ge=0, le=65535)
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class DashboardConfig(Section):
    """Where the dashboard listens. Without any user it binds to 127.0.0.1 whatever `host` says."""

    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65535)
    session_hours: float = Field(default=12.0, gt=0, le=720)
    lockout_failures: int = Field(default=5, ge=1, le=100)
    lockout_minutes: float = Field(default=15.0, gt=0, le=1440)


class Config(BaseSettings):
    """Everything the program can be told, with defaults that work."""

    model_config = SettingsConfigDict(
        env_prefix="FOOTFALL_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr = SecretStr("sqlite:///footfall.db")
    sites: dict[str, SiteConfig] = Field(default_factory=lambda: {"main": SiteConfig()})
    cameras: dict[str, CameraConfig] = Field(default_factory=dict)
    detector: DetectorConfig = DetectorConfig()
    visits: VisitConfig = VisitConfig()
    attributes: AttributeConfig = AttributeConfig()
    reid: ReidConfig = ReidConfig()
    report: ReportConfig = ReportConfig()
    retention: RetentionConfig = RetentionConfig()
    service: ServiceConfig = ServiceConfig()
    dashboard: DashboardConfig = DashboardConfig()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then the secrets folder, then the file (handed over by `load_config`)."""
        del dotenv_settings
        secrets = NestedSecretsSettingsSource(file_secret_settings)  # passwords of cameras lie two tables down
        named = init_settings()
        outside = (InitSettingsSource(settings_cls, renamed(source(), named)) for source in (env_settings, secrets))
        return (*outside, init_settings)

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        if not self.sites:
            raise ValueError("sites: at least one site is needed, like [sites.main]")
        for kind, names in (("sites", self.sites), ("cameras", self.cameras)):
            for name in names:
                if not KEY_PATTERN.fullmatch(name):
                    raise ValueError(
                        f"{kind}.{name}: a name is made of a-z, 0-9, '-' and '_'; use label for the shown name"
                    )
            require_distinct(kind, names)
        for name, camera in self.cameras.items():
            if camera.site and camera.site not in self.sites:
                raise ValueError(f"cameras.{name}.site: no site {camera.site!r}{nearest(camera.site, self.sites)}")
            if not camera.site and len(self.sites) > 1:
                raise ValueError(f"cameras.{name}.site: name one of the sites {', '.join(sorted(self.sites))}")
        return self

    def site_of(self, camera_id: str) -> str:
        """Return the key of the site that `camera_id` belongs to."""
        return self.camera(camera_id).site or next(iter(self.sites))

    def camera(self, camera_id: str) -> CameraConfig:
        """Return the settings of `camera_id`.

        Raises:
            ConfigError: no such camera is configured; names the nearest one.
        """
        if camera_id not in self.cameras:
            known = ", ".join(sorted(self.cameras)) or "none"
            raise ConfigError(
                f"no camera {camera_id!r} in the configuration{nearest(camera_id, self.cameras)}; configured: {known}"
            )
        return self.cameras[camera_id]


def load_config(path: Path | None = None) -> Config:
    """Read the settings from `path` (TOML) and the environment; without a file, defaults and environment.

    Raises:
        ConfigError: the file is missing or not TOML, or a setting is unknown or out of range; the message names
            the key and, for a typo, the nearest valid one.
    """
    values: dict[str, Any] = {} if path is None else _read_toml(path)
    secrets = os.environ.get("FOOTFALL_SECRETS_DIR")
    if secrets and not Path(secrets).is_dir():
        raise ConfigError(f"FOOTFALL_SECRETS_DIR: {secrets} is not a folder")
    try:
        return Config(_secrets_dir=secrets, **values)
    except ValidationError as error:
        raise ConfigError(explain(error, Config, str(path or "environment"))) from None
    except SettingsError as error:  # a table given as text that is not JSON
        raise ConfigError(f"environment: {error}") from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; `footfall init` writes one to start from") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
