"""What a comparison rests on, and whether that is enough for a percentage; a word stands where it is not."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.numbers.ground import ground
from dashboard.wording import change, count

TOO_LITTLE = "too little observed"
"""In place of a percentage, where there is room for a few words only."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Who came in on the days of a range that can be compared (`now`), and on their counterparts (`before`).

    `compared` of `days` can be: both they and their counterparts have a number of which enough was observed. `days`
    are those on which the site was open or somebody came.
    """

    now: float
    before: float
    compared: int
    days: int

    @property
    def is_enough(self) -> bool:
        """Whether a percentage may be told."""
        return self.compared > 0 and self.compared >= ground().config.comparison.min_days_share * self.days

    @property
    def change(self) -> str | None:
        """The relative change like '+12%', None where it may not be told or there was nobody before."""
        return change(self.now, self.before) if self.is_enough else None

    @property
    def words(self) -> str:
        """The days that it rests on, like '26 of 28 days compared'."""
        return f"{count(self.compared)} of {count(self.days)} days compared"


def enough_observed(*shares: float | None) -> bool:
    """Return whether enough was observed on every side of a comparison; None stands for a time of which nothing was
    expected."""
    least = ground().config.comparison.min_observed_share
    return all(share is None or share != share or share >= least for share in shares)


def enough_days(compared: int, days: int) -> bool:
    """Return whether `compared` of `days` days are enough for a percentage."""
    return Basis(0.0, 0.0, min(compared, days), days).is_enough
