"""Ways to cut the human age into classes, from bins of five years to life stages."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from footfall.errors import DataError
from training.data.adience import ADIENCE_GROUPS

OLDEST_YEARS = 100


@dataclass(frozen=True, slots=True)
class Binning:
    """A cut of the ages 0 to 100 into classes: `starts` are the first years of each, ascending from 0."""

    name: str
    starts: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.starts or self.starts[0] != 0 or list(self.starts) != sorted(set(self.starts)):
            raise ValueError(f"binning {self.name}: starts must ascend from 0, not {self.starts}")

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, like "13-17", the last like "65+"."""
        ends = [start - 1 for start in self.starts[1:]]
        closed = [f"{a}-{b}" if a < b else str(a) for a, b in zip(self.starts[:-1], ends, strict=True)]
        return (*closed, f"{self.starts[-1]}+")

    def classes(self, age_years: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the class of each age."""
        return np.asarray(np.searchsorted(self.starts, np.asarray(age_years), side="right") - 1, np.int64)

    def centres(self) -> npt.NDArray[np.float32]:
        """Return the middle year of each class; the last ends at 100."""
        ends = np.array([*self.starts[1:], OLDEST_YEARS + 1])
        return np.asarray((np.array(self.starts) + ends - 1) / 2, np.float32)

    def gather(self, by_year: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return probabilities of the classes, (N, classes), from a distribution over years, (N, 101)."""
        return np.asarray(np.add.reduceat(by_year, list(self.starts), axis=1), np.float32)


def uniform(width_years: int, oldest_start: int = 80) -> Binning:
    """Return bins of equal width; the last, from `oldest_start` on, is open."""
    return Binning(f"bins of {width_years}", tuple(range(0, oldest_start + 1, width_years)))


def balanced(age_years: npt.ArrayLike, classes: int) -> Binning:
    """Return classes with about equal counts in `age_years`.

    Raises:
        DataError: the ages cannot be cut that often.
    """
    ages = np.asarray(age_years)
    cuts = np.quantile(ages, np.arange(1, classes) / classes, method="higher")
    starts = tuple(dict.fromkeys([0, *(int(cut) for cut in cuts)]))
    if len(starts) != classes:
        raise DataError(f"{len(ages)} ages cannot be cut into {classes} classes of equal counts; ask for fewer")
    return Binning("balanced", starts)


# Intuition: the life stages of developmental psychology (Levinson's seasons with the ages that textbooks give them).
# Infancy until 2, childhood until 12, adolescence until 19, young adulthood until 39, middle age until 64, old age.
INTUITION = Binning("intuition", (0, 3, 13, 20, 40, 65))
MARKET = Binning("market", (0, 13, 18, 25, 35, 45, 55, 65))
# Adience's groups leave gaps (3, 7, 14, ...); a class here begins in the middle of the gap before its group.
ADIENCE = Binning("adience", (0, *((a[1] + b[0] + 1) // 2 for a, b in itertools.pairwise(ADIENCE_GROUPS))))


def binning_of(name: str, age_years: npt.ArrayLike) -> Binning:
    """Return the binning called `name`; "balanced" is cut from `age_years`, the ages of the training faces.

    Raises:
        DataError: there is no such binning.
    """
    fixed = {"market": MARKET, "intuition": INTUITION, "adience": ADIENCE}
    fixed |= {f"{width}-years": uniform(width) for width in (5, 10, 20)}
    if name == "balanced":
        return balanced(age_years, 7)
    if name not in fixed:
        raise DataError(f"no binning {name!r}; there are balanced, {', '.join(fixed)}")
    return fixed[name]
