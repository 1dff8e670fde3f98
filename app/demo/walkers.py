"""Who walks through the hall, when, and where to: the plan that both the truth and the pictures come from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from app.demo.faces import FaceLabel
from app.demo.geometry import BACK_WALL_M, Camera
from app.demo.options import SceneOptions
from footfall.types import Gender

FIRST_ARRIVAL_S = 0.5
ADULT_FACE_M = 0.20  # height of the box that a face detector draws, not of the whole head
CHIN_TO_CROWN_M = 0.232
BOX_ASPECT = 0.75  # width by height of that box
STRIDE_M = 1.42  # two steps
CHILD_YEARS = 13
COMPANION_SHARE = 0.25
LARGEST_COMPANY = 3
PAUSE_SHARE = 0.08
COMFORT_M = 0.6
CANDIDATE_PATHS = 10
LARGEST_YAW_DEG = 20.0

Array = npt.NDArray[np.float64]


class Route(StrEnum):
    """Where a walker comes from and goes to, seen from the camera."""

    FROM_DOORS = "from the doors, across the picture to the left"
    FROM_MALL = "from the passage, across the picture to the right"
    LEFTWARDS = "sideways to the left"
    RIGHTWARDS = "sideways to the right"
    AWAY = "away from the camera, seen from behind"


FACING_ROUTES = (Route.FROM_DOORS, Route.FROM_MALL, Route.LEFTWARDS, Route.RIGHTWARDS)
FACING_SHARES = (0.45, 0.25, 0.18, 0.12)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a walker is at one moment. Metres and degrees; `step` is the phase of the gait in [0, 1)."""

    x: float
    z: float
    face_x: float
    face_y: float
    yaw_deg: float
    roll_deg: float
    step: float


@dataclass(frozen=True)
class Walker:
    """One person of the plan. `points` are the three control points (x, z) of a quadratic Bezier path, metres."""

    id: int
    face: int
    gender: Gender
    age_years: float
    route: Route
    starts_at_s: float
    speed_m_s: float
    height_m: float
    points: tuple[tuple[float, float], ...]
    pause_at: float
    pause_s: float
    phase: float
    look_seed: int

    @property
    def shows_face(self) -> bool:
        """False for those who walk away from the camera."""
        return self.route is not Route.AWAY

    @property
    def face_m(self) -> float:
        """Height of the face box in metres; a child's face is nearly as large as an adult's."""
        return ADULT_FACE_M * min(1.0, 0.84 + 0.16 * (self.height_m - 1.0) / 0.6)

    @cached_property
    def _table(self) -> tuple[Array, Array]:
        share = np.linspace(0.0, 1.0, 65)
        first, middle, last = (np.asarray(point) for point in self.points)
        curve = np.outer((1 - share) ** 2, first) + np.outer(2 * share * (1 - share), middle) + np.outer(share**2, last)
        steps = np.hypot(*np.diff(curve, axis=0).T)
        return np.concatenate([[0.0], np.cumsum(steps)]), curve

    @property
    def ends_at_s(self) -> float:
        """When the path is walked to its end, seconds from the start of the scene."""
        return float(self.starts_at_s + self._table[0][-1] / self.speed_m_s + self.pause_s)

    def walked_m(self, at_s: float) -> float:
        """Return how far along the path the walker is at `at_s`; a pause holds it."""
        elapsed = at_s - self.starts_at_s
        stop = self.pause_at * float(self._table[0][-1]) / self.speed_m_s
        return self.speed_m_s * (elapsed if elapsed < stop else max(stop, elapsed - self.pause_s))

    def position(self, at_s: float) -> tuple[float, float] | None:
        """Return (x, z) in metres at `at_s`, or None before the start and after the end."""
        if not self.starts_at_s <= at_s < self.ends_at_s:
            return None
        lengths, curve = self._table
        walked = self.walked_m(at_s)
        return float(np.interp(walked, lengths, curve[:, 0])), float(np.interp(walked, lengths, curve[:, 1]))

    def pose(self, at_s: float) -> Pose | None:
        """Return the pose at `at_s`, or None when the walker is not in the hall."""
        place = self.position(at_s)
        if place is None:
            return None
        x, z = place
        step = (self.walked_m(at_s) / STRIDE_M + self.phase) % 1.0
        turn = 2 * math.pi * step
        ahead = self.position(min(at_s + 0.05, self.ends_at_s - 1e-6)) or place
        heading = math.degrees(math.atan2(ahead[0] - x, z - ahead[1])) if ahead != place else 0.0
        glance = 5.0 * math.sin(0.9 * at_s + 7.0 * self.phase)
        centre_m = self.height_m - CHIN_TO_CROWN_M + self.face_m / 2
        return Pose(
            x=x,
            z=z,
            face_x=x + 0.015 * math.sin(turn),
            face_y=centre_m + 0.018 * math.cos(2 * turn),
            yaw_deg=max(-LARGEST_YAW_DEG, min(LARGEST_YAW_DEG, 0.4 * heading + glance)),
            roll_deg=2.0 * math.sin(turn) + 2.0 * math.sin(0.5 * at_s + 11.0 * self.phase),
            step=step,
        )


