"""Makes a day's corrected shares from its visits: which may be looked at, who was judged, by which network.

Small counts: visits in a cell (camera, gender, age group) of the day that is hidden are left out, so that a share is
made only of what is shown anyway and nobody can subtract his way to a hidden cell, at whatever level and over whatever
days. How many they are is known to everybody (totals are shown), and widens the interval: none or all may belong to a
group (`told`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from analytics.age_groups import age_group_labels
from analytics.calibration import Calibration, Numbers, elsewhere, pooled
from analytics.confusion import read_confusion
from analytics.coverage import difference
from analytics.share_sums import combined, of_everybody
from analytics.shares import ShareOptions, Shares, corrected
from db.estimates import AGE, GENDER, WHOLE_SITE, StoredEstimate
from db.reading.estimates import judged_visits
from db.reading.selection import Selection, selected_cameras
from footfall import __version__
from reports.audited_ages import AuditedAges
from reports.hidden_cells import CELL, HOUR_CELL, EstimateSettings, hidden_cells
from reports.hour_sums import hours_document

METHOD = "2"
"""Moves on when the same visits would give another estimate."""
OPTIONS = ShareOptions()
SHARE_DIGITS, COVARIANCE_DIGITS = 6, 10


@dataclass(frozen=True, slots=True)
class SiteDay:
    """A site's day to be estimated: `tables` of confusions by network and SHA-256, `version` of the day alone.

    `most_judged` is how many judged visits an estimate looks at, every n-th in the order of uids, which are hashes;
    0: all. `only` names entrances ("": the whole site), None: all. Only the running day, which a page must not wait
    for, is estimated from a part. `audited` is what audits say of ages, by network.
    """

    site: str
    day: date
    version: int
    settings: EstimateSettings
    tables: Mapping[str, Mapping[str, str]]
    most_judged: int = 0
    only: tuple[str, ...] | None = None
    audited: Mapping[str, AuditedAges] = field(default_factory=dict)

    def calibration_of(self, network: str) -> str:
        """Return the SHA-256 of the table to use for a network, empty where there is none."""
        known = self.tables.get(network, {})
        if self.settings.calibrations is not None:
            wanted = self.settings.calibrations.get(network, "")
            return wanted if wanted in known else ""
        return next(iter(known), "")

    def made_of(self, places: Mapping[str, str], networks: list[str]) -> str:
        """Return a hash of everything that estimates rest on; `places` are the entrances of the cameras."""
        parts = {
            "method": METHOD,
            "version": self.version,
            "starts": self.settings.age_group_starts,
            "small_cell": self.settings.small_cell,
            "staff": self.settings.staff_in_visits,
            "places": dict(sorted(places.items())),
            "calibrations": {network: self.calibration_of(network) for network in networks},
        }
        audits = {name: self.audited[name].to_document() for name in networks if name in self.audited}
        if audits:
            parts["audits"] = audits
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def made(connection: Connection, day: SiteDay) -> list[StoredEstimate]:
    """Return the estimates of a day from its visits, of the whole site first; empty when nobody was counted."""
    selection = Selection(day.day, day.day, sites=(day.site,))
    cameras = selected_cameras(connection, selection)
    visits = judged_visits(connection, cameras, day.day, with_staff=day.settings.staff_in_visits)
    if visits.empty:
        return []
    hidden, hidden_by_hour = hidden_cells(connection, selection, day.settings)
    visits["network"] = visits["model_version"].str.rpartition("+")[2]
    networks = sorted(visits["network"].unique())
    visits["shown"] = ~pd.MultiIndex.from_frame(visits[CELL]).isin(hidden)
    visits["shown_by_hour"] = ~pd.MultiIndex.from_frame(visits[HOUR_CELL]).isin(hidden_by_hour)
    made_of = day.made_of({one.camera: one.entrance for one in cameras}, networks)
    found: list[StoredEstimate] = []
    entrances = sorted(visits["entrance"].unique())
    for entrance in (WHOLE_SITE, *entrances):
        if day.only is not None and entrance not in day.only:
            continue
        if found and len(entrances) == 1:  # the whole site
            return [*found, *(replace(one, entrance=entrance) for one in found)]
        here = visits if entrance == WHOLE_SITE else visits[visits["entrance"] == entrance]
        known = _Known(day, entrance, networks, made_of, bool(len(hidden_by_hour) or len(hidden)))
        found += [_estimate(known, here, dimension) for dimension in (GENDER, AGE)]
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """What is the same for both estimates of a place."""

    day: SiteDay
    entrance: str
    networks: list[str]
    made_of: str
    hides_hours: bool


def _estimate(known: _Known, here: pd.DataFrame, dimension: str) -> StoredEstimate:
    """Return the estimate of the visits `here` by gender or by age."""
    day, entrance, networks, shown = known.day, known.entrance, known.networks, here[here["shown"]]
    likely = _likely(shown, dimension, day)
    by_hour = (
        likely if here["shown_by_hour"].equals(here["shown"]) else _likely(here[here["shown_by_hour"]], dimension, day)
    )
    return StoredEstimate(
        day=day.day,
        entrance=entrance,
        dimension=dimension,
        version=day.version,
        small_cell=day.settings.small_cell,
        made_of=known.made_of,
        judged=int(likely.judged.sum()),
        visits=len(shown),
        left_out=len(here) - len(shown),
        shares=_document(_estimated(likely, shown, day, f"{entrance} {dimension}")),
        basis={
            "networks": networks,
            "calibrations": {name: day.calibration_of(name) for name in networks if day.calibration_of(name)},
            "age_group_starts": list(day.settings.age_group_starts),
            "staff_in_visits": day.settings.staff_in_visits,
            "differences": _differences(shown, likely.judged, known.hides_hours) if entrance == WHOLE_SITE else {},
            "software": __version__,
        }
        | ({"audits": _audits(day, networks)} if dimension == AGE else {}),
        hours=hours_document(here, by_hour.probabilities, by_hour.judged, by_hour.calibrations),
    )


def _audits(day: SiteDay, networks: list[str]) -> dict[str, int]:
    """Return how many taps of each audit correct the ages."""
    found: dict[str, int] = {}
    for network in networks:
        if network in day.audited and day.calibration_of(network):
            for uid, taps in day.audited[network].taps.items():
                found[uid] = found.get(uid, 0) + taps
    return dict(sorted(found.items()))


def age_audits(estimates: Iterable[StoredEstimate]) -> dict[str, int]:
    """Return the audits that correct the ages of these estimates, and how many taps of each do."""
    found: dict[str, int] = {}
    for one in estimates:
        found |= one.basis.get("audits", {}) if one.dimension == AGE else {}
    return dict(sorted(found.items()))


def shares_of(stored: StoredEstimate, widest: float) -> Shares | None:
    """Return the shares as the estimator knows them, None where nobody was judged.

    A share with a wider 95 % interval than `widest` is not told; what is stored does not depend on it.
    """
    if not stored.judged:
        return None
    document = stored.shares
    estimate, low, high, own, shared = (
        np.array(document[name], np.float64) for name in ("estimate", "low", "high", "own", "shared")
    )
    groups, told = tuple(document["groups"]), high - low <= widest
    return Shares(groups, estimate, low, high, own, shared, stored.judged, told, widest)


def told(shares: Shares, left_out: int) -> Shares:
    """Return `shares` as they may be told: with everything that the `left_out` visits of hidden cells can be."""
    if not left_out:
        return shares
    low, high = of_everybody(shares, left_out)
    return replace(shares, low=low, high=high, told=high - low <= shares.widest)


@dataclass(frozen=True, slots=True)
class _Likely:
    """Probabilities float64 (N, K) of the N visits whose `judged` (of all) is True; calibrations by network."""

    probabilities: Numbers
    judged: np.ndarray[tuple[int], np.dtype[np.bool_]]
    calibrations: Mapping[str, Calibration]


def _likely(shown: pd.DataFrame, dimension: str, day: SiteDay) -> _Likely:
    """Return who can be corrected: judged in the groups of now, by a network with a table."""
    starts = day.settings.age_group_starts
    calibrations = {}
    for network in shown["network"].unique():
        digest = day.calibration_of(network)
        if digest:
            table = read_confusion(day.tables[network][digest])
            audited = day.audited.get(network) if dimension == AGE else None  # gender gets worse by it: docs/shares.md
            if audited is not None:
                calibrations[network] = pooled(table.of_ages(starts), audited.table, audited.coarse)
            else:
                calibrations[network] = elsewhere(table.of_gender() if dimension == GENDER else table.of_ages(starts))
    by_table = shown["network"].isin(calibrations)
    if dimension == GENDER:
        judged = (by_table & shown["p_female"].notna()).to_numpy(bool)
        p_female = shown["p_female"].to_numpy("float64")[judged]
        return _Likely(np.column_stack([p_female, 1.0 - p_female]), judged, calibrations)
    texts = shown["age_shares"].fillna("")
    fits = shown["age_group"].isin(age_group_labels(starts)) & (texts.str.count(",") == len(starts) - 1)
    judged = (by_table & fits & (texts != "") & (len(starts) > 1)).to_numpy(bool)
    together = ",".join(texts[judged])
    mille = np.array(together.split(","), np.float64) if together else np.zeros(0)
    return _Likely(mille.reshape(-1, len(starts)) / 1000.0, judged, calibrations)


def _estimated(likely: _Likely, shown: pd.DataFrame, day: SiteDay, what: str) -> Shares | None:
    """Return the shares of those who were judged, of all networks together."""
    parts = []
    networks = shown["network"].to_numpy()[likely.judged]
    for network, calibration in sorted(likely.calibrations.items()):
        mine = likely.probabilities[networks == network]
        if len(mine):
            words = f"{day.site} {day.day.isoformat()} {what} {network}"
            seed = int.from_bytes(sha256(words.encode()).digest()[:8], "big")
            step = -(-len(mine) // day.most_judged) if day.most_judged else 1
            parts.append(corrected(mine[::step], None, calibration, OPTIONS, seed))
    if len(parts) < 2:
        return parts[0] if parts else None
    return combined(parts)


def _document(shares: Shares | None) -> dict[str, Any]:
    if shares is None:
        return {}
    document: dict[str, Any] = {"groups": list(shares.groups)}
    for name in ("estimate", "low", "high"):
        document[name] = np.round(getattr(shares, name), SHARE_DIGITS).tolist()
    for name in ("own", "shared"):
        document[name] = np.round(getattr(shares, name), COVARIANCE_DIGITS).tolist()
    return document


def _differences(
    shown: pd.DataFrame, judged: np.ndarray[tuple[int], np.dtype[np.bool_]], hides_hours: bool
) -> dict[str, list[float]]:
    """Return [p, Cramér's V] by hour and by entrance: are the judged spread as the others are?

    Not by hour where an hour hides a count, which could be found in it.
    """
    found = {}
    for name, column in (("hour", "hour_start"), ("entrance", "entrance")):
        if name == "hour" and hides_hours:
            continue
        counts = pd.crosstab(shown[column], judged).reindex(columns=[True, False], fill_value=0).to_numpy(np.int64)
        test = difference(counts[:, 0], counts[:, 1])
        if test is not None:
            found[name] = [round(test.p_value, 4), round(test.cramers_v, 4)]
    return found
