"""What this box tells the others of a site of its visits, and hears of theirs; never waits long, never raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

import structlog

from app.sharing.memory import AT_ONCE, BEGINNING, Entry, SharedMemory, SharingError
from app.sharing.packing import packed, unpacked
from app.sharing.sealing import DaySeal, UnreadableError
from footfall.config_services import SharingConfig
from reid.types import ReidMode, Sighting

Place = tuple[str, date]
HELLO = ""  # the camera of an entry that only shows by which key a day is sealed
OTHER_KEY = (
    "another box began the day with another sharing.secret, [reid] mode or network; give all boxes the same, and the "
    "next day is shared"
)


@dataclass(slots=True)
class _Day:
    """One site's day: own entries in the order of coming, of which the server holds `sent` and the others know `known`.

    `began` is the id of the first entry that the server holds, and `heard_to` of the last one that was read.
    """

    key: str
    seal: DaySeal
    until: datetime
    entries: list[Entry] = field(default_factory=list)
    arrivals: list[bool] = field(default_factory=list)
    sent: int = 0
    known: int = 0
    began: bytes | None = None
    heard_to: bytes = BEGINNING


class Exchange:
    """Shares the visits of every day that this box has a register of.

    Own entries stay in memory, sealed, until the day is closed, so that a server that lost its memory is told again.
    `comparing` names what templates are compared by. `problem` says why nothing is shared, and is empty while it is.
    """

    def __init__(
        self, settings: SharingConfig, mode: ReidMode, comparing: str, in_haste: Callable[[], bool] = lambda: False
    ) -> None:
        self._secret = settings.secret.get_secret_value()
        self._memory = SharedMemory(settings.redis_url.get_secret_value())
        self._mode, self._comparing, self._in_haste = mode, comparing, in_haste
        self._days: dict[Place, _Day] = {}
        self._log = structlog.get_logger("footfall.sharing")
        self._said: str | None = None
        self.problem = ""

    def note(self, place: Place, until: datetime, sighting: Sighting) -> None:
        """Seal an own visit for the others; the server forgets its day at `until`."""
        if place not in self._days:
            site, day = place
            seal = DaySeal(self._secret, site, day, self._comparing)
            self._days[place] = _Day(f"footfall:{site}:{day}", seal, until)
        mine = self._days[place]
        mine.entries.append((sighting.camera_id, mine.seal.seal(sighting.camera_id, packed(sighting, self._mode))))
        mine.arrivals.append(sighting.is_arrival)

    def not_shared(self, place: Place) -> int:
        """Return how many own arrivals the others cannot know of."""
        mine = self._days.get(place)
        return sum(mine.arrivals[mine.known :]) if mine is not None else 0

    def share(self, take: Callable[[Place, Sighting], None]) -> None:
        """Tell the others what is new here and `take` what is new there, of all days; where that fails, say so."""
        if self.problem and self._in_haste():
            return
        problems = []
        try:
            self._memory.require_memory_only()
        except SharingError as error:
            problems.append(str(error))
        else:
            for place, mine in self._days.items():
                try:
                    self._share_day(place, mine, take)
                except SharingError as error:
                    problems.append(str(error))
        self._say("; ".join(dict.fromkeys(problems)))

    def close(self, place: Place, *, is_over: bool) -> None:
        """Drop what was kept of a day; one that is over is deleted at the server, too, which forgets it anyway."""
        mine = self._days.pop(place, None)
        if mine is None or not is_over or self.problem:
            return
        try:
            self._memory.forget(mine.key)
        except SharingError as error:
            self._say(str(error))

    def end(self) -> None:
        """Hang up."""
        self._days.clear()
        self._memory.close()

    def _share_day(self, place: Place, mine: _Day, take: Callable[[Place, Sighting], None]) -> None:
        self._find_beginning(mine)
        self._hear(place, mine, take)
        while mine.sent < len(mine.entries):
            some = mine.entries[mine.sent : mine.sent + AT_ONCE]
            self._memory.put(mine.key, some, mine.until)
            mine.sent += len(some)
            mine.known = max(mine.known, mine.sent)
            if self._in_haste():
                return

    def _find_beginning(self, mine: _Day) -> None:
        """Find out whether the server knows the day by the same key, and still that of the last time."""
        first = self._memory.first(mine.key)
        if first is None:
            self._memory.put(mine.key, [(HELLO, mine.seal.seal(HELLO, bytearray()))], mine.until)
            first = self._memory.first(mine.key)
        if first is None:
            raise SharingError("the day is over by the clock of Redis; set the clocks of both computers")
        began, (camera_id, sealed) = first
        if began == mine.began:
            return
        try:
            opened = mine.seal.open(camera_id, sealed)
        except UnreadableError:
            raise SharingError(OTHER_KEY) from None
        opened[:] = bytes(len(opened))
        mine.began, mine.heard_to, mine.sent = began, BEGINNING, 0

    def _hear(self, place: Place, mine: _Day, take: Callable[[Place, Sighting], None]) -> None:
        while not self._in_haste() and (found := self._memory.after(mine.key, mine.heard_to)):
            for one, (camera_id, sealed) in found:
                mine.heard_to = one
                if camera_id == HELLO:
                    continue
                try:
                    take(place, unpacked(camera_id, mine.seal.open(camera_id, sealed)))
                except UnreadableError:
                    self._log.warning("a visit that was shared cannot be read", camera=camera_id)

    def _say(self, problem: str) -> None:
        """Log a change: what is wrong, or that it is over."""
        self.problem = problem
        if problem != self._said:
            if problem:
                self._log.warning("visits are compared on this machine alone", reason=problem)
            else:
                self._log.info("visits are compared with those of the other machines")
            self._said = problem
