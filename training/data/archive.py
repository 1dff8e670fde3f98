"""Images straight from tar archives, so that a data set is never unpacked."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from footfall.errors import DataError
from footfall.types import ImageArray

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")


def data_directory() -> Path:
    """Return where the data sets lie: `FOOTFALL_DATA`, or `../shared/data` beside the project."""
    named = os.environ.get("FOOTFALL_DATA")
    return Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"


def find_archives(pattern: str, directory: Path | None = None) -> tuple[Path, ...]:
    """Return the archives in `directory` whose name matches the glob `pattern`, sorted.

    Raises:
        DataError: there is none.
    """
    directory = directory or data_directory()
    found = tuple(sorted(directory.glob(pattern)))
    if not found:
        raise DataError(f"no {pattern} in {directory}; put the archives there or set FOOTFALL_DATA")
    return found


def decode_image(content: bytes, name: str) -> ImageArray:
    """Return the picture in `content` as uint8 (H, W, 3) BGR.

    Raises:
        DataError: it is no picture; the message names the file.
    """
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if image is None:
        raise DataError(f"{name} is not a readable picture; remove it or fetch the data set again")
    return np.asarray(image, np.uint8)


def list_images(archives: Iterable[Path]) -> list[str]:
    """Return the names of all pictures in `archives`, in archive order, without decoding any."""
    return [name for name, _ in _members(archives, read=False)]


def read_images(archives: Iterable[Path], skip: Sequence[str] = ()) -> Iterator[tuple[str, ImageArray]]:
    """Yield name and picture (uint8 (H, W, 3) BGR) of every image in `archives` that is not in `skip`.

    Raises:
        DataError: an archive or a picture cannot be read.
    """
    left_out = frozenset(skip)
    for name, content in _members(archives, read=True):
        if name not in left_out:
            yield name, decode_image(content, name)


def _members(archives: Iterable[Path], read: bool) -> Iterator[tuple[str, bytes]]:
    for archive in archives:
        try:
            with tarfile.open(archive) as tar:
                for member in tar:
                    if member.isfile() and member.name.lower().endswith(IMAGE_SUFFIXES):
                        stream = tar.extractfile(member) if read else None
                        yield member.name.removeprefix("./"), stream.read() if stream else b""
        except (tarfile.TarError, OSError) as error:
            raise DataError(f"cannot read the archive {archive}: {error}") from error
