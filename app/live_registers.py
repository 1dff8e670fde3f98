"""The registers of the running program, which end with the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog

from app.registers import LATE, Place, Registers, utc_now
from app.sharing.opening import open_exchange
from footfall.config import Config
from footfall.local_time import day_bounds
from ingest.signatures import overwrite
from ingest.spooling.records import Record
from reid.types import RegisterPart, Sighting


class LiveRegisters:
    """The registers of a running program: told of visits as they end, written from time to time, closed with the day.

    `write` takes records that must not be lost. While `in_haste` says so nothing is compared anew.
    """

    def __init__(
        self,
        config: Config,
        origin: str,
        write: Callable[[Sequence[Record]], object],
        clock: Callable[[], datetime] = utc_now,
        in_haste: Callable[[], bool] = lambda: False,
    ) -> None:
        self._config = config
        self._origin = origin
        self._write = write
        self._clock = clock
        self._log = structlog.get_logger("footfall.register")
        self._in_haste = in_haste
        self._exchange = open_exchange(config, in_haste)
        self._registers = Registers(config, origin, in_haste, self._exchange)
        self._said_late: set[Place | None] = set()
        self.seen = 0
        self.late = 0

    @property
    def held(self) -> int:
        """How many visits have templates in memory."""
        return self._registers.held

    @property
    def sharing(self) -> str:
        """Whether visits are compared with those of other boxes: "off", "on", or "alone: " and why."""
        if self._exchange is None:
            return "off"
        return f"alone: {self._exchange.problem}" if self._exchange.problem else "on"

    def see(self, sighting: Sighting) -> None:
        """Take a visit; one of a day that is over, or has not begun, is not compared."""
        place = self._registers.place_of(sighting) if sighting.camera_id in self._config.cameras else None
        if place is None or self._is_over(place):
            self.late += 1
            if place not in self._said_late:
                self._said_late.add(place)
                day = "unknown" if place is None else str(place[1])
                self._log.warning("visits of another day are not compared", camera=sighting.camera_id, day=day)
            if sighting.signature is not None:
                overwrite(sighting.signature)
            return
        self.seen += 1
        with self._counting_goes_on():
            self._registers.see(sighting)

    def write(self) -> None:
        """Close the registers of days that are over, share with other boxes, and write what changed."""
        self._close([place for place in self._registers.places if self._is_over(place)], is_over=True)
        with self._counting_goes_on():
            self._registers.share()
        with self._counting_goes_on():
            self._put(self._registers.changes())

    def use(self, config: Config) -> None:
        """Take over changed settings: compared in another way, the rest of the day is another part of it."""
        if _comparing(self._config) != _comparing(config):
            self.close()
            self._exchange = open_exchange(config, self._in_haste)
            self._registers = Registers(config, self._origin, self._in_haste, self._exchange)
        self._close(place for place in self._registers.places if place[0] not in config.sites)
        self._registers.use(config)
        self._config = config

    def close(self) -> None:
        """Tell the other boxes of the last visits, overwrite all templates and write what is known until now."""
        with self._counting_goes_on():
            self._registers.share()
        self._close(self._registers.places)
        with self._counting_goes_on():
            self._put([])
        if self._exchange is not None:
            self._exchange.end()

    def _close(self, places: Iterable[Place], *, is_over: bool = False) -> None:
        for place in places:
            with self._counting_goes_on():
                self._put(self._registers.close([place], self._clock(), is_over=is_over))

    def _is_over(self, place: Place) -> bool:
        """Tell a day that ended, or that is still to come: its visits had a wrong clock, and nobody would close it."""
        site, day = place
        bounds = day_bounds(day, self._config.sites[site].zone)
        return not bounds.start - LATE <= self._clock() < bounds.end + LATE

    @contextmanager
    def _counting_goes_on(self) -> Iterator[None]:
        """Log a defect of the comparison instead of ending the program, which would end the counting."""
        try:
            yield
        except Exception:
            self._log.exception("comparing visits failed; they are counted all the same")

    def _put(self, records: Sequence[Record]) -> None:
        for part in (record for record in records if isinstance(record, RegisterPart) and record.closed_at):
            self._log.info("register closed", site=part.site, day=str(part.day), templates_deleted=part.deleted)
        self._write(records)  # nothing new, too: what a full disk did not take tries again


def _comparing(config: Config) -> tuple[object, ...]:
    return config.reid.mode, config.reid.model, config.sharing
