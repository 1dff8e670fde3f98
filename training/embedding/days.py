"""Days at a mall's entrances, put together from photographs of people, with the truth known.

Who comes once is a photograph of its own; who comes again has other photographs each time. A visit's faces are what a
camera sees of its photographs (`seen`), its clothes are drawn by a model of colours (`outfits`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import numpy.typing as npt

from footfall.types import Detections, Direction, FloatArray, ImageArray
from reid.types import Sighting, Signature
from training.data.framed import FramedFaces
from training.embedding.outfits import Outfit, changed, draw_background, draw_outfit, see_outfit
from training.embedding.seen import Light, draw_light, draw_sizes, see_face

Embed = Callable[[ImageArray, Detections], FloatArray]
Dress = Callable[[ImageArray, FloatArray], FloatArray]
OPENS = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPEN_S = 12 * 3600
AGAIN = 0.45  # of those who came, that come once more: visits of one person fall off by this


@dataclass(frozen=True, slots=True)
class Looks:
    """Views of photographs: embeddings float32 (P, V, D), face sizes px float32 (P, V), the person of each (P,)."""

    faces: FloatArray
    face_px: FloatArray
    groups: npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Look:
    """The faces of one visit, float32 (F, D), and their sizes, px float32 (F,)."""

    faces: FloatArray
    face_px: FloatArray


@dataclass(frozen=True, slots=True)
class DayPlan:
    """How a day goes: `returns` is the share of visits that are not their person's first, without staff.

    `staff` people pass `staff_passes` times each; `dark` is the share of dark coats, `changed` of visits in other
    clothes than the person's first.
    """

    visits: int
    returns: float
    staff: int = 0
    staff_passes: int = 14
    entrances: int = 2
    dark: float = 0.5
    changed: float = 0.1


@dataclass(frozen=True, slots=True)
class Day:
    """Sightings in the order of time, whose person each is, int64 (N,), and which persons are staff, bool (N,)."""

    sightings: list[Sighting]
    persons: npt.NDArray[np.int64]
    staff: npt.NDArray[np.bool_]

    @property
    def unique(self) -> int:
        """How many people came who are not staff."""
        return len(np.unique(self.persons[~self.staff]))


def look_at(
    faces: FramedFaces, rows: npt.NDArray[np.intp], embed: Embed, random: np.random.Generator, views: int
) -> Looks:
    """Return `views` views of each of the cached faces at `rows`, all in one light and of about one size."""
    seen, sizes = [], []
    for row in rows.tolist():
        light, sizes_px = draw_light(random), draw_sizes(random, views)
        pictures = (see_face(random, faces.images[row], float(size), light) for size in sizes_px)
        seen.append(np.concatenate([embed(*picture) for picture in pictures]))
        sizes.append(sizes_px)
    return Looks(np.stack(seen).astype(np.float32), np.stack(sizes), faces.groups[rows])


def visitors(
    random: np.random.Generator, looks: Looks, photographs: tuple[int, int] = (3, 5), most: int = 16
) -> list[list[Look]]:
    """Return the visits that each person of `looks` can make: at least two, no photograph in two of them.

    A visit has one view each of as many photographs as `photographs` says, or all views of one.
    """
    people = []
    for group in np.unique(looks.groups).tolist():
        rows = random.permutation(np.flatnonzero(looks.groups == group))
        visits: list[Look] = []
        while len(visits) < most and len(rows) >= photographs[0]:
            number = int(random.integers(photographs[0], photographs[1] + 1))
            own, rows = rows[:number], rows[number:]
            visits.append(_look(random, looks, own))
        if len(visits) > 1:
            people.append(visits)
    return people


def strangers(random: np.random.Generator, looks: Looks) -> list[Look]:
    """Return one visit of everybody in `looks`, with the views of one photograph, in random order."""
    first = np.unique(looks.groups, return_index=True)[1]
    return [_look(random, looks, np.array([row])) for row in random.permutation(first)]


def _look(random: np.random.Generator, looks: Looks, rows: npt.NDArray[np.intp]) -> Look:
    if len(rows) == 1:
        views = random.permutation(looks.faces.shape[1])[: int(random.integers(3, 6))]
        return Look(looks.faces[rows[0], views], looks.face_px[rows[0], views])
    views = random.integers(0, looks.faces.shape[1], len(rows))
    return Look(looks.faces[rows, views], looks.face_px[rows, views])


class Town:
    """People who can come again, who come once, and who may be staff, to draw days from.

    `dress` says what clothes look like to the program.
    """

    def __init__(
        self, people: Sequence[list[Look]], once: Sequence[Look], dress: Dress, staff: Sequence[list[Look]] = ()
    ) -> None:
        self._people, self._once, self._dress, self._staff = people, once, dress, staff

    def day(self, random: np.random.Generator, plan: DayPlan) -> Day:
        """Return a day after `plan`; fewer visits or returns where there are not enough people."""
        looks, persons, staff = self._who(random, plan)
        order = random.permutation(len(looks))
        moments_s = np.sort(random.uniform(0, OPEN_S, len(looks)))
        scene = _Scene(random, plan, self._dress)
        sightings = []
        for moment_s, visit in zip(moments_s.tolist(), order.tolist(), strict=True):
            entrance = int(random.integers(plan.entrances))
            clothes = scene.clothes(int(persons[visit]), bool(staff[visit]), entrance)
            entered = OPENS + timedelta(seconds=moment_s)
            look = looks[visit]
            signature = Signature(look.faces.copy(), look.face_px, np.clip(look.face_px / 64.0, 0.1, 1.0), clothes)
            sightings.append(
                Sighting(
                    UUID(bytes=random.bytes(16)),
                    f"camera {entrance}",
                    f"entrance {entrance}",
                    entered,
                    entered + timedelta(seconds=float(random.uniform(1.5, 5.0))),
                    Direction.IN,
                    True,
                    signature=signature,
                )
            )
        return Day(sightings, persons[order], staff[order])

    def _who(
        self, random: np.random.Generator, plan: DayPlan
    ) -> tuple[list[Look], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        looks: list[Look] = []
        persons: list[int] = []
        for person, visits in enumerate(self._staff[row] for row in random.permutation(len(self._staff))[: plan.staff]):
            looks += visits[: plan.staff_passes]
            persons += [person] * len(visits[: plan.staff_passes])
        passes, wanted = len(looks), round(plan.returns * plan.visits)
        chance = min(1 - AGAIN, len(self._people) / max(wanted, 1))  # where many are wanted of few, each comes oftener
        for visits in (self._people[row] for row in random.permutation(len(self._people))):
            again = min(len(visits) - 1, int(random.geometric(chance)), 6, wanted)
            if again > 0:
                looks += visits[: again + 1]
                persons += [1 + (persons[-1] if persons else -1)] * (again + 1)
                wanted -= again
        rest = max(0, plan.visits + passes - len(looks))
        alone = [self._once[row] for row in random.permutation(len(self._once))[:rest]]
        persons += [1 + (persons[-1] if persons else -1) + number for number in range(len(alone))]
        who = np.array(persons)
        return looks + alone, who, np.arange(len(who)) < passes


class _Scene:
    """The entrances of one day, and what everybody wears."""

    def __init__(self, random: np.random.Generator, plan: DayPlan, dress: Dress) -> None:
        self._random, self._plan, self._dress = random, plan, dress
        self._backgrounds = [draw_background(random) for _ in range(plan.entrances)]
        self._lights = [draw_light(random) for _ in range(plan.entrances)]
        self._outfits: dict[int, Outfit] = {}

    def clothes(self, person: int, staff: bool, entrance: int) -> FloatArray:
        """Return the description float32 (C,) of what the person wears, as seen at the entrance now."""
        random, light = self._random, self._lights[entrance]
        outfit = self._outfits.get(person)
        if outfit is None:
            outfit = draw_outfit(random, self._plan.dark, 0.7 if staff else 0.01)
            self._outfits[person] = outfit
        elif random.random() < self._plan.changed:
            outfit = changed(random, outfit)
        gamma, gain = np.exp(random.normal(0.0, 0.08, 2)).tolist()
        cast = np.asarray(light.cast * np.exp(random.normal(0.0, 0.02, 3)), np.float32)
        now = Light(light.gamma * gamma, light.gain * gain, cast, light.lift + float(random.normal(0.0, 3.0)))
        picture, box = see_outfit(random, outfit, self._backgrounds[entrance], now)
        return np.asarray(self._dress(picture, box)[0], np.float32)
