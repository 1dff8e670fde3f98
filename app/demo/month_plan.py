"""What happens in the simulated month: the sites and their cameras, what went wrong, what drew people."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from footfall.config import Config
from footfall.config_sections import CameraConfig, ReidConfig, SiteConfig

SITES = {
    "galleria": SiteConfig(
        label="Galleria (simulated)",
        time_zone="Europe/Berlin",
        opening_hours={
            "mon": "09:00-20:00",
            "tue": "09:00-20:00",
            "wed": "09:00-20:00",
            "thu": "09:00-20:00",
            "fri": "09:00-21:00",
            "sat": "09:00-21:00",
            "sun": "12:00-18:00",
        },
        currency="EUR",
        country="DE",
        subdivision="SN",
    ),
    "harbour": SiteConfig(
        label="Harbour outlet (simulated)", time_zone="Europe/Lisbon", opening_hours="10:00-20:00", country="PT"
    ),
}


@dataclass(frozen=True, slots=True)
class SimulatedCamera:
    """A camera of the month: where it hangs, how many visitors a day it sees, how often a face tells nothing."""

    name: str
    label: str
    entrance: str
    site: str
    visits_per_day: float
    unknown_share: float


CAMERAS = (
    SimulatedCamera("north", "North doors", "North", "galleria", 640, 0.11),
    SimulatedCamera("south-left", "South doors, left", "South", "galleria", 430, 0.14),
    SimulatedCamera("south-right", "South doors, right", "South", "galleria", 380, 0.16),
    SimulatedCamera("garage", "Parking deck lift", "Parking deck", "galleria", 270, 0.27),
    SimulatedCamera("pier", "Pier gate", "Pier", "harbour", 310, 0.13),
)


@dataclass(frozen=True, slots=True)
class Darkness:
    """A time without sight, in clock hours: which cameras, how many days before the last one, and why."""

    cameras: tuple[str, ...]
    days_ago: int
    from_hour: float
    to_hour: float
    reason: str


DARKNESS = (
    Darkness(("north",), 1, 13.1, 15.3, "something covered the lens"),
    Darkness(("garage",), 4, 9.2, 20.0, "a network cable was unplugged"),
    Darkness(("south-left",), 9, 0.0, 24.0, "the camera was being replaced"),
    Darkness(("north", "south-left", "south-right", "garage"), 17, 16.5, 18.25, "power cut"),
)


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """Something that changes how many come, marked on the charts."""

    site: str
    first_days_ago: int
    last_days_ago: int
    name: str
    kind: str
    factor: float


EVENTS = (
    PlannedEvent("galleria", 10, 8, "Autumn sale", "sale", 1.27),
    PlannedEvent("galleria", 19, 19, "Night shopping", "event", 1.16),
    PlannedEvent("galleria", 14, 14, "Tram strike", "other", 0.76),
)


def day_factor(site: str, days_ago: int) -> float:
    """Return by how much the events of that day change the number of visitors of `site`."""
    factors = [
        event.factor
        for event in EVENTS
        if event.site == site and event.last_days_ago <= days_ago <= event.first_days_ago
    ]
    return max(factors, key=lambda factor: abs(factor - 1), default=1.0)


def month_config(database_url: str) -> Config:
    """Return the settings that belong to the simulated sites."""
    cameras = {
        camera.name: CameraConfig(
            source=f"simulated/{camera.name}.mp4",
            site=camera.site,
            label=camera.label,
            entrance=camera.entrance,
            line=((0.0, 0.5), (1.0, 0.5)),
        )
        for camera in CAMERAS
    }
    return Config(database_url=SecretStr(database_url), sites=SITES, cameras=cameras, reid=ReidConfig(mode="clothes"))
