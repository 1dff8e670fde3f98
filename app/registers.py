"""The registers of the day: one for each site and local day, from the first visit until the day is over.

Templates are in these registers only, in memory that is kept out of swap where the system allows it. What leaves them
are judgements of visits and sums, as records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import structlog

from db.store import Store
from footfall.config import Config
from footfall.config_sections import SiteConfig
from footfall.errors import ConfigError
from footfall.local_time import local_day, opening_intervals
from ingest.secrecy import lock_in_memory, unlock
from ingest.signatures import overwrite
from ingest.spooling.records import Record
from reid.pair_model import PairModel, load_pair_model
from reid.register import DayRegister, RegisterOptions
from reid.types import First, RegisterPart, ReidMode, Sighting

RECORDINGS = "recordings"
AROUND_OPENING = timedelta(minutes=15)
"""Visitors wait for the doors to open, and walk on a while when they close."""
Place = tuple[str, date]


def utc_now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)


def require_comparable(config: Config) -> None:
    """Make sure that visits can be compared, when they shall be: when a day ends, and what tells pairs of them apart.

    Raises:
        ConfigError: the settings of this machine do not name the sites; only the database would know.
        ModelError: the calibration of pairs of visits is missing.
    """
    if config.reid.mode == "off":
        return
    if "sites" not in config.model_fields_set:
        raise ConfigError("reid.mode: visits are compared by day, so write [sites] with the time zone into this file")
    load_pair_model()


class Registers:
    """All registers that `config` asks for under one `origin`; with mode "off" it takes nothing.

    Raises:
        ModelError: the calibration of pairs of visits is missing.
    """

    def __init__(self, config: Config, origin: str, in_haste: Callable[[], bool] = lambda: False) -> None:
        self._in_haste = in_haste
        self._config = config
        self._origin = origin
        self._model = load_pair_model() if config.reid.mode != "off" else None
        self._registers: dict[Place, DayRegister] = {}
        self._locked: dict[Place, set[int]] = {}
        self._changed: set[Place] = set()
        self._held: dict[Place, int] = {}
        self._said_unlocked = False
        self._log = structlog.get_logger("footfall.register")

    @property
    def held(self) -> int:
        """How many visits have templates in memory, as of the last sums."""
        return sum(self._held.values())

    @property
    def places(self) -> list[Place]:
        """The sites and days that have a register."""
        return list(self._registers)

    def place_of(self, sighting: Sighting) -> Place:
        """Return the site and the local day of a visit: that on which it began."""
        site = self._config.site_of(sighting.camera_id)
        return site, local_day(sighting.entered_at, self._config.sites[site].zone)

    def see(self, sighting: Sighting) -> None:
        """Take a visit into its register, and overwrite the templates that came with it."""
        try:
            if self._model is not None:
                self._add(sighting, self._model)
        finally:
            if sighting.signature is not None:
                overwrite(sighting.signature)

    def use(self, config: Config) -> None:
        """Take over cameras, sites and hours; registers that are open keep the options that they began with."""
        self._config = config

    def changes(self) -> list[Record]:
        """Return the sums of registers that changed since the last call, and the judgements that did."""
        parts: list[Record] = []
        firsts: list[Record] = []
        for place in self._changed:
            part = self._registers[place].part()
            self._held[place] = part.held
            parts.append(part)
            firsts += self._registers[place].changed_firsts()
        self._changed.clear()
        return parts + firsts

    def close(self, places: Iterable[Place], now: datetime) -> list[Record]:
        """Overwrite the templates of `places` and return their final judgements, and then their sums.

        Where writing them breaks off, the sums are not final, instead of not being those of the judgements.
        """
        parts: list[Record] = []
        firsts: list[Record] = []
        for place in places:
            register = self._registers.pop(place)
            try:
                part = register.close(now)
                parts.append(part)
                firsts += register.firsts()
            finally:  # whatever fails, the templates go
                for block in register.templates():
                    block.fill(0)
                    unlock(block)
                self._changed.discard(place)
                self._held.pop(place, None)
                self._locked.pop(place, None)
        return firsts + parts

    def _add(self, sighting: Sighting, model: PairModel) -> None:
        place = self.place_of(sighting)
        if place not in self._registers:
            self._registers[place] = DayRegister(*place, self._origin, self._options(place[0]), model)
        try:
            self._registers[place].add(sighting)
        except ValueError as error:  # of another network: a worker that has not taken over the settings yet
            self._log.warning("visit cannot be compared", camera=sighting.camera_id, reason=str(error))
            self._registers[place].add(replace(sighting, signature=None))
        self._changed.add(place)
        self._lock(place)

    def _options(self, site: str) -> RegisterOptions:
        reid = self._config.reid
        return RegisterOptions(
            mode=ReidMode(reid.mode),
            staff_passes=reid.staff_passes,
            max_interval_share=reid.max_interval_share,
            is_open=opening_check(self._config.sites[site]),
            in_haste=self._in_haste,
        )

    def _lock(self, place: Place) -> None:
        """Keep new blocks of templates out of swap; say once where that is refused."""
        known = self._locked.setdefault(place, set())
        fresh = [block for block in self._registers[place].templates() if block.ctypes.data not in known]
        known.update(block.ctypes.data for block in fresh)
        if not all([lock_in_memory(block) for block in fresh]) and not self._said_unlocked:
            self._said_unlocked = True
            self._log.warning("templates cannot be kept out of swap; raise the limit of locked memory (LimitMEMLOCK)")


def opening_check(site: SiteConfig) -> Callable[[datetime], bool]:
    """Return what tells whether a moment is within the opening hours of `site`, or about so."""
    zone, hours = site.zone, site.hours_by_weekday()

    def is_open(moment: datetime) -> bool:
        today = opening_intervals(local_day(moment, zone), zone, hours)
        return any(one.start - AROUND_OPENING <= moment < one.end + AROUND_OPENING for one in today)

    return is_open


def store_recorded(registers: Registers, store: Store, now: datetime) -> tuple[RegisterPart, ...]:
    """Close the registers of recordings, whose visits are stored, and store what they say; return their sums.

    Raises:
        StoreError: the database refused; the visits stay without judgement until their recordings are processed again.
    """
    records = registers.close(registers.places, now)
    parts = tuple(record for record in records if isinstance(record, RegisterPart))
    if parts:
        store.save_parts(parts)
        store.save_firsts([record for record in records if isinstance(record, First)], now)
    return parts
