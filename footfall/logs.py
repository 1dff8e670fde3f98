"""Structured logs as text or JSON, with credentials masked in whatever anybody logs, libraries included."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterable, MutableMapping
from types import TracebackType
from typing import Any, Literal
from urllib.parse import quote

import structlog

from footfall.config import Config
from footfall.secrets import MASK, mask_text, secrets_in

SHORTEST_SECRET = 3


class SecretMasker:
    """A structlog processor that replaces URLs' credentials and every known secret, however deep it is nested."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted({item for item in secrets if len(item) >= SHORTEST_SECRET}, key=len, reverse=True)

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Mask every value of `event`."""
        del logger, method
        return {key: self.masked(value) for key, value in event.items()}

    def masked(self, value: Any) -> Any:
        """Return `value`, a text or what holds texts, with the secrets in it masked."""
        if isinstance(value, str):
            for secret in self._secrets:  # first, while an address that holds blanks is still whole
                value = value.replace(secret, MASK)
            return mask_text(value)
        if isinstance(value, dict):
            return {key: self.masked(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.masked(item) for item in value]
        return value if isinstance(value, int | float | None) else self.masked(str(value))


def secrets_of(config: Config) -> list[str]:
    """Return what no log may show: passwords, and whatever the addresses of cameras and database may hold of them."""
    found = [camera.password.get_secret_value() for camera in config.cameras.values()]
    found += [config.mqtt.password.get_secret_value(), config.sharing.secret.get_secret_value()]
    found += [config.mail.password.get_secret_value(), config.alerts.webhook_secret.get_secret_value()]
    found += [quote(password, safe="") for password in found]
    hidden = (config.database_url, config.sharing.redis_url, config.alerts.webhook_url)
    addresses = [url.get_secret_value() for url in hidden]
    for url in (*addresses, *(camera.source for camera in config.cameras.values())):
        found += secrets_in(url)
    names = {*config.sites, *config.cameras}  # known to be harmless, and every line of a log says them
    return [secret for secret in found if secret not in names]


def log_as_set(config: Config) -> None:
    """Send this process's logs where and how `config` says."""
    configure_logging(config.service.log_format, config.service.log_level, secrets_of(config))


def configure_logging(
    log_format: Literal["text", "json"] = "text", level: str = "info", secrets: Iterable[str] = ()
) -> None:
    """Send all logs of this process, those of libraries too, to standard error, one line each."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_text = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if log_format == "json" else as_text
    final: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        SecretMasker(secrets),
        renderer,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=final, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    sys.excepthook = _log_last_words
    threading.excepthook = lambda found: _log_last_words(found.exc_type, found.exc_value, found.exc_traceback)
    for talkative in ("alembic", "aiobotocore", "botocore"):  # say at every opening which database, keys or address
        logging.getLogger(talkative).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=False,
    )


def _log_last_words(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Log what ends a program or a thread: the interpreter's own last words mask nothing."""
    told = error or kind()
    logging.getLogger("footfall").critical("broke off", exc_info=(kind, told, trace))