def face_box(walker: Walker, pose: Pose, camera: Camera) -> tuple[float, float, float, float]:
    """Return the box (x1, y1, x2, y2) px that a detector would draw around the face, whether it can be seen or not."""
    u, v = camera.project(pose.face_x, pose.face_y, pose.z)
    half = walker.face_m * camera.scale(pose.z) / 2
    return u - half * BOX_ASPECT, v - half, u + half * BOX_ASPECT, v + half


def plan_walkers(options: SceneOptions, labels: Sequence[FaceLabel]) -> tuple[Walker, ...]:
    """Return everybody of the scene in order of arrival; `labels` are the faces to hand out."""
    rng = np.random.default_rng(options.seed)
    camera = Camera(*options.size, options.lens)
    duration_s = 60.0 * options.people / options.people_per_minute
    starts = FIRST_ARRIVAL_S + np.sort(rng.uniform(0.0, duration_s, options.people))
    walkers: list[Walker] = []
    company = 0
    for face, starts_at_s in zip(_hand_out(labels, options.people, rng), starts, strict=True):
        route = FACING_ROUTES[int(rng.choice(len(FACING_ROUTES), p=FACING_SHARES))]
        walker = _person(len(walkers), face, labels[face], route, float(starts_at_s), rng)
        joins = rng.random() < (0.9 if walker.age_years < CHILD_YEARS else COMPANION_SHARE)
        if joins and 1 <= company < LARGEST_COMPANY:
            walkers.append(_beside(walkers[-1], walker))
            company += 1
        else:
            walkers.append(_spaced(walker, walkers, camera, rng))
            company = 1
    backs = round(options.people * options.backs_share)
    for starts_at_s in np.sort(rng.uniform(0.0, duration_s, backs)):
        face = int(rng.integers(len(labels)))
        walker = _person(len(walkers), face, labels[face], Route.AWAY, FIRST_ARRIVAL_S + float(starts_at_s), rng)
        walkers.append(_spaced(walker, walkers, camera, rng))
    return tuple(walkers)


