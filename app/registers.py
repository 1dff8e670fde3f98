"""The registers of the day: one for each site and local day, from the first visit until the day is over.

Templates are in these registers only, in memory that is kept out of swap where the system allows it. What leaves them
are judgements of visits and sums, as records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from app.sharing.opening import require_sharing
from db.store import Store
from footfall.config import Config
from footfall.config_sections import SiteConfig
from footfall.errors import ConfigError
from footfall.local_time import day_bounds, local_day, opening_intervals
from ingest.secrecy import lock_in_memory, unlock
from ingest.signatures import overwrite
from ingest.spooling.records import Record
from reid.pair_model import PairModel, load_pair_model
from reid.register import DayRegister, RegisterOptions
from reid.types import First, RegisterPart, ReidMode, Sighting

if TYPE_CHECKING:
    from app.sharing.exchange import Exchange

RECORDINGS = "recordings"
LATE = timedelta(minutes=10)
"""Visits that end, or are held back, after midnight come as late; then the day's templates are overwritten."""
AROUND_OPENING = timedelta(minutes=15)
"""Visitors wait for the doors to open, and walk on a while when they close."""
Place = tuple[str, date]


def utc_now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)


def require_comparable(config: Config) -> None:
    """Make sure that visits can be compared, when they shall be: when a day ends, and what tells pairs of them apart.

    Raises:
        ConfigError: the settings of this machine do not name the sites; only the database would know. Or what sharing
            with other boxes needs is not installed.
        ModelError: the calibration of pairs of visits is missing.
    """
    if config.reid.mode == "off":
        return
    if "sites" not in config.model_fields_set:
        raise ConfigError("reid.mode: visits are compared by day, so write [sites] with the time zone into this file")
    load_pair_model()
    require_sharing(config)


class Registers:
    """All registers that `config` asks for under one `origin`; with mode "off" it takes nothing.

    With an `exchange` other boxes hear of its visits, and it compares them with theirs.

    Raises:
        ModelError: the calibration of pairs of visits is missing.
    """

    def __init__(
        self,
        config: Config,
        origin: str,
        in_haste: Callable[[], bool] = lambda: False,
        exchange: Exchange | None = None,
    ) -> None:
        self._in_haste = in_haste
        self._exchange = exchange
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

    def end_of(self, place: Place) -> datetime:
        """Return when the templates of a place are overwritten at the latest."""
        site, day = place
        return day_bounds(day, self._config.sites[site].zone).end + LATE

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

    def share(self) -> None:
        """Tell the other boxes of the visits that are new, and take theirs."""
        if self._exchange is None:
            return
        before = {place: self._exchange.not_shared(place) for place in self._registers}
        self._exchange.share(self._take)
        self._changed.update(place for place, number in before.items() if self._exchange.not_shared(place) != number)

    def changes(self) -> list[Record]:
        """Return the sums of registers that changed since the last call, and the judgements that did."""
        parts: list[Record] = []
        firsts: list[Record] = []
        for place in self._changed:
            part = self._told(place, self._registers[place].part())
            self._held[place] = part.held
            parts.append(part)
            firsts += self._registers[place].changed_firsts()
        self._changed.clear()
        return parts + firsts

    def close(self, places: Iterable[Place], now: datetime, *, is_over: bool = False) -> list[Record]:
        """Overwrite the templates of `places` and return their final judgements, and then their sums.

        With `is_over` their days end, and nobody needs what was shared any more. Where writing them breaks off, the
        sums are not final, instead of not being those of the judgements.
        """
        parts: list[Record] = []
        firsts: list[Record] = []
        for place in places:
            register = self._registers.pop(place)
            try:
                part = self._told(place, register.close(now))
                parts.append(part)
                firsts += register.firsts()
            finally:  # whatever fails, the templates go
                for block in register.templates():
                    block.fill(0)
                    unlock(block)
                self._changed.discard(place)
                self._held.pop(place, None)
                self._locked.pop(place, None)
                if self._exchange is not None:
                    self._exchange.close(place, is_over=is_over)
        return firsts + parts

    def _add(self, sighting: Sighting, model: PairModel) -> None:
        place = self.place_of(sighting)
        if place not in self._registers:
            self._registers[place] = DayRegister(*place, self._origin, self._options(place[0]), model)
        taken = self._put(place, sighting)
        if self._exchange is not None:
            self._exchange.note(place, self.end_of(place), taken)

    def _put(self, place: Place, sighting: Sighting) -> Sighting:
        """Put a visit into its register, without its templates where they do not fit, and return what was taken."""
        taken = sighting
        try:
            self._registers[place].add(taken)
        except ValueError as error:  # of another network: a worker that has not taken over the settings yet
            self._log.warning("visit cannot be compared", camera=sighting.camera_id, reason=str(error))
            taken = replace(sighting, signature=None)
            self._registers[place].add(taken)
        self._changed.add(place)
        self._lock(place)
        return taken

    def _take(self, place: Place, sighting: Sighting) -> None:
        """Take a visit at another box, or of an earlier run of this one, and overwrite its templates."""
        try:
            if not self._registers[place].knows(sighting.uid):
                self._put(place, sighting)
        finally:
            if sighting.signature is not None:
                overwrite(sighting.signature)

    def _told(self, place: Place, part: RegisterPart) -> RegisterPart:
        return part if self._exchange is None else replace(part, not_shared=self._exchange.not_shared(place))

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
