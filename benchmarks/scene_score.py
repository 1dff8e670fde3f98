"""Compares what was counted in a sample scene with its truth: whose each visit is, told by where the boxes lay."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from app.demo.truth import FaceInView, PersonTruth, SceneTruth
from footfall.types import Direction, Gender

LEAST_SHARE = 0.5  # of a track's boxes that must lie on people's faces, or it is a visit of nobody


@dataclass(frozen=True, slots=True)
class CountedVisit:
    """One visit as a program reports it; `direction` is None when the program knows none."""

    track: int
    gender: Gender
    age_years: float | None
    direction: Direction | None


@dataclass(frozen=True, slots=True)
class SceneScore:
    """How well a scene was counted. `ghosts` are visits of nobody, such as the poster."""

    people: int
    visits: int
    missed: tuple[int, ...]
    doubled: int
    ghosts: int
    gender_right: int
    gender_judged: int
    direction_right: int
    direction_judged: int
    age_error_years: float | None

    @property
    def counting_error(self) -> float:
        """Share of the truth by which the number of visits is off."""
        return abs(self.visits - self.people) / self.people

    @property
    def gender_share(self) -> float | None:
        """Share of right genders among those not unknown, None when all are unknown."""
        return self.gender_right / self.gender_judged if self.gender_judged else None


class BoxLog:
    """Notes whose face each box of each track lay on."""

    def __init__(self, truth: SceneTruth) -> None:
        self._faces: dict[int, list[tuple[int, FaceInView]]] = defaultdict(list)
        for person in truth.people:
            for face in person.faces:
                self._faces[face.frame].append((person.id, face))
        self._votes: dict[int, Counter[int | None]] = defaultdict(Counter)

    def note(self, frame: int, boxes: Iterable[tuple[int, npt.NDArray[np.floating]]]) -> None:
        """Take the (track, box xyxy px) pairs of one frame."""
        for track, box in boxes:
            self._votes[track][self._person_at(frame, box)] += 1

    def is_ghost(self, track: int) -> bool:
        """Return whether most boxes of the track lay on nobody's face."""
        votes = self._votes[track]
        return votes.total() - votes[None] < LEAST_SHARE * max(1, votes.total())

    def frames_on(self, track: int, person: int) -> int:
        """Return in how many frames the track's box lay on the person's face."""
        return self._votes[track][person]

    def _person_at(self, frame: int, box: npt.NDArray[np.floating]) -> int | None:
        x, y = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
        nearest, nearest_share = None, 0.5  # of the face's height
        for person, face in self._faces.get(frame, ()):
            x1, y1, x2, y2 = face.box
            share = float(np.hypot(x - (x1 + x2) / 2, y - (y1 + y2) / 2)) / (y2 - y1)
            if face.visible > 0.1 and share < nearest_share:
                nearest, nearest_share = person, share
        return nearest


def score_scene(truth: SceneTruth, visits: Sequence[CountedVisit], log: BoxLog) -> SceneScore:
    """Return how `visits` compare with `truth`.

    Visits of somebody are given to people one to one so that as many frames as possible agree (as IDF1 does it); a
    visit left over counted somebody twice, a person left over was missed.
    """
    people = {person.id: person for person in truth.people}
    real = [visit for visit in visits if not log.is_ghost(visit.track)]
    first = _one_to_one(list(people), real, log)
    doubled, ghosts = len(real) - len(first), len(visits) - len(real)
    judged = [(people[person], visit) for person, visit in first.items() if visit.gender is not Gender.UNKNOWN]
    aimed = [(people[person], visit) for person, visit in first.items() if visit.direction is not None]
    return SceneScore(
        people=len(people),
        visits=len(visits),
        missed=tuple(sorted(set(people) - set(first))),
        doubled=doubled,
        ghosts=ghosts,
        gender_right=sum(person.gender is visit.gender for person, visit in judged),
        gender_judged=len(judged),
        direction_right=sum(person.direction is visit.direction for person, visit in aimed),
        direction_judged=len(aimed),
        age_error_years=_age_error(people, first),
    )


def _one_to_one(people: Sequence[int], visits: Sequence[CountedVisit], log: BoxLog) -> dict[int, CountedVisit]:
    agreed = np.array([[log.frames_on(visit.track, person) for person in people] for visit in visits])
    rows, columns = linear_sum_assignment(agreed.reshape(len(visits), len(people)), maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {people[column]: visits[row] for row, column in pairs if agreed[row, column] > 0}


def _age_error(people: Mapping[int, PersonTruth], first: Mapping[int, CountedVisit]) -> float | None:
    errors = [
        abs(visit.age_years - people[person].age_years)
        for person, visit in first.items()
        if visit.age_years is not None
    ]
    return float(np.mean(errors)) if errors else None
