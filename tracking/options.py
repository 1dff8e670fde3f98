"""What the tracker can be told, in seconds and box sizes so that frame rate and resolution do not matter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrackerOptions:
    """One set of options for every camera.

    Scores: a detection from `high_score` on may start a track and is matched first; from `low_score` on it may only
    continue one (ByteTrack). A track is confirmed, gets its id and is reported after `min_hits` matches that span
    `confirm_after_s`; it ends when `max_gap_s` passed without a match, an unconfirmed one after `tentative_gap_s`.

    Motion, as standard deviations in box sizes: `speed` (per second) of somebody new, `acceleration` (per second
    squared), `position_noise` and `size_noise` of a measurement, `size_drift` (per square root of a second).
    `gate` is the largest squared Mahalanobis distance of a match, `reach` the largest distance of two boxes in box
    sizes for each second between them, beside half a box. `momentum` weighs the change of course (OC-SORT).
    """

    high_score: float = 0.5
    low_score: float = 0.2
    min_hits: int = 3
    confirm_after_s: float = 0.1
    max_gap_s: float = 2.0
    tentative_gap_s: float = 0.35
    speed: float = 4.0
    acceleration: float = 3.0
    position_noise: float = 0.08
    size_noise: float = 0.1
    size_drift: float = 0.5
    gate: float = 16.0
    reach: float = 12.0
    momentum: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.low_score <= self.high_score <= 1:
            raise ValueError("low_score and high_score must ascend within [0, 1]")
        positive = ("min_hits", "max_gap_s", "speed", "acceleration", "position_noise", "size_noise", "gate", "reach")
        for name in positive:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than 0")