def _hand_out(labels: Sequence[FaceLabel], people: int, rng: np.random.Generator) -> list[int]:
    """Return a face for everybody; nobody shares one before all have been used."""
    rounds = -(-people // len(labels))
    return [int(face) for _ in range(rounds) for face in rng.permutation(len(labels))][:people]


def _person(
    number: int, face: int, label: FaceLabel, route: Route, starts_at_s: float, rng: np.random.Generator
) -> Walker:
    adult_m = rng.normal(1.76, 0.06) if label.gender is Gender.MALE else rng.normal(1.64, 0.055)
    height_m = float(np.clip(min(adult_m, 0.82 + 0.058 * label.age_years), 0.95, 1.95))
    pace = rng.uniform(1.0, 1.45) * (0.85 if label.age_years > 65 else 1.0)
    pauses = rng.random() < PAUSE_SHARE
    return Walker(
        id=number,
        face=face,
        gender=label.gender,
        age_years=label.age_years,
        route=route,
        starts_at_s=starts_at_s,
        speed_m_s=float(pace),
        height_m=height_m,
        points=(),
        pause_at=float(rng.uniform(0.35, 0.7)),
        pause_s=float(rng.uniform(1.0, 3.0)) if pauses else 0.0,
        phase=float(rng.random()),
        look_seed=int(rng.integers(2**31)),
    )


def _beside(leader: Walker, walker: Walker) -> Walker:
    """Return `walker` walking at the side of `leader`, as couples and families do."""
    sideways = leader.route in (Route.LEFTWARDS, Route.RIGHTWARDS)
    dx, dz = (0.25, 0.75) if sideways else (0.68 if leader.route is Route.FROM_MALL else -0.68, 0.25)
    return replace(
        walker,
        route=leader.route,
        starts_at_s=leader.starts_at_s + 0.15,
        speed_m_s=leader.speed_m_s,
        points=tuple((x + dx, min(z + dz, BACK_WALL_M - 0.2)) for x, z in leader.points),
        pause_at=leader.pause_at,
        pause_s=leader.pause_s,
    )


def _spaced(walker: Walker, others: Sequence[Walker], camera: Camera, rng: np.random.Generator) -> Walker:
    """Return `walker` on the one of a few random paths that keeps the most distance from everybody planned so far."""
    best, best_m = walker, -1.0
    for _ in range(CANDIDATE_PATHS):
        candidate = replace(walker, points=_path(walker.route, camera, rng))
        apart_m = _least_distance_m(candidate, others)
        if apart_m > best_m:
            best, best_m = candidate, apart_m
        if best_m > COMFORT_M:
            break
    return best


def _least_distance_m(walker: Walker, others: Sequence[Walker]) -> float:
    least = math.inf
    near = [other for other in others if other.ends_at_s > walker.starts_at_s and other.starts_at_s < walker.ends_at_s]
    for at_s in np.arange(walker.starts_at_s, walker.ends_at_s, 0.25):
        here = walker.position(float(at_s))
        for other in near:
            there = other.position(float(at_s))
            if here is not None and there is not None:
                least = min(least, math.hypot(here[0] - there[0], here[1] - there[1]))
    return least


def _path(route: Route, camera: Camera, rng: np.random.Generator) -> tuple[tuple[float, float], ...]:
    """Return three control points (x, z); every facing route crosses the middle of the picture."""
    far, near = BACK_WALL_M - 0.4, 1.7
    if route is Route.FROM_DOORS:
        first, last = (rng.uniform(0.8, 2.8), far), (rng.uniform(-1.5, -0.6), near)
    elif route is Route.FROM_MALL:
        first, last = (rng.uniform(-3.0, -1.2), far), (rng.uniform(0.6, 1.5), near)
    elif route is Route.AWAY:
        goal = rng.uniform(0.8, 2.8) if rng.random() < 0.5 else rng.uniform(-3.0, -1.2)
        first, last = (rng.uniform(-1.2, 1.2), near), (goal, far)
    else:
        side = 1.0 if route is Route.LEFTWARDS else -1.0
        depth, drift = rng.uniform(3.8, 6.0), rng.uniform(-0.4, 0.4)
        reach = camera.x_at_edge(depth + abs(drift)) + 0.5
        first, last = (side * reach, depth + drift), (-side * reach, depth - drift)
    middle = ((first[0] + last[0]) / 2 + rng.uniform(-0.3, 0.3), (first[1] + last[1]) / 2 + rng.uniform(-0.4, 0.4))
    return (first[0], first[1]), middle, (last[0], last[1])
