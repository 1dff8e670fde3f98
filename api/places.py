"""Sites, their cameras, and what is wrong with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd
from fastapi import APIRouter

from api.answers import CameraAnswer, OutageAnswer, Page, SiteAnswer, TroublesAnswer
from api.asking import DaysAsked, PersonAsking, SiteReader, entrances_of
from dashboard.numbers.camera_state import camera_state
from dashboard.numbers.ground import ground
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.numbers.reasons import NOT_TOLD, in_words

MOST_DAYS = 92

router = APIRouter(tags=["places"])


@router.get("/v1/sites", summary="The sites of the token")
def list_sites(person: PersonAsking) -> Page[SiteAnswer]:
    """Return the sites that the token may see."""
    return Page(items=[_site(Reader(person, site)) for site in visible_sites(person)])


@router.get("/v1/sites/{site}", summary="One site")
def one_site(reader: SiteReader) -> SiteAnswer:
    """Return one site."""
    return _site(reader)


@router.get("/v1/sites/{site}/cameras", summary="How each camera is now")
def list_cameras(reader: SiteReader) -> Page[CameraAnswer]:
    """Return how each camera of the site is now, retired ones too."""
    return Page(items=[_camera(reader, row) for row in reader.cameras().to_dict("records")])


@router.get("/v1/sites/{site}/troubles", summary="What needs a look")
def troubles(reader: SiteReader, asked: DaysAsked) -> TroublesAnswer:
    """Return what somebody should decide about cameras, and outages; of 92 days at most."""
    asked.at_most(MOST_DAYS)
    rows = reader.outages(asked.first_day, asked.last_day).to_dict("records")
    return TroublesAnswer(
        first_day=asked.first_day,
        last_day=asked.last_day,
        cameras=reader.camera_troubles(),
        outages=[
            _outage(reader, (row["camera"], row["entrance"]), (row["started_at"], row["ended_at"], row["reason"]))
            for row in rows
        ],
    )


def _site(reader: Reader) -> SiteAnswer:
    site = reader.site
    return SiteAnswer(
        site=site.name,
        label=site.label,
        time_zone=site.zone.key,
        simulated=site.simulated,
        opening_hours=list(site.opening_hours),
        entrances=entrances_of(reader),
        first_day=site.first_day,
        last_day=site.last_day,
        today=site.today(),
    )


def _camera(reader: Reader, row: dict[Any, Any]) -> CameraAnswer:
    outage = None
    if not pd.isna(row["outage_started_at"]):
        told = row["outage_started_at"], row["outage_ended_at"], row["outage_reason"]
        outage = _outage(reader, (row["camera"], row["entrance"]), told)
    return CameraAnswer(
        camera=row["camera"],
        label=row["label"],
        entrance=row["entrance"],
        state=camera_state(row, ground().clock()),
        last_minute=_local(reader, row["last_minute"]),
        frames_per_second=_number(row["frames_per_second"]),
        lag_s=_number(row["lag_s"]),
        retired_from=row["retired_from"] if isinstance(row["retired_from"], date) else None,
        last_outage=outage,
    )


def _outage(reader: Reader, place: tuple[str, str], told: tuple[Any, Any, Any]) -> OutageAnswer:
    camera, entrance = place
    started_at, ended_at, reason = told
    return OutageAnswer(
        camera=camera,
        entrance=entrance,
        started_at=started_at.to_pydatetime().astimezone(reader.site.zone),
        ended_at=_local(reader, ended_at),
        reason=in_words(str(reason)) or NOT_TOLD,
    )


def _local(reader: Reader, moment: Any) -> datetime | None:
    return None if pd.isna(moment) else moment.to_pydatetime().astimezone(reader.site.zone)


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else round(float(value), 3)
