"""Scoring of a counted scene: misses, double counts and ghosts are told apart and cannot cancel."""

from __future__ import annotations

import numpy as np

from app.demo.truth import FaceInView, PersonTruth, SceneTruth
from benchmarks.scene_score import BoxLog, CountedVisit, score_scene
from footfall.types import Direction, Gender

FRAMES = 10


def person(number: int, x: float, gender: Gender) -> PersonTruth:
    faces = tuple(FaceInView(frame, (x, 50.0, x + 30, 90.0), 1.0) for frame in range(FRAMES))
    return PersonTruth(number, str(number), 0.0, 1.0, Direction.IN, gender, 30.0, 1.0, 40.0, 40.0, faces)


TRUTH = SceneTruth(
    seed=1,
    size=(640, 360),
    fps=10,
    frames=FRAMES,
    people=(person(0, 100, Gender.FEMALE), person(1, 300, Gender.MALE)),
    from_behind=0,
    occlusions=(),
    poster=None,
)


def visit(track: int, gender: Gender = Gender.FEMALE) -> CountedVisit:
    return CountedVisit(track, gender, 34.0, Direction.IN)


def log_of(places: dict[int, list[float]]) -> BoxLog:
    """Return the log of tracks whose left edges in frames 0, 1, ... are given."""
    log = BoxLog(TRUTH)
    for track, lefts in places.items():
        for frame, left in enumerate(lefts):
            log.note(frame, [(track, np.array([left, 50, left + 30, 90]))])
    return log


def test_a_right_count_is_right_in_everything() -> None:
    score = score_scene(TRUTH, [visit(1), visit(2, Gender.MALE)], log_of({1: [100.0] * 9, 2: [301.0] * 8}))
    assert (score.missed, score.doubled, score.ghosts, score.counting_error) == ((), 0, 0, 0.0)
    assert (score.gender_right, score.direction_right, score.age_error_years) == (2, 2, 4.0)


def test_a_miss_and_a_double_count_do_not_cancel() -> None:
    score = score_scene(TRUTH, [visit(1), visit(2)], log_of({1: [100] * 5, 2: [102] * 4}))
    assert (score.counting_error, score.missed, score.doubled, score.ghosts) == (0.0, (1,), 1, 0)


def test_a_visit_of_nobody_is_a_ghost() -> None:
    score = score_scene(TRUTH, [visit(1)], log_of({1: [500.0] * 5}))
    assert (score.missed, score.ghosts, score.gender_share) == ((0, 1), 1, None)


def test_a_track_that_changes_over_is_given_to_whoever_is_left() -> None:
    log = log_of({1: [100.0] * 4 + [300.0] * 4, 2: [100.0] * 9})
    score = score_scene(TRUTH, [visit(1, Gender.MALE), visit(2)], log)
    assert (score.missed, score.doubled, score.ghosts, score.gender_right) == ((), 0, 0, 2)
