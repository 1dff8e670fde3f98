"""The Redis server between the boxes: asked whether it keeps things in memory only, then written to and read.

A day of a site is one stream, and the first entry of it says by its id whether the server still remembers the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, OutOfMemoryError, RedisError, ResponseError
from redis.retry import Retry

CONNECT_WITHIN_S, ANSWER_WITHIN_S = 1.0, 1.5
AT_ONCE = 500  # entries read or written in one message
SETTINGS = ("save", "appendonly", "maxmemory", "maxmemory-policy")
CAMERA, SEALED = b"c", b"s"
BEGINNING = b"0-0"
Entry = tuple[str, bytes]
"""A camera and what was sealed for it."""


class SharingError(Exception):
    """The boxes cannot share for now; the message says why, and what to do where somebody has to."""


class SharedMemory:
    """One connection to the server at `url` (redis:// or rediss://), made when it is first needed."""

    def __init__(self, url: str) -> None:
        retry = Retry(NoBackoff(), 0)  # the next round is the next attempt
        self._client: Any = redis.Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_WITHIN_S,
            socket_timeout=ANSWER_WITHIN_S,
            retry=retry,
            protocol=2,
            client_name="mall-footfall",
        )

    def require_memory_only(self) -> None:
        """Make sure that the server writes nothing to a disk, copies nothing elsewhere, and forgets nothing by itself.

        Raises:
            SharingError: it does, does not say, or does not answer.
        """
        with _said_plainly():
            asked = self._client.pipeline(transaction=False)
            for name in SETTINGS:
                asked.config_get(name)
            asked.info("replication")
            *settings, replication = asked.execute(raise_on_error=False)
            for answer in (*settings, replication):
                if isinstance(answer, Exception) and not isinstance(answer, ResponseError):
                    raise answer
        answers = zip(SETTINGS, settings, strict=True)
        found = {name: str(answer[name]) for name, answer in answers if isinstance(answer, dict) and name in answer}
        if len(found) < len(SETTINGS) or not isinstance(replication, dict):
            raise SharingError(
                "Redis does not say whether it keeps things in memory only; allow its user CONFIG GET and INFO"
            )
        if why := _why_not_memory_only(found, replication):
            raise SharingError(why)

    def first(self, key: str) -> tuple[bytes, Entry] | None:
        """Return the day's first entry with its id, None where the server knows nothing of it."""
        with _said_plainly():
            found = self._client.xrange(key, count=1)
        return (found[0][0], _entry(found[0][1])) if found else None

    def after(self, key: str, last_id: bytes) -> list[tuple[bytes, Entry]]:
        """Return up to AT_ONCE entries that came after `last_id`, with their ids."""
        with _said_plainly():
            found = self._client.xread({key: last_id}, count=AT_ONCE)
        return [(one, _entry(fields)) for one, fields in found[0][1]] if found else []

    def put(self, key: str, entries: Sequence[Entry], until: datetime) -> None:
        """Add all or none of `entries`; whatever happens, the server forgets the day at `until` of its own clock."""
        with _said_plainly():
            together = self._client.pipeline(transaction=True)
            for camera_id, sealed in entries:
                together.xadd(key, {CAMERA: camera_id, SEALED: sealed})
            together.expireat(key, until)
            together.execute()

    def forget(self, key: str) -> None:
        """Delete a day."""
        with _said_plainly():
            self._client.delete(key)

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def _entry(fields: dict[bytes, bytes]) -> Entry:
    return fields.get(CAMERA, b"").decode(errors="replace"), fields.get(SEALED, b"")


def _why_not_memory_only(settings: dict[str, str], replication: dict[str, Any]) -> str:
    if settings["save"].strip():
        return f'Redis writes what it holds to its disk (save "{settings["save"]}"); set save "" in redis.conf'
    if settings["appendonly"] != "no":
        return f"Redis writes a log of what it is told (appendonly {settings['appendonly']}); set appendonly no"
    if replication.get("role") != "master" or int(replication.get("connected_slaves", 0)):
        return "Redis copies what it holds to or from another server; use one without replicas"
    if settings["maxmemory"] != "0" and settings["maxmemory-policy"] != "noeviction":
        return (
            f"Redis drops entries when it is full (maxmemory-policy {settings['maxmemory-policy']}); "
            "set maxmemory-policy noeviction"
        )
    return ""


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Turn whatever the client raises into a SharingError."""
    try:
        yield
    except OutOfMemoryError:
        raise SharingError("Redis is full; raise its maxmemory") from None
    except AuthenticationError:
        raise SharingError("Redis refuses user or password; check sharing.redis_url") from None
    except (RedisError, OSError) as error:
        raise SharingError(f"Redis does not answer: {error}") from None
