"""Recordings where they lie: paths are read in place, addresses like s3://bucket/a.mp4 are fetched for the time of use.

`fsspec` fetches, with the settings and the environment that it and its packages (s3fs, gcsfs, adlfs) have themselves.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.extras import require_extra
from app.orders import Order, is_address
from footfall.errors import FootfallError, SourceError
from ingest.sources.images import list_images


def name_of(file: str) -> str:
    """Return the name that a recording is stored under: the last part of its path or address."""
    return file.rstrip("/").rpartition("/")[2] if is_address(file) else Path(file).name


def length_of(file: str) -> int | None:
    """Return how long a recording is without reading it: bytes of a file, images of a folder; None when nobody says.

    Raises:
        ConfigError: `fsspec` is missing.
        SourceError: the storage does not answer or has no such file.
    """
    if is_address(file):
        with _explained(file):
            storage, place = _storage(file)
            size = storage.size(place)
            return None if size is None else int(size)
    path = Path(file)
    try:
        return len(list_images(path)) if path.is_dir() else path.stat().st_size
    except OSError:
        return None  # who opens it says why


def longest_first(orders: Iterable[Order]) -> list[Order]:
    """Return `orders` so that, counted side by side, none is still at work alone for long when the others have ended.

    Files of unknown length, at addresses or where only other machines see them, come before the others.
    """

    def length(order: Order) -> float:
        known = None if is_address(order.file) else length_of(order.file)
        return math.inf if known is None else known

    return sorted(orders, key=length, reverse=True)


@contextmanager
def at_hand(file: str) -> Iterator[Path]:
    """Give the path of a recording: its own, or that of a copy of the address, which is gone after the block.

    On Linux the copy has no name in any folder, so that it goes with the process, also when that is killed.

    Raises:
        ConfigError: `fsspec` is missing.
        SourceError: the storage does not answer or has no such file; errors of the block name the address.
    """
    if not is_address(file):
        yield Path(file)
        return
    with tempfile.TemporaryDirectory(prefix="footfall-") as folder, tempfile.TemporaryFile() as nameless:
        path = Path(folder) / name_of(file)
        if Path("/proc/self/fd").is_dir():  # elsewhere it lies in the folder
            path.symlink_to(f"/proc/{os.getpid()}/fd/{nameless.fileno()}")
        with _explained(file):
            storage, place = _storage(file)
            storage.get_file(place, str(path))
        try:
            yield path
        except FootfallError as error:
            raise type(error)(str(error).replace(str(path), _named(file))) from error


def _named(file: str) -> str:
    """Return how messages name an address: of the address itself, whatever may hide a secret is masked."""
    return f"{name_of(file)} at {file}"


def _storage(file: str) -> tuple[Any, str]:
    """Return the storage of an address, and the place in it."""
    from fsspec.core import url_to_fs

    storage, place = url_to_fs(file)
    return storage, str(place)


@contextmanager
def _explained(file: str) -> Iterator[None]:
    """Turn whatever a storage raises into one sentence; packages of storages have their own kinds of errors."""
    require_extra("ray", "fsspec")
    try:
        yield
    except FileNotFoundError:
        raise SourceError(f"{_named(file)}: no such file; check the address") from None
    except ImportError as error:  # fsspec says which package reads this kind of address
        raise SourceError(f"{_named(file)}: {error}") from None
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(
            f"{_named(file)}: cannot be fetched ({reason}); check the address and who may read it"
        ) from None
