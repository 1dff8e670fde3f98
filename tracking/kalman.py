"""Motion of one box: constant velocity, uncertainty that grows with seconds and scales with the box.

The model is SORT's (Bewley et al., "Simple Online and Realtime Tracking", ICIP 2016) with two changes: the step is
the time between frames, so that 5 and 30 frames/s count alike, and the size is a random walk without velocity, so
that a box which nobody sees for two seconds does not grow or shrink without end.
"""

from __future__ import annotations

import numpy as np
from filterpy.kalman import KalmanFilter

from tracking.boxes import Array
from tracking.options import MotionModel

_MEASURED = np.eye(4, 6)
_IDENTITY = np.eye(6)
_MIN_SIDE_PX = 1.0
_UNLIKELY = 9.21  # square of the distance that a normal error in the plane exceeds in one case of a hundred
_STOPPING_S = 0.1


class BoxFilter:
    """Kalman filter over centre x, centre y, width, height (px) and the velocity of the centre (px/s).

    `box` is the estimate, float64 (4,): centre x, centre y, width, height in pixels, at least a pixel wide;
    `spread` is the variance of the next measurement of each, float64 (4,), in square pixels.
    """

    __slots__ = ("_filter", "_model", "box", "spread")

    def __init__(self, box: Array, model: MotionModel) -> None:
        self._model = model
        self._filter = KalmanFilter(dim_x=6, dim_z=4)
        self._filter.H = _MEASURED
        self._filter.x[:4, 0] = box
        self._filter.P = np.diag(np.concatenate([self._noise(box), (model.speed * box[2:]) ** 2]))
        self._read()

    @property
    def velocity(self) -> Array:
        """The velocity of the centre, float64 (2,), in pixels per second."""
        velocity: Array = self._filter.x[4:, 0].copy()
        return velocity

    def predict(self, step_s: float) -> None:
        """Move the estimate `step_s` seconds ahead."""
        if step_s <= 0:
            return
        transition = _IDENTITY.copy()
        transition[0, 4] = transition[1, 5] = step_s
        width, height = self.box[2:].tolist()
        push_x = (self._model.acceleration * width) ** 2 * step_s
        push_y = (self._model.acceleration * height) ** 2 * step_s
        drift = self._model.size_drift**2 * step_s
        third = step_s**2 / 3
        noise = np.zeros((6, 6))
        noise.flat[::7] = (push_x * third, push_y * third, drift * width**2, drift * height**2, push_x, push_y)
        noise[0, 4] = noise[4, 0] = push_x * step_s / 2
        noise[1, 5] = noise[5, 1] = push_y * step_s / 2
        self._filter.predict(F=transition, Q=noise)
        self._read()

    def update(self, box: Array) -> None:
        """Correct the estimate by a measured `box`, float64 (4,): centre x, centre y, width, height in pixels."""
        noise = np.zeros((4, 4))
        noise.flat[::5] = self._noise(box)
        self._filter.update(box.reshape(4, 1), R=noise)
        self._read()

    def is_surprised_by(self, box: Array) -> bool:
        """Return whether a measured `box` lies where the present velocity does not lead in 99 of 100 cases."""
        way = box[:2] - self.box[:2]
        return float((way**2 / self.spread[:2]).sum()) > _UNLIKELY

    def stop(self, box: Array) -> None:
        """Begin again at the measured `box`, standing: whoever walked has stopped, and may walk off either way."""
        self._filter.x[:, 0] = np.concatenate([box, np.zeros(2)])
        noise = np.array(self._noise(box))
        self._filter.P = np.diag(np.concatenate([noise, noise[:2] / _STOPPING_S**2]))
        self._read()

    def spread_standing(self, sway: float, gap_s: float) -> Array:
        """Return the variance, float64 (4,) in square pixels, of the next measurement of somebody who stands still.

        They move by `sway` box sizes a second at most, for `gap_s` seconds.
        """
        width, height = self.box[2:].tolist()
        spread = np.array(self._noise(self.box))
        spread[0] += (sway * gap_s * width) ** 2
        spread[1] += (sway * gap_s * height) ** 2
        return spread

    def state(self) -> tuple[Array, Array]:
        """Return mean and covariance, to be handed to `restore`."""
        return self._filter.x.copy(), self._filter.P.copy()

    def restore(self, state: tuple[Array, Array]) -> None:
        """Go back to what `state` returned."""
        self._filter.x, self._filter.P = state[0].copy(), state[1].copy()
        self._read()

    def _read(self) -> None:
        box: Array = self._filter.x[:4, 0].copy()
        if box[2] < _MIN_SIDE_PX or box[3] < _MIN_SIDE_PX:
            box[2:] = np.maximum(box[2:], _MIN_SIDE_PX)
        self.box = box
        self.spread: Array = self._filter.P.diagonal()[:4] + self._noise(box)

    def _noise(self, box: Array) -> tuple[float, float, float, float]:
        """Return the variance of a measured `box`, in plain floats: arrays of four cost more than the sums."""
        _, _, width, height = box.tolist()
        width, height = max(width, _MIN_SIDE_PX), max(height, _MIN_SIDE_PX)
        position, size = self._model.position_noise, self._model.size_noise
        return (position * width) ** 2, (position * height) ** 2, (size * width) ** 2, (size * height) ** 2
