"""Motion of one box: constant velocity, uncertainty that grows with seconds and scales with the box.

The model is SORT's (Bewley et al., "Simple Online and Realtime Tracking", ICIP 2016) with two changes: the step is
the time between frames, so that 5 and 30 frames/s count alike, and the size is a random walk without velocity, so
that a box which nobody sees for two seconds does not grow or shrink without end.
"""

from __future__ import annotations

import numpy as np
from filterpy.kalman import KalmanFilter

from tracking.boxes import Array
from tracking.options import TrackerOptions

_MEASURED = np.eye(4, 6)
_IDENTITY = np.eye(6)
_MIN_SIDE_PX = 1.0


class BoxFilter:
    """Kalman filter over centre x, centre y, width, height (px) and the velocity of the centre (px/s)."""

    __slots__ = ("_filter", "_options")

    def __init__(self, box: Array, options: TrackerOptions) -> None:
        self._options = options
        self._filter = KalmanFilter(dim_x=6, dim_z=4)
        self._filter.H = _MEASURED
        self._filter.x[:4, 0] = box
        noise = self._measurement_noise(box)
        self._filter.P = np.diag(np.concatenate([noise, (options.speed * box[2:]) ** 2]))

    @property
    def box(self) -> Array:
        """The estimate, float64 (4,): centre x, centre y, width, height in pixels, at least a pixel wide."""
        box: Array = self._filter.x[:4, 0].copy()
        box[2:] = np.maximum(box[2:], _MIN_SIDE_PX)
        return box

    @property
    def velocity(self) -> Array:
        """The velocity of the centre, float64 (2,), in pixels per second."""
        velocity: Array = self._filter.x[4:, 0].copy()
        return velocity

    @property
    def spread(self) -> Array:
        """Variance of the next measurement, float64 (4,), in square pixels, one per value of `box`."""
        spread: Array = np.diagonal(self._filter.P)[:4] + self._measurement_noise(self.box)
        return spread

    def predict(self, step_s: float) -> None:
        """Move the estimate `step_s` seconds ahead."""
        if step_s <= 0:
            return
        sides = self.box[2:]
        transition = _IDENTITY.copy()
        transition[0, 4] = transition[1, 5] = step_s
        acceleration = (self._options.acceleration * sides) ** 2
        noise = np.zeros((6, 6))
        for axis in (0, 1):
            noise[axis, axis] = acceleration[axis] * step_s**3 / 3
            noise[axis, axis + 4] = noise[axis + 4, axis] = acceleration[axis] * step_s**2 / 2
            noise[axis + 4, axis + 4] = acceleration[axis] * step_s
            noise[axis + 2, axis + 2] = (self._options.size_drift * sides[axis]) ** 2 * step_s
        self._filter.predict(F=transition, Q=noise)

    def update(self, box: Array) -> None:
        """Correct the estimate by a measured `box`, float64 (4,): centre x, centre y, width, height in pixels."""
        self._filter.update(box.reshape(4, 1), R=np.diag(self._measurement_noise(box)))

    def state(self) -> tuple[Array, Array]:
        """Return mean and covariance, to be handed to `restore`."""
        return self._filter.x.copy(), self._filter.P.copy()

    def restore(self, state: tuple[Array, Array]) -> None:
        """Go back to what `state` returned."""
        self._filter.x, self._filter.P = state[0].copy(), state[1].copy()

    def _measurement_noise(self, box: Array) -> Array:
        sides = np.maximum(box[2:], _MIN_SIDE_PX)
        deviations = np.concatenate([self._options.position_noise * sides, self._options.size_noise * sides])
        noise: Array = deviations**2
        return noise
