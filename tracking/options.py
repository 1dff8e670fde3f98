"""What the tracker can be told, in seconds and box sizes so that frame rate and resolution do not matter."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MotionModel:
    """How people move and how well a detector measures them, as standard deviations in box sizes.

    `speed` (per second) of somebody of whom nothing is known yet and `acceleration` (per second, in a second);
    `position_noise` and `size_noise` of one measurement; `size_drift` of the true size within a second.
    """

    speed: float = 5.0
    acceleration: float = 0.7
    position_noise: float = 0.1
    size_noise: float = 0.15
    size_drift: float = 0.4

    def __post_init__(self) -> None:
        _require_positive(self, "speed", "acceleration", "position_noise", "size_noise")


@dataclass(frozen=True, slots=True)
class Matching:
    """Which detection may be which track; costs are in units of squared Mahalanobis distance.

    A pair costs its distance in the track's uncertainty, the log of that uncertainty (in box sizes), `forgetting`
    for each second since the last match, `miss_cost` once when the last frame was missed, and `momentum` for half
    a turn of course (OC-SORT). Whoever walked may have stopped where they were last seen: then the distance is that
    from the last box, sure to `sway` box sizes a second, and a stop costs `stop_cost`. The cheaper reading counts.
    Above `surprise` they are not one person, nor further apart than `reach` box sizes for each second that passed,
    beside half a box.
    """

    surprise: float = 4.0
    forgetting: float = 1.0
    miss_cost: float = 1.0
    momentum: float = 1.0
    reach: float = 12.0
    sway: float = 0.3
    stop_cost: float = 8.0
    stop_gap_s: float = 0.3

    def __post_init__(self) -> None:
        _require_positive(self, "reach")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """When a track is believed to be a person.

    It needs `min_hits` matches that span `after_s`; or, where a detector's scores are probabilities, an
    `evidence` (the sum of the log odds of its scores, None: no such short cut); and in either case a belief, the mean
    score over the last `belief_s` seconds with misses counting 0, of `min_belief`. An unconfirmed track is dropped
    after `gap_s` without a match.
    """

    min_hits: int = 3
    after_s: float = 0.25
    evidence: float | None = None
    belief_s: float = 0.2
    min_belief: float = 0.0
    gap_s: float = 0.45

    def __post_init__(self) -> None:
        _require_positive(self, "min_hits", "belief_s", "gap_s")


@dataclass(frozen=True, slots=True)
class TrackerOptions:
    """One set of options for every camera.

    A detection from `high_score` on may start a track and is matched first; one from `low_score` on may only
    continue a track (ByteTrack); one from `sure_score` on is surely a person. A track ends `max_gap_s` after its last
    match. A newly confirmed one takes the id of one lost at most `stitch_gap_s` before it began whose course leads to
    within `stitch_reach` box sizes.
    """

    high_score: float = 0.5
    low_score: float = 0.2
    sure_score: float = 0.9
    max_gap_s: float = 2.0
    stitch_gap_s: float = 1.0
    stitch_reach: float = 1.0
    motion: MotionModel = field(default_factory=MotionModel)
    matching: Matching = field(default_factory=Matching)
    confirmation: Confirmation = field(default_factory=Confirmation)

    def __post_init__(self) -> None:
        _require_positive(self, "max_gap_s")
        if not 0 <= self.low_score <= self.high_score <= 1:
            raise ValueError("low_score and high_score must ascend within [0, 1]")


def _require_positive(options: object, *names: str) -> None:
    for name in names:
        if getattr(options, name) <= 0:
            raise ValueError(f"{name} must be greater than 0")
