"""The register of a site's day: takes sightings, holds their templates in memory, tells who came for the first time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from footfall.types import FloatArray
from reid.comparison import Comparison
from reid.estimate import Estimate, estimate
from reid.pair_model import PairModel
from reid.stays import stay_histogram
from reid.types import FIRST_SCALE, First, RegisterPart, ReidMode, Sighting

MOVED = 50  # of FIRST_SCALE, from which on a judgement is told again


@dataclass(frozen=True, slots=True)
class RegisterOptions:
    """What a register compares by and what it makes of it.

    A person who passes more often than `staff_passes` times, or also outside `is_open`, is staff. An interval is told
    while half of it is at most `max_interval_share` of the estimate and at least `min_compared_share` of the arrivals
    could be compared. While `in_haste` says so, what takes seconds is left out: the process ends.
    """

    mode: ReidMode
    staff_passes: float = 8.0
    max_interval_share: float = 0.25
    min_compared_share: float = 0.5
    is_open: Callable[[datetime], bool] | None = None
    in_haste: Callable[[], bool] = lambda: False


class DayRegister:
    """One site's day as one process saw it: sightings in any order, late ones too.

    What a signature holds is copied; whoever made it overwrites his own.
    """

    def __init__(self, site: str, day: date, origin: str, options: RegisterOptions, model: PairModel) -> None:
        self._uid = uuid4()
        self._site, self._day, self._origin = site, day, origin
        self._options, self._model = options, model
        self._comparison = Comparison(model, options.mode, options.in_haste)
        self._times: list[tuple[datetime, datetime]] = []
        self._estimate: Estimate | None = None
        self._told: dict[UUID, First] = {}
        self._deleted: int | None = None
        self._closed_at: datetime | None = None

    def templates(self) -> Sequence[FloatArray]:
        """Return the memory that holds templates, float32 blocks that never move; more come as the day goes on."""
        return self._comparison.blocks()

    def add(self, sighting: Sighting) -> None:
        """Take a visit; the same uid again replaces it.

        Raises:
            ValueError: the register is closed, or the signature is of another network than those before.
        """
        if self._deleted is not None:
            raise ValueError(f"the register of {self._site}, {self._day} is closed; its templates are gone")
        self.remove([sighting.uid])
        is_open = self._options.is_open
        self._comparison.add(sighting, is_open is None or is_open(sighting.entered_at))
        if sighting.is_own:
            self._times.append((sighting.entered_at, sighting.left_at))
        self._estimate = None

    def knows(self, uid: UUID) -> bool:
        """Tell whether the register was told of a visit."""
        return uid in self._comparison.visits.row_of

    def remove(self, uids: Iterable[UUID]) -> None:
        """Forget visits that were taken back; those the register does not know are left."""
        for uid in uids:
            if self._deleted is None and uid in self._comparison.visits.row_of:
                self._comparison.remove(uid)
                self._told.pop(uid, None)
                self._estimate = None

    def firsts(self) -> list[First]:
        """Return the judgement of every own visit, all compared anew with all: the order of coming is forgotten."""
        self._compare()
        return self._judge()

    def changed_firsts(self) -> list[First]:
        """Return the judgements that are new, or moved by more than MOVED, since they were last returned here."""
        changed = [first for first in self._judge() if _moved(self._told.get(first.uid), first)]
        self._told.update((first.uid, first) for first in changed)
        return changed

    def part(self, closed_at: datetime | None = None) -> RegisterPart:
        """Return the sums of the own visits as they stand. `unique` is that of the judgements as they are, told or not.

        What leaves the sum of all boxes unsure is the same for each: a part has its share of that interval.
        """
        now, firsts = self._current(), self._judge()
        counted = [first for first in firsts if first.first is not None]
        unique = sum(first.first or 0 for first in counted if not first.staff) / FIRST_SCALE
        arrivals, compared = len(counted), sum(first.compared for first in counted)
        visitors = arrivals - sum(first.staff for first in counted)
        enough = arrivals > 0 and compared >= self._options.min_compared_share * arrivals
        low, high = self._interval(now, unique, visitors) if enough else (None, None)
        moments = self._times or [(datetime.combine(self._day, datetime.min.time(), UTC),) * 2]
        return RegisterPart(
            uid=self._uid,
            site=self._site,
            day=self._day,
            origin=self._origin,
            mode=self._options.mode,
            began_at=min(entered for entered, _ in moments),
            seen_until=max(left for _, left in moments),
            arrivals=arrivals,
            compared=compared,
            staff=arrivals - visitors,
            unique=unique,
            low=low,
            high=high,
            returns_per_pair=now.returns_per_pair,
            stays=stay_histogram(now.stays_s, now.stay_weights),
            held=0 if self._deleted is not None else self._comparison.signatures,
            deleted=self._deleted or 0,
            closed_at=closed_at or self._closed_at,
            model_version=self._model.version,
        )

    def close(self, now: datetime) -> RegisterPart:
        """Overwrite every template in place and return the final sums; judgements stay, nothing more is taken."""
        if self._deleted is None:
            self._compare()
            self._current()
            self._deleted, self._closed_at = self._comparison.signatures, now
            self._comparison.overwrite()
        return self.part(now)

    def _interval(self, now: Estimate, unique: float, visitors: int) -> tuple[float | None, float | None]:
        """Return this box's share of the interval, None where that is too wide; a box alone has somebody at least."""
        if now.half_width is None or now.half_width > self._options.max_interval_share * now.unique:
            return None, None
        half = now.half_width * now.own_share
        least, most = (min(1.0, unique), float(visitors)) if now.own_share == 1.0 else (0.0, float("inf"))
        return max(least, unique - half), max(unique, min(most, unique + half))

    def _compare(self) -> None:
        if self._deleted is None:
            self._comparison.compare_all()
            self._estimate = None

    def _current(self) -> Estimate:
        if self._estimate is None:
            if self._deleted is None:
                self._comparison.update()
            self._estimate = estimate(self._comparison, self._options.staff_passes)
        return self._estimate

    def _judge(self) -> list[First]:
        now, visits = self._current(), self._comparison.visits
        arrival, own = visits.flags("arrival"), visits.flags("own")
        compared = visits.flags("face") | visits.flags("clothes")
        firsts = []
        for row, (uid, camera_id) in visits.sighting_of.items():
            if not own[row]:
                continue
            first = round(FIRST_SCALE * float(now.first[row])) if arrival[row] else None
            firsts.append(First(uid, self._uid, camera_id, first, bool(compared[row]), bool(now.staff[row])))
        return firsts


def _moved(before: First | None, now: First) -> bool:
    if before is None or before.staff != now.staff or before.compared != now.compared:
        return True
    if before.first is None or now.first is None:
        return before.first != now.first
    return abs(before.first - now.first) > MOVED
