"""How a camera is at this moment, in one word; pure functions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import pandas as pd

FRESH = timedelta(minutes=3)


class CameraState(StrEnum):
    """What a camera does; BLIND is one whose picture is dark, covered, blurred or moved."""

    WATCHING = "watching"
    TOO_SLOW = "too slow"
    BLIND = "blind"
    NOT_WATCHING = "not watching"
    NEVER_SEEN = "never seen"
    NOT_EXPECTED = "not expected"
    RETIRED = "retired"

    @property
    def is_trouble(self) -> bool:
        """Whether somebody should look after the camera."""
        return self in (self.TOO_SLOW, self.BLIND, self.NOT_WATCHING, self.NEVER_SEEN)


def camera_state(row: Mapping[Hashable, Any], now: datetime) -> CameraState:
    """Return the state of a camera of which db.reading.operation.cameras gives `row`."""
    if not row["expected"]:
        return CameraState.NOT_EXPECTED if pd.isna(row["retired_from"]) else CameraState.RETIRED
    if pd.isna(row["last_minute"]):
        return CameraState.NEVER_SEEN
    if now - row["last_minute"] > FRESH:
        return CameraState.NOT_WATCHING
    picture = str(row["picture"])
    if picture == "slow":
        return CameraState.TOO_SLOW
    return CameraState.WATCHING if picture == "ok" else CameraState.BLIND
