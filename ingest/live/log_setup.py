"""Logs as the settings want them, with everything masked that the settings keep secret."""

from __future__ import annotations

from urllib.parse import quote, unquote

from footfall.config import Config
from footfall.logs import configure_logging
from footfall.secrets import LOCAL_SCHEMES, parted

SHORTEST_TOKEN = 12  # a part of a path; "stream" is a word of every log


def secrets_of(config: Config) -> list[str]:
    """Return what no log may show: passwords, and whatever the addresses of cameras and database may hold of them."""
    found = [camera.password.get_secret_value() for camera in config.cameras.values()]
    found += [quote(password, safe="") for password in found]
    for url in (config.database_url.get_secret_value(), *(camera.source for camera in config.cameras.values())):
        found += _secrets_in(url)
    names = {*config.sites, *config.cameras}  # known to be harmless, and every line of a log says them
    return [secret for secret in found if secret not in names]


def log_as_set(config: Config) -> None:
    """Send this process's logs where and how `config` says."""
    configure_logging(config.service.log_format, config.service.log_level, secrets_of(config))


def _secrets_in(url: str) -> list[str]:
    """Return what `url` holds of secrets, as written and as meant: itself, password, query values, long path parts."""
    scheme, separator, _ = url.partition("://")
    if not separator or scheme.lower() in LOCAL_SCHEMES:
        return []
    authority, rest = parted(url)
    password = authority.rpartition("@")[0].partition(":")[2]
    path, _, query = rest.partition("?")
    tokens = [part for part in path.split("/") if len(part) >= SHORTEST_TOKEN]
    found = [url, password, *(pair.partition("=")[2] for pair in query.split("&")), *tokens]
    return [*found, *map(unquote, found)]
