"""What a written report rests on, kept with its row in the log, so that it can be derived again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from analytics.shares import WIDEST
from db.reading.estimates import own_versions
from footfall import __version__
from footfall.config_sections import ReidConfig
from reports.audits import CheckedAudit, estimate_within
from reports.estimates import DayShares, day_shares
from reports.estimating import METHOD, OPTIONS, age_audits
from reports.files import RFC_4180, CsvForm
from reports.hidden_cells import EstimateSettings
from reports.table import ReportData

Basis = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Estimating:
    """What a report is made with: settings, the audits of the site that were compared, and the form of the file.

    Shares with a wider 95 % interval than `widest` have no number.
    """

    settings: EstimateSettings
    reid: ReidConfig
    audits: Sequence[CheckedAudit]
    form: CsvForm = RFC_4180
    widest: float = WIDEST


def estimated(connection: Connection, data: ReportData, given: Estimating) -> ReportData:
    """Return `data` with corrected shares, and with how many came where audits hold."""
    shares = day_shares(connection, data.site, data.day, given.settings)
    came = estimate_within(connection, data.site, data.day, given.audits) if given.audits else None
    return replace(data, shares=shares, came=came)


def estimated_as(
    connection: Connection, data: ReportData, given: Estimating, basis: Mapping[str, Any] | None
) -> ReportData:
    """Return the same with the columns, calibrations and audits of `basis`; None: as an earlier version wrote it."""
    if not has_directions(basis):
        data = replace(data, passages=None, inside=None)
    if basis is None:
        return replace(data, shares=None, came=None)
    corrected_by = tuple(basis.get("age_audits", ()))
    settings = replace(given.settings, calibrations=basis["calibrations"], age_audits=corrected_by)
    audits = [one for one in given.audits if str(one.audit.uid) in basis["audits"]]
    return estimated(connection, data, replace(given, settings=settings, audits=audits))


def widest_in(basis: Mapping[str, Any]) -> float:
    """Return the widest 95 % interval of a share with a number in a report with this basis."""
    return float(basis["estimates"]["widest"])


def has_directions(basis: Mapping[str, Any] | None) -> bool:
    """Return whether a report with this basis tells directions; earlier versions did not."""
    return basis is not None and "format" in basis


def form_in(basis: Mapping[str, Any] | None) -> CsvForm:
    """Return the form in which a report with this basis was written."""
    known = basis["format"] if basis is not None and "format" in basis else {}
    return CsvForm(**known)


def places_of(data: ReportData) -> dict[str, str]:
    """Return the entrance of each camera of the report, by the camera's name."""
    rows = pd.concat([data.hourly[["camera", "entrance"]], data.observation[["camera", "entrance"]]])
    return {str(camera): str(entrance) for camera, entrance in rows.drop_duplicates().itertuples(index=False)}


def basis_of(connection: Connection, data: ReportData, given: Estimating) -> Basis:
    """Return what a report of `data` rests on, as JSON knows it."""
    shares = data.shares or DayShares()
    settings = given.settings
    first = shares.estimates[0].basis if shares.estimates else {}
    return {
        "version": own_versions(connection, data.site, data.day, data.day).get(data.day, 0),
        "estimates": {
            "version": shares.estimates[0].version if shares.estimates else None,
            "made_of": shares.estimates[0].made_of if shares.estimates else None,
            "method": METHOD,
            "repetitions": OPTIONS.repetitions,
            "widest": given.widest,
        },
        "networks": first.get("networks", []),
        "calibrations": first.get("calibrations", {}),
        "age_audits": age_audits(shares.estimates),
        "audits": sorted(str(uid) for uid in data.came.uids) if data.came is not None else [],
        "settings": {
            "age_group_starts": list(settings.age_group_starts),
            "small_cell": settings.small_cell,
            "staff_in_visits": given.reid.staff_in_visits,
            "max_interval_share": given.reid.max_interval_share,
        },
        "places": places_of(data),
        "format": asdict(given.form),
        "software": __version__,
    }
