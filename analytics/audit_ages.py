"""Ages that were tapped beside what a network judged of the same people: what audits add to a table of confusions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.age_groups import age_group_labels
from analytics.audits import AGE_GROUPS, AGE_STARTS
from analytics.calibration import Numbers, Places

PER_MILLE = 1000.0


@dataclass(frozen=True, slots=True)
class AgeSum:
    """People of one `cell` (camera, gender, age group as judged) whom a `network` judged and who were `tapped` alike.

    `taps` is how many they are, `mille` the sum of the probabilities of their age groups in parts of a thousand.
    """

    network: str
    cell: tuple[str, str, str]
    tapped: str
    taps: int
    mille: tuple[int, ...]

    def to_document(self) -> list[object]:
        """Return it as JSON knows it."""
        return [self.network, *self.cell, self.tapped, self.taps, list(self.mille)]


def read_age_sums(document: Iterable[Sequence[object]]) -> list[AgeSum]:
    """Return what `AgeSum.to_document` wrote."""
    found = []
    for network, camera, gender, group, tapped, taps, mille in document:
        assert isinstance(taps, int) and isinstance(mille, list)
        found.append(AgeSum(str(network), (str(camera), str(gender), str(group)), str(tapped), taps, tuple(mille)))
    return found


def age_sums(people: pd.DataFrame, visits: pd.DataFrame, found: npt.NDArray[np.intp]) -> list[AgeSum]:
    """Return the sums of everybody tapped with an age whose visit has probabilities of one.

    Args:
        people: taps with age_group (None where not tapped), N of them.
        visits: camera, gender, age_group, age_shares (like "0,13,987", None where not judged) and model_version.
        found: the visit of each tap, -1 without one.
    """
    sums: dict[tuple[str, tuple[str, str, str], str], tuple[int, npt.NDArray[np.int64]]] = {}
    judged = visits.to_dict("records")
    for tapped, place in zip(people["age_group"], found, strict=True):
        visit = judged[place] if place >= 0 else {}
        if not isinstance(tapped, str) or not isinstance(visit.get("age_shares"), str):
            continue
        mille = np.array(visit["age_shares"].split(","), np.int64)
        cell = str(visit["camera"]), str(visit["gender"]), str(visit["age_group"])
        key = str(visit["model_version"]).rpartition("+")[2], cell, tapped
        taps, before = sums.get(key, (0, np.zeros_like(mille)))
        if before.shape == mille.shape:
            sums[key] = taps + 1, before + mille
    return [AgeSum(*key, taps, tuple(mille.tolist())) for key, (taps, mille) in sorted(sums.items())]


def common_classes(starts: Sequence[int]) -> Places | None:
    """Return for each age group that begins at `starts` the class that taps tell, intp (K,); None where there is one.

    Tapped ages and groups are joined until both have the same borders.
    """
    borders = sorted(set(AGE_STARTS) & set(starts))
    if len(borders) < 2 or borders[0] != starts[0]:
        return None
    return np.searchsorted(borders, starts, side="right").astype(np.intp) - 1


def audited_table(sums: Iterable[AgeSum], starts: Sequence[int]) -> Numbers:
    """Return what `analytics.calibration.pooled` takes: float64 (A, K), probabilities by class that was tapped.

    Raises:
        ValueError: nothing that is tapped tells these groups apart.
    """
    coarse = common_classes(starts)
    if coarse is None:
        raise ValueError(f"tapped ages do not tell groups apart that begin at {starts}")
    borders = [starts[int(np.flatnonzero(coarse == place)[0])] for place in range(int(coarse.max()) + 1)]
    class_of: Mapping[str, int] = {
        name: int(np.searchsorted(borders, start, side="right")) - 1
        for name, start in zip(AGE_GROUPS, AGE_STARTS, strict=True)
    }
    table = np.zeros((len(borders), len(starts)))
    for one in sums:
        table[class_of[one.tapped]] += np.array(one.mille) / PER_MILLE
    return table


def fits(one: AgeSum, starts: Sequence[int]) -> bool:
    """Return whether people were judged in the age groups that begin at `starts`."""
    return len(one.mille) == len(starts) and one.cell[2] in age_group_labels(starts)
