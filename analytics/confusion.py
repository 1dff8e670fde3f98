"""The table of confusions that a demographics network carries in its metadata, for any configured age groups."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.calibration import Calibration, Numbers
from footfall.errors import ModelError
from footfall.types import Gender
from tracking.ages import age_group_label

LAST_YEAR = 100
PLAIN_YEARS = 80
"""An estimate of ages begins with as many people of each year below this, whatever the groups."""
AGE_FACE_WORTH, AGE_FACES_ELSEWHERE = 2.0, 50.0
GENDER_FACE_WORTH, GENDER_FACES_ELSEWHERE = 1.0, 300.0
"""Measured on held-back faces that no benchmark looks at (docs/shares.md)."""
GENDERS = (Gender.FEMALE.value, Gender.MALE.value)


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """Sums of a network's probabilities by truth, for faces that it was not trained on, at each of S sizes.

    `year_starts` are the first years of F narrow groups, ascending from 0; `sizes_px` the least face of each class of
    sizes; `ages` float64 (S, F, F) and `gender` (S, 2, 2), female first: true class, then judged class.
    """

    year_starts: tuple[int, ...]
    sizes_px: tuple[int, ...]
    ages: Numbers
    gender: Numbers

    def to_json(self) -> str:
        """Return the table as one line of JSON."""
        document = {
            "year_starts": self.year_starts,
            "sizes_px": self.sizes_px,
            "ages": np.round(self.ages, 2).tolist(),
            "gender": np.round(self.gender, 2).tolist(),
        }
        return json.dumps(document, separators=(",", ":"))

    def of_ages(self, starts: Sequence[int]) -> Calibration:
        """Return the calibration of the age groups that begin at `starts`.

        A start inside a narrow group divides it by years, as if all of its years were alike.
        """
        years = np.arange(LAST_YEAR + 1)
        narrow, group = np.digitize(years, self.year_starts[1:]), np.digitize(years, starts[1:])
        belongs = np.zeros((len(self.year_starts), len(starts)))
        np.add.at(belongs, (narrow, group), 1.0)
        belongs /= belongs.sum(axis=1, keepdims=True)
        judged = np.einsum("fy,sfg,gk->syk", belongs, self.ages, belongs)
        plain = np.bincount(group[:PLAIN_YEARS], minlength=len(starts)) / PLAIN_YEARS
        labels = tuple(age_group_label(start, starts) for start in starts)
        return Calibration(labels, self.sizes_px, judged, plain, AGE_FACE_WORTH, AGE_FACES_ELSEWHERE)

    def of_gender(self) -> Calibration:
        """Return the calibration of gender; a visit's probabilities are (p_female, 1 - p_female)."""
        plain = np.array([0.5, 0.5])
        return Calibration(
            GENDERS, self.sizes_px, self.gender, plain, GENDER_FACE_WORTH, GENDER_FACES_ELSEWHERE, by_table=False
        )


def read_confusion(text: str) -> ConfusionTable:
    """Return the table that `to_json` wrote.

    Raises:
        ModelError: the text is no such table.
    """
    try:
        document = json.loads(text)
        ages, gender = (np.array(document[name], np.float64) for name in ("ages", "gender"))
        starts, sizes = (tuple(int(value) for value in document[name]) for name in ("year_starts", "sizes_px"))
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the network's table of confusions cannot be read ({error}); export it again") from None
    size = len(starts)
    if ages.shape != (len(sizes), size, size) or gender.shape != (len(sizes), 2, 2):
        raise ModelError("the network's table of confusions does not have the sizes it says; export it again")
    return ConfusionTable(starts, sizes, ages, gender)
