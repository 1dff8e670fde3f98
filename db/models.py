"""The tables. Counts are kept twice: one row a visit (deleted after retention) and rollups (kept for ever).

Rollups are updated in the transaction that inserts the visits, by exactly the rows that were new, so that they agree
with the visits at every moment and a page never has to count visits.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from db import audit_models as audit_models
from db import estimate_models as estimate_models
from db import figure_models as figure_models
from db import notice_models as notice_models
from db import token_models as token_models
from db.base import Base as Base
from db.models_of_firsts import DailyFirstsRow as DailyFirstsRow
from db.models_of_firsts import HourlyFirstsRow as HourlyFirstsRow
from db.models_of_firsts import RegisterPartRow as RegisterPartRow
from db.models_of_firsts import VisitFirstRow as VisitFirstRow
from db.models_of_views import ZoneOffsetRow as ZoneOffsetRow


class SiteRow(Base):
    """One mall. Its row is also the lock that writers of its numbers take, so that they follow one another."""

    __tablename__ = "sites"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(63), unique=True)
    label: Mapped[str] = mapped_column(String(200))
    time_zone: Mapped[str] = mapped_column(String(64))
    simulated: Mapped[bool] = mapped_column(default=False)


class OpeningHoursRow(Base):
    """Opening hours of a site from a day on, so that a change does not rewrite how complete past days were.

    `hours` is a list of seven texts, Monday first, like '09:00-21:00' or 'closed'.
    """

    __tablename__ = "opening_hours"
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    hours: Mapped[list[str]]


class CameraRow(Base):
    """One camera; several may watch one entrance. Kept when it leaves the configuration, as its visits are."""

    __tablename__ = "cameras"
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    name: Mapped[str] = mapped_column(String(63), unique=True)
    label: Mapped[str] = mapped_column(String(200))
    entrance: Mapped[str] = mapped_column(String(200))


class CameraPeriodRow(Base):
    """Local days on which a camera was expected to observe; `last_day` None: it still is.

    `retired_at` is when somebody said that it ends; a period that ended without is one of an earlier version, which
    ended them itself.
    """

    __tablename__ = "camera_periods"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    first_day: Mapped[date] = mapped_column(primary_key=True)
    last_day: Mapped[date | None]
    retired_at: Mapped[datetime | None]


class BoxRow(Base):
    """What the settings of one machine said last (see db.writing.boxes), and when it was heard of last.

    `clock_ahead_s` is how far its clock was ahead of the database server's then.
    """

    __tablename__ = "boxes"
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    said: Mapped[dict[str, Any]]
    said_at: Mapped[datetime]
    heard_at: Mapped[datetime | None]
    clock_ahead_s: Mapped[float | None]


class RecordingRow(Base):
    """A processed file. The same content for the same camera is processed once.

    `length` is that of the content that was hashed (bytes of a file, images of a folder; None: of an earlier version),
    by which a longer file with the same beginning is known. `purged` says that retention deleted rows it gave, so that
    they can no longer be taken back.
    """

    __tablename__ = "recordings"
    __table_args__ = (UniqueConstraint("camera_id", "sha256"), Index(None, "camera_id", "started_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    length: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(255))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    frames: Mapped[int]
    frames_damaged: Mapped[int]
    model_version: Mapped[str] = mapped_column(String(200))
    processed_at: Mapped[datetime]
    purged: Mapped[bool] = mapped_column(default=False)


class VisitRow(Base):
    """One visit. `hour_start` is the UTC instant at which the visit's mall-local hour began, `day` its local day.

    `age_shares` is how likely each configured age group was, per mille, like "0,13,987"; None where it was not kept.
    """

    __tablename__ = "visits"
    __table_args__ = (Index(None, "camera_id", "day"), Index(None, "recording_id"))
    uid: Mapped[UUID] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("recordings.id"))
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime]
    day: Mapped[date]
    hour_start: Mapped[datetime]
    direction: Mapped[str] = mapped_column(String(8))
    gender: Mapped[str] = mapped_column(String(8))
    age_group: Mapped[str] = mapped_column(String(16))
    age_years: Mapped[float | None]
    p_female: Mapped[float | None]
    samples: Mapped[int]
    quality: Mapped[float]
    model_version: Mapped[str] = mapped_column(String(200))
    age_shares: Mapped[str | None] = mapped_column(Text)


class PurgedVisitRow(Base):
    """The uid of a visit that retention deleted: it stays counted, and is not counted again when it is replayed."""

    __tablename__ = "purged_visits"
    __table_args__ = ({"sqlite_with_rowid": False},)
    uid: Mapped[UUID] = mapped_column(primary_key=True)


class HourlyVisitsRow(Base):
    """Visits of one camera in one mall-local hour, by direction, gender and age group."""

    __tablename__ = "hourly_visits"
    __table_args__ = ({"sqlite_with_rowid": False},)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    hour_start: Mapped[datetime] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(8), primary_key=True)
    gender: Mapped[str] = mapped_column(String(8), primary_key=True)
    age_group: Mapped[str] = mapped_column(String(16), primary_key=True)
    visits: Mapped[int]


class HourlyTotalsRow(Base):
    """Visits of one camera in one mall-local hour by direction alone: a year by hour is a small question here."""

    __tablename__ = "hourly_totals"
    __table_args__ = ({"sqlite_with_rowid": False},)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    hour_start: Mapped[datetime] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(8), primary_key=True)
    visits: Mapped[int]


class DailyVisitsRow(Base):
    """Visits of one camera on one mall-local day, by direction, gender and age group."""

    __tablename__ = "daily_visits"
    __table_args__ = ({"sqlite_with_rowid": False},)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(8), primary_key=True)
    gender: Mapped[str] = mapped_column(String(8), primary_key=True)
    age_group: Mapped[str] = mapped_column(String(16), primary_key=True)
    visits: Mapped[int]


class DaySheetRow(Base):
    """Everything that one camera counted on one mall-local day by hour, gender and age group, in a single row.

    A page over three months reads some hundred of these in place of a hundred thousand hourly counts; the format of
    `counts` is that of db.day_sheets.
    """

    __tablename__ = "day_sheets"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    counts: Mapped[dict[str, Any]]


class CameraMinuteRow(Base):
    """What one run of one camera observed in one UTC minute (see footfall.types.CameraMinute)."""

    __tablename__ = "camera_minutes"
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    run: Mapped[UUID] = mapped_column(primary_key=True)
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("recordings.id"), index=True)
    live_s: Mapped[float]
    frames_seen: Mapped[int]
    frames_processed: Mapped[int]
    frames_dropped: Mapped[int]
    frames_damaged: Mapped[int]
    faces: Mapped[int]
    faces_small: Mapped[int]
    lag_s: Mapped[float]
    picture: Mapped[str] = mapped_column(String(16))


class HourlyObservationRow(Base):
    """Seconds of one mall-local hour in which a camera was really observed, whole hour and opening hours only.

    `lag_s` is the largest of its minutes. `frozen` says that retention deleted minutes of this hour, so that it
    cannot be derived again.
    """

    __tablename__ = "hourly_observation"
    __table_args__ = (
        # Retention asks for the few hours that it has not frozen yet, while the site waits.
        Index(
            "ix_hourly_observation_unfrozen",
            "camera_id",
            "day",
            sqlite_where=text("frozen IS 0"),
            postgresql_where=text("frozen IS false"),
        ),
        {"sqlite_with_rowid": False},
    )
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    hour_start: Mapped[datetime] = mapped_column(primary_key=True)
    observed_s: Mapped[float]
    observed_open_s: Mapped[float]
    frames_seen: Mapped[int]
    frames_processed: Mapped[int]
    frames_dropped: Mapped[int]
    frames_damaged: Mapped[int]
    faces: Mapped[int]
    faces_small: Mapped[int]
    lag_s: Mapped[float]
    frozen: Mapped[bool] = mapped_column(default=False)


class OutageRow(Base):
    """A time during which a camera was not observed, and why (footfall.types.OutageReason; in old rows in words)."""

    __tablename__ = "outages"
    __table_args__ = (Index(None, "camera_id", "started_at"),)
    uid: Mapped[UUID] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(500))


class DailyReportRow(Base):
    """A written daily report. `revision` counts from 1; a later one names the revision it replaces, and why.

    `basis` says what it rests on (reports.basis); None of one that an earlier version wrote.
    """

    __tablename__ = "daily_reports"
    __table_args__ = (UniqueConstraint("site_id", "day", "revision"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    day: Mapped[date]
    revision: Mapped[int]
    replaces: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(500))
    path: Mapped[str] = mapped_column(String(1000))
    sha256: Mapped[str] = mapped_column(String(64))
    visits: Mapped[int]
    observed_share: Mapped[float | None]
    written_at: Mapped[datetime]
    basis: Mapped[dict[str, Any] | None]


class ReopenedDayRow(Base):
    """A day whose numbers changed after its report was written, and by how much; the next job writes a new revision."""

    __tablename__ = "reopened_days"
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    visits_added: Mapped[int]
    visits_removed: Mapped[int]
    observation_changed: Mapped[bool]
    unique_changed: Mapped[bool] = mapped_column(default=False, server_default=false())
    reopened_at: Mapped[datetime]


class DayVersionRow(Base):
    """How often the numbers of a site's day changed; 0001-01-01 counts for all days (db.writing.day_versions)."""

    __tablename__ = "day_versions"
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[int]


class DeletionRow(Base):
    """A deletion by the retention job: what, up to which day, how many rows."""

    __tablename__ = "deletions"
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    table_name: Mapped[str] = mapped_column(String(64))
    before_day: Mapped[date]
    rows: Mapped[int]
    deleted_at: Mapped[datetime]


class EventRow(Base):
    """A holiday, sale or other event that users mark on charts. `ends_on` is the last day, inclusive."""

    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))


class UserRow(Base):
    """A person who may sign in to the dashboard. `role` is viewer, auditor or admin; `sites` empty means every site."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(300))
    role: Mapped[str] = mapped_column(String(10))
    sites: Mapped[list[str]]
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class AccessStateRow(Base):
    """One row, made with the first user and kept when the last one goes: a dashboard that had users never opens itself.

    `attempts` counts sign-ins, so that an attempt writes as much for a name that exists as for one that does not.
    """

    __tablename__ = "access_state"
    id: Mapped[int] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
