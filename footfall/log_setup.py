"""Logs as the settings want them, with everything masked that the settings keep secret."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from footfall.config import Config
from footfall.logs import configure_logging


def secrets_of(config: Config) -> list[str]:
    """Return what no log may show: the passwords of cameras and database, and the database's URL as a whole."""
    url = config.database_url.get_secret_value()
    found = [camera.password.get_secret_value() for camera in config.cameras.values()]
    found += [url]
    try:
        written = urlsplit(url).password or ""
    except ValueError:  # not a URL; it is refused where it is opened
        written = ""
    return [*found, written, unquote(written)]


def log_as_set(config: Config) -> None:
    """Send this process's logs where and how `config` says."""
    configure_logging(config.service.log_format, config.service.log_level, secrets_of(config))
