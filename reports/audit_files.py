"""Audits as a table to check them by: every tap and what became of it, the comparison, and what it rests on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine

from analytics.audit_matching import matched_rows, people_of, windows_of
from analytics.audit_pairs import MATCH_WITHIN_S
from analytics.audits import Tally, counted_per_person, judged_right, recall_of, wilson
from db.reading.audits import cameras_of, taps_of, visits_within
from db.session import reading
from footfall import __version__
from footfall.local_time import Interval
from footfall.types import require_aware
from reports.audits import CheckedAudit, days_of, hours_of
from reports.files import harmless

COLUMNS = ("row", "audit", "site", "entrance", "camera", "auditor", "number", "time", "direction", "gender", "age")
ALL_COLUMNS = (*COLUMNS, "outcome", "name", "value")
"""`row` is tap (number to outcome), comparison or used (name and value)."""


def audit_rows(engine: Engine, found: Iterable[CheckedAudit]) -> pd.DataFrame:
    """Return the rows of these audits with ALL_COLUMNS; texts are empty where a column does not concern a row.

    `outcome` of a tap is matched, missed, undone, outside (of the time that was counted), pause or resume; it is empty
    once retention deleted the visits.
    """
    rows: list[dict[str, Any]] = []
    for one in found:
        about = _about(one)
        with reading(engine) as connection:
            taps = list(_taps(connection, one))
        rows += [about | {"row": "tap"} | tap for tap in taps]
        rows += [about | {"row": "comparison", "name": name, "value": value} for name, value in _comparison(one)]
        rows += [about | {"row": "used", "name": name, "value": value} for name, value in _used(one)]
    return pd.DataFrame(rows, columns=list(ALL_COLUMNS)).fillna("").astype("str")


def _about(one: CheckedAudit) -> dict[str, Any]:
    audit = one.audit
    names = {"site": audit.site, "entrance": audit.entrance, "camera": audit.camera, "auditor": audit.auditor}
    return {"audit": str(audit.uid)} | {name: harmless(text) for name, text in names.items()}


def _taps(connection: Connection, one: CheckedAudit) -> Iterator[dict[str, Any]]:
    taps = taps_of(connection, one.audit.uid)
    outcomes = _outcomes(connection, one, taps)
    for tap in taps.to_dict("records"):
        yield {
            "number": str(tap["number"]),
            "time": _local(tap["tapped_at"].to_pydatetime(), one),
            "direction": tap["kind"] if tap["kind"] in ("in", "out") else "",
            "gender": tap["gender"] or "",
            "age": tap["age_group"] or "",
            "outcome": outcomes.get(tap["number"], "undone" if tap["undone"] else "outside")
            if tap["kind"] in ("in", "out")
            else tap["kind"],
        }


def _outcomes(connection: Connection, one: CheckedAudit, taps: pd.DataFrame) -> dict[int, str]:
    audit = one.audit
    if audit.ended_at is None or taps.empty:
        return dict.fromkeys(taps["number"], "")
    people = people_of(taps, windows_of(audit.started_at, audit.ended_at, taps))
    margin = timedelta(seconds=MATCH_WITHIN_S + audit.precision_s)
    span = Interval(audit.started_at - margin, audit.ended_at + margin)
    visits = visits_within(connection, cameras_of(connection, audit), days_of(one.stored), span)
    found = matched_rows(people, visits, audit.precision_s)
    kept = one.comparison is not None and int((found >= 0).sum()) == one.comparison.total.matched
    words = ["matched" if position >= 0 else "missed" for position in found] if kept else [""] * len(found)
    return dict(zip(people["number"], words, strict=True))


def _comparison(one: CheckedAudit) -> Iterator[tuple[str, object]]:
    comparison = one.comparison
    if comparison is None:
        return
    for name, tally in (("all", comparison.total), ("in", comparison.inward), ("out", comparison.outward)):
        yield from _tally(name, tally)
    for kind, table in (("gender", comparison.genders), ("age", comparison.ages)):
        for tapped, judged in table.items():
            for name, number in judged.items():
                yield f"{kind} {tapped} judged {name}", number
        right, known, _ = judged_right(table)
        if known:
            rate = wilson(right, known)
            yield f"{kind} judged as tapped", f"{rate.estimate:.4f}"
            yield f"{kind} judged as tapped low", f"{rate.low:.4f}"
            yield f"{kind} judged as tapped high", f"{rate.high:.4f}"


def _tally(name: str, tally: Tally) -> Iterator[tuple[str, object]]:
    yield f"{name} by hand", tally.tapped
    yield f"{name} by camera", tally.counted
    yield f"{name} matched", tally.matched
    among, rate = tally.hidden, recall_of(tally)
    yield f"{name} hidden among the matched", "cannot be told" if among is None else f"{among.number:.2f}"
    if rate is not None:
        yield f"{name} recall", f"{rate.estimate:.4f}"
        yield f"{name} recall low", f"{rate.low:.4f}"
        yield f"{name} recall high", f"{rate.high:.4f}"
    per_person = counted_per_person(tally)
    if per_person is not None:
        yield f"{name} counted per person", f"{per_person.estimate:.4f}"
        yield f"{name} counted per person low", f"{per_person.low:.4f}"
        yield f"{name} counted per person high", f"{per_person.high:.4f}"


def _used(one: CheckedAudit) -> Iterator[tuple[str, object]]:
    audit = one.audit
    yield "started", _local(audit.started_at, one)
    yield "ended", "" if audit.ended_at is None else _local(audit.ended_at, one)
    yield "hours of the day", " ".join(str(hour) for hour in hours_of(one.stored))
    yield "source", audit.source
    yield "seconds a tap stands for", audit.precision_s
    yield "clock offset of the phone, ms", audit.clock_offset_ms
    yield "does not count because", harmless(one.void)
    if one.comparison is not None:
        yield "share of the time that the camera watched", f"{one.comparison.watched_share:.4f}"
    for camera, setup in (one.stored.setups or {}).items():
        for part in ("place", "line", "network"):
            yield f"{part} of {camera}", harmless(json.dumps(setup.get(part), ensure_ascii=False))
    if one.stored.compared_at is not None:
        yield "compared", _local(one.stored.compared_at, one)
    yield "version of the day", one.stored.compared_version
    yield "matched within seconds", MATCH_WITHIN_S + audit.precision_s - 1
    yield "program", f"footfall {__version__}"


def _local(moment: datetime, one: CheckedAudit) -> str:
    return require_aware(moment).astimezone(one.stored.zone).isoformat(timespec="milliseconds")
