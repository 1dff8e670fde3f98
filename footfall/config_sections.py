"""The tables of the settings file that say what is counted and how: sites, cameras, visits, judgements, reports.

Those of the services around it are in footfall.config_services.
"""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from footfall.config_errors import nearest
from footfall.config_values import Currency, Hours, PixelAspect, Point, ReportTime, TimeZone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values cannot change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SiteConfig(Section):
    """One mall: where its days begin and when it is open."""

    label: str = ""
    time_zone: TimeZone = "UTC"
    opening_hours: Hours | dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Hours] = "00:00-24:00"
    currency: Currency = ""
    country: str = ""
    subdivision: str = ""
    occupancy_alarm: int | None = Field(default=None, ge=1, le=1_000_000)

    @model_validator(mode="after")
    def _country_is_known(self) -> Self:
        if self.subdivision and not self.country:
            raise ValueError('subdivision: needs a country, like country = "DE"')
        if self.country:
            # Asked for here alone: the package takes a moment to load, and most settings name no country.
            from holidays import list_supported_countries

            known = list_supported_countries()
            if self.country not in known:
                raise ValueError(f"country: no holidays of {self.country!r} are known; write it like 'DE' or 'US'")
            if self.subdivision and self.subdivision not in known[self.country]:
                close = nearest(self.subdivision, known[self.country])
                raise ValueError(f"subdivision: {self.country} has no {self.subdivision!r}{close}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)

    def hours_by_weekday(self) -> tuple[str, ...]:
        """Return seven texts, Monday first, each like '09:00-21:00' or 'closed'; days left out are closed."""
        if isinstance(self.opening_hours, str):
            return (self.opening_hours,) * 7
        by_name: dict[str, str] = {str(day): hours for day, hours in self.opening_hours.items()}
        return tuple(by_name.get(name, "closed") for name in WEEKDAYS)


Side = Annotated[int, Field(ge=64, le=4096)]


class CameraConfig(Section):
    """One camera: where its pictures come from and how they are read."""

    source: str = Field(repr=False)
    site: str = ""
    label: str = ""
    entrance: str = ""
    enabled: bool = True
    started_at: datetime | None = None
    pixel_aspect: PixelAspect | None = None
    username: str = Field(default="", repr=False)
    password: SecretStr = SecretStr("")
    max_fps: float = Field(default=10.0, gt=0, le=60)
    working_size: Literal["auto"] | tuple[Side, Side] = "auto"
    line: tuple[Point, Point] | None = None
    ignore: tuple[Annotated[tuple[Point, ...], Field(min_length=3)], ...] = ()
    open_timeout_s: float = Field(default=5.0, gt=0, le=60)
    read_timeout_s: float = Field(default=4.0, gt=0, le=60)

    @model_validator(mode="after")
    def _line_has_length(self) -> Self:
        if self.line is not None and self.line[0] == self.line[1]:
            raise ValueError("line: the two points are the same; give two ends of the counting line")
        return self


class DetectorConfig(Section):
    """Which faces are believed."""

    model: str = "built-in"
    min_score: float = Field(default=0.5, gt=0, lt=1)
    weak_score: float = Field(default=0.2, gt=0, lt=1)

    @model_validator(mode="after")
    def _scores_ascend(self) -> Self:
        if self.weak_score > self.min_score:
            raise ValueError(
                f"min_score {self.min_score} lies below weak_score {self.weak_score}, from which a face may only "
                "continue a visit; set weak_score lower"
            )
        return self


class VisitConfig(Section):
    """What makes a track a visit."""

    min_duration_s: float = Field(default=0.4, ge=0, le=60)
    min_hits: int = Field(default=3, ge=1, le=100)
    sure_score: float = Field(default=0.9, ge=0, lt=1)
    max_gap_s: float = Field(default=2.0, gt=0, le=30)
    static_after_s: float = Field(default=180.0, ge=10, le=86_400)


class AttributeConfig(Section):
    """When gender and age are judged; below these floors the answer is unknown, never a guess."""

    model: str = "built-in"
    gender_min_face_px: float = Field(default=24.0, ge=8, le=512)
    age_min_face_px: float = Field(default=32.0, ge=8, le=512)
    min_quality: float = Field(default=0.25, ge=0, le=1)
    min_gender_confidence: float = Field(default=0.6, ge=0.5, lt=1)
    gender_from_age_years: int = Field(default=13, ge=0, le=100)
    faces_per_visit: int = Field(default=5, ge=1, le=50)


class ReidConfig(Section):
    """By what the visits of a day are compared, to tell who came again; a face template is biometric data."""

    mode: Literal["off", "clothes", "faces"] = "off"
    model: str = "built-in"
    staff_passes: float = Field(default=8.0, ge=2, le=1000)
    staff_in_visits: bool = True
    max_interval_share: float = Field(default=0.25, gt=0, le=2)


class ReportConfig(Section):
    """The daily report: the CSV, and the page as PDF."""

    directory: Path = Path("reports")
    time: ReportTime = time(4, 30)
    age_group_starts: tuple[Annotated[int, Field(ge=0, le=120)], ...] = (0, 13, 18, 25, 35, 45, 55, 65)
    small_cell: int = Field(default=0, ge=0, le=1000)
    max_share_interval: float = Field(default=0.1, ge=0.01, le=1)
    pdf_fonts: tuple[Path, ...] = ()
    csv_separator: Literal[",", ";", "\t"] = ","
    csv_decimal: Literal[".", ","] = "."

    @model_validator(mode="after")
    def _numbers_stay_whole(self) -> Self:
        if self.csv_separator == self.csv_decimal:
            raise ValueError('csv_separator and csv_decimal are the same; with csv_decimal "," take csv_separator ";"')
        return self

    @model_validator(mode="after")
    def _groups_ascend(self) -> Self:
        starts = self.age_group_starts
        if not starts or starts[0] != 0 or list(starts) != sorted(set(starts)):
            raise ValueError("age_group_starts must begin with 0 and ascend, like [0, 13, 18, 25, 35, 45, 55, 65]")
        return self


class RetentionConfig(Section):
    """How long rows about single visits are kept; daily and hourly totals stay."""

    visits_days: int = Field(default=90, ge=1, le=3650)
    minutes_days: int = Field(default=400, ge=1, le=3650)
