"""UTKFace, aligned and cropped: `age_gender_race_date.jpg.chip.jpg` (https://susanqq.github.io/UTKFace/)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path, PurePosixPath

from footfall.errors import DataError
from footfall.types import ImageArray
from training.data.archive import list_images, read_images

OLDEST_YEARS = 116
_NAME = re.compile(r"(\d{1,3})_([01])_([0-4])_(\d{8,20})\.jpg(?:\.chip\.jpg)?")
_SHOWN_BAD_NAMES = 10


class Race(IntEnum):
    """The data set's own five classes; an auxiliary target of training, never an output of a shipped model."""

    WHITE = 0
    BLACK = 1
    ASIAN = 2
    INDIAN = 3
    OTHER = 4


@dataclass(frozen=True, slots=True)
class UtkFaceLabel:
    """What a UTKFace name says. `taken` is the crawl's time stamp, digits from the year down to milliseconds."""

    age_years: int
    female: bool
    race: Race
    taken: str


@dataclass(frozen=True, slots=True)
class UtkFace:
    """One labelled crop. `image` is uint8 (200, 200, 3) BGR in the original data."""

    name: str
    label: UtkFaceLabel
    image: ImageArray


def parse_name(name: str) -> UtkFaceLabel:
    """Return the label that the file `name` carries; folders before it do not matter.

    Raises:
        DataError: the name does not follow the data set's pattern; the message names the file.
    """
    match = _NAME.fullmatch(PurePosixPath(name).name)
    if match is None or int(match[1]) > OLDEST_YEARS:
        raise DataError(
            f"{name} is not a UTKFace name (age_gender_race_date.jpg.chip.jpg, gender 0-1, race 0-4, "
            f"age up to {OLDEST_YEARS}); rename or remove the file"
        )
    return UtkFaceLabel(int(match[1]), match[2] == "1", Race(int(match[3])), match[4])


def bad_names(names: Sequence[str]) -> list[str]:
    """Return those of `names` that carry no readable label, in order."""
    bad = []
    for name in names:
        try:
            parse_name(name)
        except DataError:
            bad.append(name)
    return bad


def read_utkface(archives: Sequence[Path], skip_bad_names: bool = False) -> Iterator[UtkFace]:
    """Yield every face in `archives`; all names are checked before the first picture is decoded.

    Raises:
        DataError: a name carries no readable label (unless `skip_bad_names`), or a picture cannot be read.
    """
    bad = bad_names(list_images(archives))
    if bad and not skip_bad_names:
        shown = ", ".join(bad[:_SHOWN_BAD_NAMES]) + (", ..." if len(bad) > _SHOWN_BAD_NAMES else "")
        raise DataError(f"{len(bad)} files carry no readable UTKFace label; rename or remove them: {shown}")
    for name, image in read_images(archives, skip=bad):
        yield UtkFace(name, parse_name(name), image)
