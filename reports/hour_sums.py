"""Corrected shares of hours: the sums that a day's estimate keeps of each hour, and what they say when added up.

Single hours have few visits, and what is known of few is not to be averaged; so hours of many days are added up first
(analytics.share_parts) and estimated together. The sums come with the table of confusions that the day's own estimate
was made with, so that they hold when visits are gone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.age_groups import age_group_start, age_span
from analytics.audits import AGE_STARTS
from analytics.calibration import Calibration, Numbers
from analytics.share_parts import judged_in, shares_of_sums, sums_of
from analytics.share_sums import coarser, combined, runs_that_can_be_told
from analytics.shares import ShareOptions, Shares
from db.estimates import StoredEstimate

TABLE_DIGITS = 4


@dataclass(slots=True)
class Hours:
    """Hours added up: `visits` that may be looked at, `left_out` more of hidden counts, of whom `judged` were.

    `parts` are sums by what they were judged with: a calibration, and the sums.
    """

    visits: int = 0
    left_out: int = 0
    judged: int = 0
    parts: dict[str, tuple[Calibration, Numbers]] = field(default_factory=dict)

    def add(self, other: Hours) -> None:
        """Take the visits of `other` in."""
        self.visits += other.visits
        self.left_out += other.left_out
        self.judged += other.judged
        for key, (calibration, sums) in other.parts.items():
            known = self.parts.get(key)
            self.parts[key] = (calibration, sums if known is None else known[1] + sums)


def hours_document(
    here: pd.DataFrame,
    probabilities: Numbers,
    judged: npt.NDArray[np.bool_],
    calibrations: Mapping[str, Calibration],
) -> dict[str, Any]:
    """Return what is kept of the hours of one place, as JSON knows it.

    here: hour_start, network and shown_by_hour, a row a visit; of those that may be shown by hour `judged` says which
    have `probabilities`, a row each.
    """
    starts = pd.DatetimeIndex(sorted(here["hour_start"].unique()))
    shown = here[here["shown_by_hour"]]
    hours = starts.get_indexer(pd.DatetimeIndex(shown["hour_start"]))
    networks = shown["network"].to_numpy()[judged]
    parts = []
    for network, calibration in sorted(calibrations.items()):
        mine = networks == network
        if mine.any():
            of_hour, values = hours[judged][mine], probabilities[mine]
            parts.append(
                _table(network, calibration)
                | {"sums": [_sums(values[of_hour == hour], calibration.by_table) for hour in range(len(starts))]}
            )
    everybody = starts.get_indexer(pd.DatetimeIndex(here["hour_start"]))
    visits = np.bincount(hours, minlength=len(starts))
    return {
        "starts": [start.isoformat() for start in starts],
        "visits": visits.tolist(),
        "left_out": (np.bincount(everybody, minlength=len(starts)) - visits).tolist(),
        "parts": parts,
    }


def hours_by(
    estimates: Iterable[StoredEstimate], groups: Sequence[str], name: Callable[[StoredEstimate, datetime], str]
) -> dict[str, Hours]:
    """Return the hours of these estimates, of one dimension, added up by what `name` calls them ("": left out).

    Judgements in other groups than `groups` (those of earlier settings) count as visits that were not judged.
    """
    found: dict[str, Hours] = {}
    tables: dict[str, Calibration] = {}
    for one in estimates:
        document = one.hours
        names = [name(one, datetime.fromisoformat(start)) for start in document.get("starts", ())]
        for place, called in enumerate(names):
            if called:
                hours = found.setdefault(called, Hours())
                hours.visits += document["visits"][place]
                hours.left_out += document["left_out"][place]
        for part in document.get("parts", ()):
            if tuple(part["groups"]) == tuple(groups):
                key = json.dumps({name: value for name, value in part.items() if name != "sums"}, sort_keys=True)
                calibration = tables.setdefault(key, _calibration(part))
                _take(found, names, key, (calibration, part["sums"]))
    return found


def hour_numbers(one: StoredEstimate) -> Iterator[tuple[str, float]]:
    """Yield each number that is kept of hours, with its name, to compare them with those made again."""
    document = one.hours
    for place, start in enumerate(document.get("starts", ())):
        for name in ("visits", "left_out"):
            yield f"{start} {name}", float(document[name][place])
        for part in document["parts"]:
            for number, value in enumerate(part["sums"][place]):
                yield f"{start} {part['network']} sum {number}", float(value)
    for part in document.get("parts", ()):
        for number, value in enumerate(np.ravel(part["table"])):
            yield f"{part['network']} table {number}", float(value)


def together(hours: Iterable[Hours]) -> Hours:
    """Return some hours added up."""
    whole = Hours()
    for one in hours:
        whole.add(one)
    return whole


def shares_of_hours(hours: Hours, words: str, widest: float) -> Shares | None:
    """Return the shares of those who were judged in these hours, None where nobody was; `words` seed what is random.

    A share with a wider 95 % interval than `widest` is not told.
    """
    parts, options = [], ShareOptions(widest=widest)
    for key, (calibration, sums) in sorted(hours.parts.items()):
        seed = int.from_bytes(sha256(f"{words} {key}".encode()).digest()[:8], "big")
        parts.append(shares_of_sums(sums, calibration, options, seed))
    if len(parts) < 2:
        return parts[0] if parts else None
    return combined(parts)


def four_ages(groups: Sequence[str]) -> list[range]:
    """Return which neighbouring age groups make the four ages that are told by hour, as far as they fit."""
    ages = np.digitize([age_group_start(group) for group in groups], AGE_STARTS)
    return [range(int(run[0]), int(run[-1]) + 1) for run in map(np.flatnonzero, ages == np.unique(ages)[:, None])]


def in_runs(shares: Shares, runs: Sequence[range]) -> Shares:
    """Return shares of ages in runs of neighbouring groups."""
    labels = [age_span(shares.groups[run.start : run.stop]) for run in runs]
    return coarser(shares, labels, runs)


def ages_to_tell(whole: Shares) -> list[range] | None:
    """Return the four ages, or as many of them put together as the `whole` of some hours can tell; None: not even two.

    No hour can tell what all of them cannot.
    """
    four = four_ages(whole.groups)
    runs = runs_that_can_be_told(in_runs(whole, four))
    return None if runs is None else [range(four[run.start].start, four[run.stop - 1].stop) for run in runs]


def _sums(probabilities: Numbers, by_table: bool) -> list[float]:
    return sums_of(probabilities, by_table).tolist() if len(probabilities) else []


def _table(network: str, calibration: Calibration) -> dict[str, Any]:
    """Return what a calibration says of faces whose size nobody noted, as no visit's is."""
    middle = int(calibration.size_classes(None, 1)[0])
    return {
        "network": network,
        "groups": list(calibration.classes),
        "table": np.round(calibration.judged[middle], TABLE_DIGITS).tolist(),
        "start": calibration.start.tolist(),
        "face_worth": calibration.face_worth,
        "by_table": calibration.by_table,
    }


def _calibration(part: Mapping[str, Any]) -> Calibration:
    return Calibration(
        classes=tuple(part["groups"]),
        sizes_px=(0,),
        judged=np.array([part["table"]], np.float64),
        start=np.array(part["start"], np.float64),
        face_worth=part["face_worth"],
        by_table=part["by_table"],
    )


def _take(
    found: dict[str, Hours], names: Sequence[str], key: str, part: tuple[Calibration, Sequence[Sequence[float]]]
) -> None:
    calibration, sums = part
    for called, values in zip(names, sums, strict=True):
        if called and values:
            numbers = np.array(values, np.float64)
            judged = judged_in(numbers, calibration.by_table)
            found[called].add(Hours(judged=judged, parts={key: (calibration, numbers)}))
