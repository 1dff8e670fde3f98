"""A labelled picture of any data set, before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from footfall.errors import DataError
from footfall.types import ImageArray


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One picture file and what is known of the face in it.

    Ages are an inclusive range of years, equal ends for an exact age, None where nobody said; `group` ties pictures
    that must stay on one side of a split (a person, a fold); `origin` is the data set's own word, empty without one.
    """

    path: Path
    group: str
    youngest_years: int | None = None
    oldest_years: int | None = None
    female: bool | None = None
    origin: str = ""

    @property
    def age_years(self) -> float | None:
        """The middle of the age range, None when the age is not known."""
        if self.youngest_years is None or self.oldest_years is None:
            return None
        return (self.youngest_years + self.oldest_years) / 2

    def read(self) -> ImageArray:
        """Return the picture as uint8 (H, W, 3) BGR.

        Raises:
            DataError: the file is missing or no picture; the message names it.
        """
        image = cv2.imread(str(self.path), cv2.IMREAD_COLOR)
        if image is None:
            raise DataError(f"{self.path}: missing or not a readable picture; remove its label or restore the file")
        return np.asarray(image, np.uint8)


def require_folder(folder: Path, what: str) -> Path:
    """Return `folder`, or raise DataError saying what was expected there."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; expected {what}")
    return folder
