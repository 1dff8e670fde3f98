"""The camera above the entrance: metres in the mall to pixels in the picture."""

from __future__ import annotations

from dataclasses import dataclass

CAMERA_HEIGHT_M = 2.9
BACK_WALL_M = 10.0
FOCAL_PX_AT_720 = 1200.0
HORIZON_SHARE = 0.16
CEILING_M = 3.35
HALL_HALF_WIDTH_M = 3.7


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera that looks straight down the hall, its horizon shifted to the upper part of the picture.

    World coordinates in metres: `x` to the right, `y` up from the floor, `z` away from the camera.
    """

    width: int
    height: int
    lens: float = 1.0

    @property
    def focal_px(self) -> float:
        """Focal length in pixels; it follows the height of the picture, times `lens`."""
        return FOCAL_PX_AT_720 * self.lens * self.height / 720.0

    def scale(self, z: float) -> float:
        """Return how many pixels one metre is at depth `z`."""
        return self.focal_px / z

    def project(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Return the pixel (u to the right, v down) of a point in the mall."""
        scale = self.focal_px / z
        return self.width / 2 + x * scale, HORIZON_SHARE * self.height + (CAMERA_HEIGHT_M - y) * scale

    def x_at_edge(self, z: float) -> float:
        """Return the `x` at depth `z` that lies on the right edge of the picture."""
        return self.width / 2 / self.scale(z)
