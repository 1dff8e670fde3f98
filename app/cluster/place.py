"""Where recordings are counted: a Ray cluster, or a Ray of this machine's cores that ends with the command."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from footfall.config import Config
from footfall.errors import ConfigError

LOCAL = "local"
CLUSTER = re.compile(r"ray://[^\s/@]+:\d{1,5}")
# Results are small and pictures never leave a worker; Ray would take a third of the memory.
OBJECT_STORE_BYTES = 128 * 2**20
CONNECTIONS = 5
# Ray 2.60 forks a server for each client amid the threads of gRPC, and on a busy head one in twenty dies at birth; the
# head says so in a ConnectionAbortedError. A head that is silent for half a minute is not asked again.
BORN_DEAD = ConnectionAbortedError


def require_place(place: str, config: Config) -> None:
    """Make sure that `place` is one, and that its machines can share the database of `config`.

    Raises:
        ConfigError: it is none, or several machines would share a file.
    """
    if place == LOCAL:
        return
    if not CLUSTER.fullmatch(place):
        raise ConfigError(f"--on {place!r}: write ray://HEAD:10001, the port being that of Ray Client, or local")
    url = config.database_url.get_secret_value()
    if url.startswith("sqlite"):
        raise ConfigError(
            "--on ray://: the machines of a cluster cannot share an SQLite file; set database_url to PostgreSQL "
            "(docs/data-model.md), or count on the cores of this machine with --on local"
        )


def absolute_database(url: str) -> str:
    """Return `url` so that it means the same file in whatever folder a worker runs."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return url
    return parsed.set(database=os.path.abspath(parsed.database)).render_as_string(hide_password=False)  # noqa: PTH100


@contextmanager
def connected(place: str, cores: int | None = None) -> Iterator[None]:
    """Be connected to `place` within the block; a local Ray has `cores`, all by default, and ends with the block.

    Raises:
        ConfigError: the cluster does not answer, or runs another version of Ray or Python.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody outside
    import ray

    patience = Retrying(
        retry=retry_if_exception_type(BORN_DEAD),
        stop=stop_after_attempt(CONNECTIONS),
        wait=wait_random_exponential(multiplier=0.5, max=5),
        reraise=True,
    )
    try:
        if place == LOCAL:
            ray.init(
                address=LOCAL,
                num_cpus=cores,
                include_dashboard=False,
                object_store_memory=OBJECT_STORE_BYTES,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        else:
            patience(ray.init, place, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:  # Ray raises bare exceptions, also where a machine is too busy to start it in 30 s
        ray.shutdown()
        reason = " ".join(str(error).split())[:300]
        raise ConfigError(
            f"--on {place}: no Ray answers there ({reason}); check the address, that the cluster runs and is not too "
            f"busy, that it has the Ray {ray.__version__} and the Python of this machine, and that RAY_AUTH_MODE "
            "and its token are those of the cluster"
        ) from None
    try:
        yield
    finally:
        ray.shutdown()
