"""Settings: a TOML file, overridden by environment names, checked as a whole before anything starts.

Every setting has an environment name: `FOOTFALL_` and the path in capitals, joined by two underscores
(`[visits] min_hits` is `FOOTFALL_VISITS__MIN_HITS`, `[cameras.north-east] password` is
`FOOTFALL_CAMERAS__NORTH_EAST__PASSWORD`); `database_url` at the top is `FOOTFALL_DATABASE_URL`. `FOOTFALL_CONFIG` names
the file, `FOOTFALL_SECRETS_DIR` a folder of files named like the environment names (Docker or systemd credentials).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from footfall.config_errors import explain, nearest
from footfall.config_notices import AlertConfig, MailConfig
from footfall.config_sections import (
    AttributeConfig,
    CameraConfig,
    DetectorConfig,
    ReidConfig,
    ReportConfig,
    RetentionConfig,
    SiteConfig,
    VisitConfig,
)
from footfall.config_services import (
    ApiConfig,
    ComparisonConfig,
    DashboardConfig,
    MqttConfig,
    ServiceConfig,
    SharingConfig,
)
from footfall.environment_names import names_outside, renamed, require_distinct, unknown_name
from footfall.errors import ConfigError
from footfall.included import Written, read_settings

KEY_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


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
    sharing: SharingConfig = SharingConfig()
    report: ReportConfig = ReportConfig()
    comparison: ComparisonConfig = ComparisonConfig()
    retention: RetentionConfig = RetentionConfig()
    service: ServiceConfig = ServiceConfig()
    dashboard: DashboardConfig = DashboardConfig()
    api: ApiConfig = ApiConfig()
    mqtt: MqttConfig = MqttConfig()
    mail: MailConfig = MailConfig()
    alerts: AlertConfig = AlertConfig()

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
        for name in self.mail.sites:
            if name not in self.sites:
                raise ValueError(f"mail.sites.{name}: no site {name!r}{nearest(name, self.sites)}")
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
    """Read the settings from `path` (TOML), what it includes and the environment; without a file, the latter alone.

    Raises:
        ConfigError: a file is missing or not TOML, or a setting is unknown or out of range; the message names the
            file, the key and, for a typo, the nearest valid one. Also an environment name, or a file in the secrets
            folder, that begins with FOOTFALL_ and is no setting.
    """
    return checked(Written({}) if path is None else read_settings(path), path)


def checked(written: Written, path: Path | None) -> Config:
    """Return what the files of `path` say, with what the environment says before them, as settings.

    Raises:
        ConfigError: a setting is unknown or out of range, as for `load_config`.
    """
    values = written.values
    secrets = os.environ.get("FOOTFALL_SECRETS_DIR")
    if secrets and not Path(secrets).is_dir():
        raise ConfigError(f"FOOTFALL_SECRETS_DIR: {secrets} is not a folder")
    if wrong := unknown_name(names_outside(secrets), Config, values):
        raise ConfigError(f"environment: {wrong}")
    try:
        return Config(_secrets_dir=secrets, **values)
    except ValidationError as error:
        raise ConfigError(explain(error, Config, str(path or "environment"), written.home)) from None
    except SettingsError as error:  # a table given as text that is not JSON
        raise ConfigError(f"environment: {error}") from None
