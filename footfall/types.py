"""Types that cross a border between packages: frozen, slotted, without behaviour beyond their own invariants."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import numpy as np
import numpy.typing as npt

ImageArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]


class Direction(StrEnum):
    """Which way a visitor crossed the camera's counting line; NONE when there is no line or it was not crossed."""

    IN = "in"
    OUT = "out"
    NONE = "none"


class Gender(StrEnum):
    """Gender as the network judges it from appearance; UNKNOWN below the quality floor."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


UNKNOWN_AGE_GROUP = "unknown"


def require_aware(moment: datetime) -> datetime:
    """Return `moment` unchanged, or raise ValueError when it carries no UTC offset."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no UTC offset; every time in the data is aware")
    return moment


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture. `image` is uint8 (H, W, 3) BGR; `index` counts frames of this source from 0."""

    camera_id: str
    index: int
    captured_at: datetime
    image: ImageArray


@dataclass(frozen=True, slots=True)
class Detections:
    """Faces of one frame, in pixels of the full frame.

    `boxes` float32 (N, 4) xyxy; `scores` float32 (N,) in [0, 1]; `landmarks` float32 (N, 5, 2) as x, y:
    the eye on the left of the image, the eye on the right, nose, left mouth corner, right mouth corner.
    """

    boxes: FloatArray
    scores: FloatArray
    landmarks: FloatArray

    def __post_init__(self) -> None:
        count = len(self.scores)
        if self.boxes.shape != (count, 4) or self.landmarks.shape != (count, 5, 2):
            raise ValueError(f"{count} scores, boxes {self.boxes.shape} and landmarks {self.landmarks.shape} disagree")

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def empty(cls) -> Detections:
        """Return no detection at all."""
        return cls(np.zeros((0, 4), np.float32), np.zeros((0,), np.float32), np.zeros((0, 5, 2), np.float32))

    def select(self, index: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Detections:
        """Return the detections at `index` (a mask or positions), in that order."""
        return Detections(self.boxes[index], self.scores[index], self.landmarks[index])


@dataclass(frozen=True, slots=True)
class Attributes:
    """The network's judgement of one face.

    `p_female` in [0, 1]; `age_years` is the expectation of `age_probabilities`, float32 (A,) over `age_bins_years`
    (float32 (A,), centres); `quality` in [0, 1] weighs the face against others of the same visit.
    """

    p_female: float
    age_years: float
    age_probabilities: FloatArray
    quality: float
    age_bins_years: FloatArray = field(default_factory=lambda: np.arange(101, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Visit:
    """One person in view of one camera, from entry to exit. Times are aware UTC.

    `age_years` and `p_female` are None when they could not be judged; then `gender` is UNKNOWN and `age_group`
    is "unknown". `age_shares` says per mille how likely each configured age group is, youngest first; None when age
    was not judged. `samples` counts the faces the judgement rests on. `uid` is the same whenever the same footage is
    processed the same way, so that storing a visit twice stores it once.
    """

    uid: UUID
    camera_id: str
    entered_at: datetime
    left_at: datetime
    direction: Direction
    gender: Gender
    age_group: str
    age_years: float | None
    p_female: float | None
    samples: int
    quality: float
    model_version: str
    age_shares: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        require_aware(self.entered_at)
        if require_aware(self.left_at) < self.entered_at:
            raise ValueError(f"visit {self.uid} leaves before it enters")


class PictureState(StrEnum):
    """What the statistics of the picture say about the camera's sight."""

    OK = "ok"
    DARK = "dark"
    COVERED = "covered"
    BLURRED = "blurred"
    MOVED = "moved"


SLOW_LIVE_S, SLOW_DROPPED_SHARE = 54.0, 0.5  # a minute below the first with this share of frames dropped misses people


@dataclass(frozen=True, slots=True)
class CameraMinute:
    """What one camera observed within one UTC minute; the raw material of completeness.

    `live_s` in [0, 60] is the time of that minute covered by frames that were really seen (decoded) while the
    picture was usable. `lag_s` is the largest delay between capture and processing. `faces_small` counts faces
    below the size at which gender can be judged. `run` names the worker run (or the recording) that saw it: a
    minute that two runs shared has two of these, and storing one again replaces it.
    """

    camera_id: str
    run: UUID
    minute: datetime
    live_s: float
    frames_seen: int
    frames_processed: int
    frames_dropped: int
    frames_damaged: int
    faces: int
    faces_small: int
    lag_s: float
    picture: PictureState = PictureState.OK


class OutageReason(StrEnum):
    """Why a camera was not observed, as it is stored; pages have the words, logs the details."""

    NOT_RUNNING = "not running"
    RESTARTED = "restarted"
    SETTINGS = "settings"
    NO_CONNECTION = "no connection"
    STREAM_ENDED = "stream ended"
    SILENT = "silent"
    ASLEEP = "asleep"


@dataclass(frozen=True, slots=True)
class Outage:
    """A time during which a camera was not observed. `ended_at` is None while it lasts; `reason` is an OutageReason.

    Storing an outage again under the same `uid` replaces it: first open, then with its end.
    """

    uid: UUID
    camera_id: str
    started_at: datetime
    ended_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A file that was processed from beginning to end, identified by its content, not by its name.

    `length` is that of the content: bytes of a file, images of a folder; None when it is not known.
    """

    camera_id: str
    sha256: str
    name: str
    started_at: datetime
    ended_at: datetime
    frames: int
    frames_damaged: int
    model_version: str
    length: int | None = None
