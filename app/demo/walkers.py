"""Who walks through the hall, when, and where to: the plan that both the truth and the pictures come from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from app.demo.geometry import Camera
from footfall.types import Gender

ADULT_FACE_M = 0.20  # height of the box that a face detector draws, not of the whole head
CHIN_TO_CROWN_M = 0.232
BOX_ASPECT = 0.75  # width by height of that box
STRIDE_M = 1.42  # two steps
LARGEST_YAW_DEG = 20.0

Array = npt.NDArray[np.float64]


class Route(StrEnum):
    """Where a walker comes from and goes to, seen from the camera."""

    FROM_DOORS = "from the doors, across the picture to the left"
    FROM_MALL = "from the passage, across the picture to the right"
    LEFTWARDS = "sideways to the left"
    RIGHTWARDS = "sideways to the right"
    AWAY = "away from the camera, seen from behind"


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
    """One person of the plan. `points` are the three control points (x, z) of a quadratic Bezier path, metres.

    `id` counts the walks of one scene, `person` names who walks: somebody who comes again has the same name.
    """

    id: int
    person: str
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
