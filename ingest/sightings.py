"""From a visit to what the register of the day is told of it."""

from __future__ import annotations

from footfall.config_sections import CameraConfig
from footfall.types import Direction, Visit
from reid.types import Sighting, Signature


def sighting_of(visit: Visit, camera: CameraConfig, signature: Signature | None) -> Sighting:
    """Return `visit` as the register sees it; a camera without a line sees arrivals only."""
    return Sighting(
        uid=visit.uid,
        camera_id=visit.camera_id,
        entrance=camera.entrance or visit.camera_id,
        entered_at=visit.entered_at,
        left_at=visit.left_at,
        direction=visit.direction,
        is_arrival=camera.line is None or visit.direction is Direction.IN,
        p_female=visit.p_female,
        age_years=visit.age_years,
        signature=signature,
    )
