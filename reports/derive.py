"""Makes a written report again from the database, as it was written, and says what can no longer be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine

from db.reading.estimates import calibrations, own_versions, whole_from
from db.session import reading
from db.writing.report_log import WrittenReport, reports_with
from footfall import __version__
from footfall.config_sections import ReidConfig, ReportConfig
from footfall.errors import ConfigError
from reports.audits import checked_audits
from reports.basis import Basis, Estimating, estimated_as, form_in, places_of, widest_in
from reports.data import report_data
from reports.estimating import age_audits
from reports.files import to_csv
from reports.hidden_cells import EstimateSettings
from reports.table import ReportData, ReportOptions, Revision, report


@dataclass(frozen=True, slots=True)
class Derived:
    """A report made again: `content` of now, by day or by hour as asked for, whether the one by day has the bytes of
    then, and in `notes` what it rests on that is gone or has changed."""

    report: WrittenReport
    content: bytes
    is_same: bool
    notes: tuple[str, ...]


def derive(
    engine: Engine, digest: str, settings: tuple[ReportConfig, ReidConfig], now: datetime, *, by_hour: bool = False
) -> Derived:
    """Return the report whose SHA-256 begins with `digest`, made again with the settings of then.

    `settings` of now are taken for a report of a version that did not note its own.

    Raises:
        ConfigError: no report, or several, begin with `digest`.
        StoreError: the database is away.
    """
    with reading(engine) as connection:
        found = reports_with(connection, digest) if digest else []
    if len(found) != 1:
        problem = "several reports have" if found else "no written report has"
        raise ConfigError(f"{problem} a SHA-256 that begins with {digest!r}; the Reports page lists them")
    written = found[0]
    audits = checked_audits(engine, [written.site], now) if written.basis else []
    estimating, options = _settings(written.basis, settings)
    with reading(engine) as connection:
        plain = report_data(connection, written.site, written.day, estimating.reid)
        given = Estimating(estimating.settings, estimating.reid, audits)
        data = estimated_as(connection, plain, given, written.basis)
        revision = Revision(written.revision, written.replaces, written.reason)
        form = form_in(written.basis)
        content = to_csv(report(data, options, revision), form)
        notes = tuple(_notes(connection, written, data))
    is_same = sha256(content).hexdigest() == written.sha256
    if by_hour:
        content = to_csv(report(data, replace(options, by_hour=True), revision), form)
    return Derived(written, content, is_same, notes)


def _settings(basis: Basis | None, settings: tuple[ReportConfig, ReidConfig]) -> tuple[Estimating, ReportOptions]:
    """Return the settings that a report was written with, as far as they matter to it."""
    shown, reid = settings
    if basis is None:
        plain = EstimateSettings(shown.age_group_starts, shown.small_cell, reid.staff_in_visits)
        return Estimating(plain, reid, ()), ReportOptions(shown.age_group_starts, shown.small_cell)
    known = basis["settings"]
    starts, small_cell, with_staff = tuple(known["age_group_starts"]), known["small_cell"], known["staff_in_visits"]
    then = reid.model_copy(update={"staff_in_visits": with_staff, "max_interval_share": known["max_interval_share"]})
    options = ReportOptions(starts, small_cell, widest=widest_in(basis))
    return Estimating(EstimateSettings(starts, small_cell, with_staff), then, ()), options


def _notes(connection: Connection, written: WrittenReport, data: ReportData) -> Iterator[str]:
    basis, gone_before = written.basis, whole_from(connection, written.site)
    if written.day < gone_before:
        yield f"visits before {gone_before} are deleted: counts come from the totals and cannot be counted again"
    if basis is None:
        yield "written by a version that did not note what reports rest on: the settings of now were taken"
        return
    version = own_versions(connection, written.site, written.day, written.day).get(written.day, 0)
    if version != basis["version"]:
        changes = version - basis["version"]
        yield f"the numbers of {written.day} changed since ({changes} change{'s' if changes != 1 else ''})"
    now_at = places_of(data)
    for camera, entrance in basis.get("places", {}).items():
        if now_at.get(camera, entrance) != entrance:
            yield f"camera {camera} belonged to the entrance {entrance!r} then, and to {now_at[camera]!r} now"
    made_of = basis["estimates"]["made_of"]
    shares = data.shares
    if made_of and shares is not None and shares.is_kept:
        yield "shares are those that were stored: without the visits they can be neither made again nor checked"
    if made_of and (shares is None or not shares.estimates):
        yield "shares can no longer be derived: the visits are deleted, and other shares, or none, are stored"
    known = calibrations(connection)
    for network, digest in basis["calibrations"].items():
        if digest not in known.get(network, {}):
            yield f"the table of confusions of {network} that was used is gone"
    held = {str(uid) for uid in data.came.uids} if data.came is not None else set()
    correcting = age_audits(shares.estimates) if shares is not None else {}
    for uid in sorted({*basis["audits"], *basis.get("age_audits", ())}):
        if uid not in held and uid not in correcting:
            yield f"audit {uid[:8]} does not hold for this day any more, or cannot be held against it"
    if basis["software"] != __version__:
        yield f"written by version {basis['software']} of the program, derived by {__version__}"
