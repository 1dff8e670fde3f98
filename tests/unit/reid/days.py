"""Sightings of invented people: random directions as templates, one for each person, a little noise for each visit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np

from footfall.types import Direction, FloatArray
from reid.pair_model import KNEE, Cue, PairModel
from reid.register import DayRegister, RegisterOptions
from reid.types import ReidMode, Sighting, Signature

DAY = date(2026, 3, 2)
OPENS = datetime(2026, 3, 2, 9, tzinfo=UTC)
WIDTH = 64


def model() -> PairModel:
    """Return distributions that suit the invented people: strangers normal, one person anywhere above."""
    scores = -6.0 + 0.05 * np.arange(400)
    bulk = np.exp(-0.5 * scores**2) / np.sqrt(2 * np.pi)
    tail = np.exp(-0.5 * KNEE**2) / np.sqrt(2 * np.pi) * np.exp(-2.5 * (scores - KNEE))
    strangers = np.where(scores < KNEE, bulk, tail)
    same = np.where(scores > 3.0, 1.0 / 11.0, 1e-6)
    cue = Cue(-6.0, 0.05, strangers, same, 12.0, 0.0, 0.125, 0.2, 0.05)
    return PairModel("invented", "invented", cue, cue)


class People:
    """Draws visits of invented people, each with templates of its own."""

    def __init__(self, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        self._known: dict[int, FloatArray] = {}

    def signature(self, person: int) -> Signature:
        """Return what `person` looks like this time: three faces, and clothes."""
        if person not in self._known:
            self._known[person] = self._unit(self._noise(2))
        face, clothes = self._known[person]
        faces = self._unit(face + 0.03 * self._noise(3))
        worn = self._unit(clothes[None] + 0.03 * self._noise(1))[0]
        return Signature(faces, np.full(3, 40.0, np.float32), np.ones(3, np.float32), worn)

    def visit(
        self,
        person: int,
        at_s: float,
        camera: str = "door-1",
        entrance: str = "door",
        direction: Direction = Direction.IN,
    ) -> Sighting:
        """Return a visit of three seconds, `at_s` after opening."""
        entered = OPENS + timedelta(seconds=at_s)
        return Sighting(
            UUID(bytes=self._random.bytes(16)),
            camera,
            entrance,
            entered,
            entered + timedelta(seconds=3),
            direction,
            direction is not Direction.OUT,
            signature=self.signature(person),
        )

    def day(self, persons: Sequence[int], every_s: float = 60.0) -> list[Sighting]:
        """Return one visit after the other of `persons`."""
        return [self.visit(person, number * every_s) for number, person in enumerate(persons)]

    def _noise(self, rows: int) -> FloatArray:
        return self._random.normal(size=(rows, WIDTH)).astype(np.float32)

    @staticmethod
    def _unit(vectors: FloatArray) -> FloatArray:
        return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def register(sightings: Sequence[Sighting] = (), mode: ReidMode = ReidMode.FACES, **options: object) -> DayRegister:
    """Return a register of the mall's day that was told of `sightings`."""
    made = DayRegister("mall", DAY, "test", RegisterOptions(mode, **options), model())  # type: ignore[arg-type]
    for sighting in sightings:
        made.add(sighting)
    return made
