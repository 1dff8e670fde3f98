"""The tables of unique visitors: what the register of the day judged of each visit, its parts, and their sums.

No row says who somebody was, or who was compared with whom: a visit has one number, a part its sums.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class VisitFirstRow(Base):
    """What the register said of one visit (see reid.types.First). No key to visits: it may be stored before its visit.

    `first` is in 0..10000, None for a visit that is no arrival.
    """

    __tablename__ = "visit_firsts"
    __table_args__ = (Index(None, "part"), {"sqlite_with_rowid": False})
    uid: Mapped[UUID] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"))
    part: Mapped[UUID]
    first: Mapped[int | None]
    compared: Mapped[bool]
    staff: Mapped[bool]


class RegisterPartRow(Base):
    """What one register said of a site's day (see reid.types.RegisterPart); storing it again replaces it.

    `withdrawn` says that some of its visits were taken back since, so that its sums are no longer those of its firsts.
    """

    __tablename__ = "register_parts"
    __table_args__ = (Index(None, "site_id", "day"),)
    uid: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    day: Mapped[date]
    origin: Mapped[str] = mapped_column(String(255))
    mode: Mapped[str] = mapped_column(String(16))
    began_at: Mapped[datetime]
    seen_until: Mapped[datetime]
    arrivals: Mapped[int]
    compared: Mapped[int]
    staff: Mapped[int]
    unique: Mapped[float]
    low: Mapped[float | None]
    high: Mapped[float | None]
    returns_per_pair: Mapped[float]
    stays: Mapped[list[float]]
    held: Mapped[int]
    deleted: Mapped[int]
    closed_at: Mapped[datetime | None]
    model_version: Mapped[str] = mapped_column(String(200))
    not_shared: Mapped[int | None]
    withdrawn: Mapped[bool] = mapped_column(default=False)


class FirstSums:
    """Sums over the visits of one cell that the register told something of; whole numbers, so that they are exact.

    `told` counts arrivals with a first, `compared` those of them with a signature, `first_sum` adds up the firsts of
    those that are not staff, `staff_arrivals` counts the others. `staff_visits` counts visits of staff, whichever way
    they went.
    """

    told: Mapped[int]
    compared: Mapped[int]
    first_sum: Mapped[int] = mapped_column(BigInteger)
    staff_arrivals: Mapped[int]
    staff_visits: Mapped[int]


class HourlyFirstsRow(FirstSums, Base):
    """The sums of one camera in one mall-local hour, by direction, gender and age group."""

    __tablename__ = "hourly_firsts"
    __table_args__ = ({"sqlite_with_rowid": False},)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    hour_start: Mapped[datetime] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(8), primary_key=True)
    gender: Mapped[str] = mapped_column(String(8), primary_key=True)
    age_group: Mapped[str] = mapped_column(String(16), primary_key=True)


class DailyFirstsRow(FirstSums, Base):
    """The same by local day: a year of days and months of groups read these."""

    __tablename__ = "daily_firsts"
    __table_args__ = ({"sqlite_with_rowid": False},)
    camera_id: Mapped[int] = mapped_column(ForeignKey("cameras.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(8), primary_key=True)
    gender: Mapped[str] = mapped_column(String(8), primary_key=True)
    age_group: Mapped[str] = mapped_column(String(16), primary_key=True)
