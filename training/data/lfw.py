"""Labelled Faces in the Wild, deep-funneled, with a table of genders (http://vis-www.cs.umass.edu/lfw/)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from footfall.errors import DataError
from footfall.types import ImageArray
from training.data.archive import read_images


@dataclass(frozen=True, slots=True)
class LfwFace:
    """One photograph with a centred face. `image` is uint8 (250, 250, 3) BGR; `female` None where nobody said."""

    name: str
    person: str
    female: bool | None
    image: ImageArray


def read_genders(table: Path) -> dict[str, bool]:
    """Return file name → is female from a CSV with the columns `file` and `gender` (0 male, 1 female).

    Raises:
        DataError: the table cannot be read, or a row carries another value; the message names the file.
    """
    genders: dict[str, bool] = {}
    try:
        with table.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                if row.get("file") is None or row.get("gender") not in ("0", "1"):
                    raise DataError(f"{table}: {row.get('file')} has gender {row.get('gender')!r}, not 0 or 1")
                genders[row["file"]] = row["gender"] == "1"
    except OSError as error:
        raise DataError(f"cannot read the table of genders {table}: {error.strerror}") from error
    return genders


def read_lfw(archives: Sequence[Path], genders: dict[str, bool] | None = None) -> Iterator[LfwFace]:
    """Yield every photograph in `archives`, with its gender where `genders` has it.

    Raises:
        DataError: an archive or a picture cannot be read.
    """
    known = genders or {}
    for name, image in read_images(archives):
        yield LfwFace(name, PurePosixPath(name).parent.name, known.get(name), image)
