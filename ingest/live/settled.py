"""Settings as a worker gets them from the supervisor: whole, whatever the environment of the worker says."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from footfall.config import Config
from footfall.config_errors import explain
from footfall.errors import ConfigError


class _SettledConfig(Config):
    """Settings that were put together before: no other source has a say any more."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is handed over and nothing from the environment, which was asked before."""
        return (init_settings,)


def settled_config(values: dict[str, Any]) -> Config:
    """Return settings from the plain `values` of another process's Config, whatever the environment says here.

    Raises:
        ConfigError: they are not settings.
    """
    try:
        return _SettledConfig(**values)
    except ValidationError as error:
        raise ConfigError(explain(error, Config, "settings of the worker")) from None
