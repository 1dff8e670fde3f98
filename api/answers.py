"""What the interface answers, as models: they check what goes out and describe it in the OpenAPI document."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from dashboard.numbers.camera_state import CameraState

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Item = TypeVar("Item")


class Answer(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid")


class Page(Answer, Generic[Item]):
    """A part of a list, oldest first; send `next` as `cursor` for what follows, null at the end."""

    items: list[Item]
    next: str | None = None


class SiteAnswer(Answer):
    """A site; `opening_hours` of seven days, Monday first; the days are the first and last with visits."""

    site: str
    label: str
    time_zone: str
    simulated: bool
    opening_hours: list[str]
    entrances: list[str]
    first_day: date | None
    last_day: date | None
    today: date


class OutageAnswer(Answer):
    """A time without a picture of a camera; `ended_at` null: it lasts. `reason` is in words."""

    camera: str
    entrance: str
    started_at: datetime
    ended_at: datetime | None
    reason: str


class CameraAnswer(Answer):
    """A camera now; figures are those of the last minute that it reported."""

    camera: str
    label: str
    entrance: str
    state: CameraState
    last_minute: datetime | None
    frames_per_second: float | None
    lag_s: float | None
    retired_from: date | None
    last_outage: OutageAnswer | None


class UniqueAnswer(Answer):
    """Different people among who came in, with the 95 % interval; null where `not_told` says why.

    `not_shared` of the entries were compared on one machine alone, although machines share; null where none shares.
    """

    people: Count | None
    low: Count | None
    high: Count | None
    not_told: Literal["not compared", "nobody", "too unsure"] | None
    not_shared: Count | None


class Passages(Answer):
    """Who passed; counts are null where nobody watched.

    `came_in` is footfall. Not `directed`: some camera saw nobody cross its line, or has none, and whoever it saw going
    out is in `came_in`. `observed_share` of the opening time, cut to four digits; null while the site was closed.
    """

    came_in: Count | None
    went_out: Count | None
    unseen: Count | None
    visits: Count | None
    directed: bool
    observed_share: Share | None
    complete: bool


class DayAnswer(Passages):
    """A local day; `revision` is that of the newest written report, null without one. `unique` is of the whole site."""

    day: date
    unique: UniqueAnswer | None
    revision: int | None


class HourAnswer(Passages):
    """A local hour of the day `day`, from `start` until before `end`."""

    day: date
    start: datetime
    end: datetime


class CompletenessAnswer(Answer):
    """What one camera watched of one local day."""

    day: date
    camera: str
    entrance: str
    expected_s: float
    observed_s: float
    observed_share: Share | None
    complete: bool


class GroupAnswer(Answer):
    """Labels counted; where a count is too small to be shown `visits` is null, and `at_least` adds up the others."""

    gender: str
    age_group: str
    visits: Count | None
    at_least: Count


class ShareAnswer(Answer):
    """A corrected share with its 95 % interval; null where there are too few to say."""

    group: str
    share: Share | None
    low: Share | None
    high: Share | None


class SharesAnswer(Answer):
    """Corrected shares of the `judged` of `visits`; `left_out` more are of hidden counts.

    `coarser` are neighbouring groups that can be told where single ones cannot.
    """

    judged: Count
    visits: Count
    left_out: Count
    days: Count
    shares: list[ShareAnswer]
    coarser: list[ShareAnswer]


class GroupsAnswer(Answer):
    """Who came on these days; `visits` is everybody, hidden groups included."""

    first_day: date
    last_day: date
    visits: Count
    days_with_visits: Count
    counted: list[GroupAnswer]
    gender: SharesAnswer | None
    age: SharesAnswer | None


class TroublesAnswer(Answer):
    """What somebody should decide about cameras, and the outages that touch these days, oldest first."""

    first_day: date
    last_day: date
    cameras: list[str]
    outages: list[OutageAnswer]


class AlertAnswer(Answer):
    """Something that somebody had to look after, of a `camera` or a `day`; `until` null: it lasts.

    `summary` is what people were told when it began.
    """

    id: UUID
    kind: str
    camera: str | None
    day: date | None
    since: datetime
    until: datetime | None
    summary: str


class InsideAnswer(Answer):
    """How many are inside the site, with the 95 % interval; null where `reason` says why not.

    `alarm` is "on" from `alarm_level` on, "maybe" where only the interval reaches it; null without a number or level.
    `at` is exact to fifteen seconds.
    """

    at: datetime
    estimate: Count | None
    low: Count | None
    high: Count | None
    alarm_level: int | None
    alarm: Literal["off", "maybe", "on"] | None
    reason: str | None


class InsideHourAnswer(Answer):
    """How many were inside at `end`, for the present hour that is now; `observed_share` of the time of all cameras."""

    start: datetime
    end: datetime
    estimate: Count | None
    low: Count | None
    high: Count | None
    observed_share: Share | None


class InsideDayAnswer(Answer):
    """The hours of a local day, as far as they have begun; numbers are null where `reason` says why."""

    day: date
    hours: list[InsideHourAnswer]
    reason: str | None
