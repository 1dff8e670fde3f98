"""What the pipeline is made of, as it needs them: the composition root passes the real parts in, tests pass fakes."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

import numpy as np
import numpy.typing as npt

from footfall.types import Attributes, Detections, FloatArray, ImageArray, Visit
from tracking.fusion import Judgement
from tracking.tracks import Tracks
from tracking.visits import QualityOf


class Detector(Protocol):
    """Finds faces."""

    def detect(self, image_bgr: ImageArray) -> Detections:
        """Return the faces in uint8 (H, W, 3), in its pixels, weak ones included."""


class CloseDetector(Detector, Protocol):
    """Finds faces in parts of a picture."""

    def detect_in(self, image_bgr: ImageArray, regions: npt.NDArray[np.int32], scale: float) -> Detections:
        """Return the faces in `regions`, int32 (N, 4) xyxy px, of uint8 (H, W, 3), each resized by `scale`."""


class AttributeJudge(Protocol):
    """Judges gender and age."""

    def predict(
        self, image_bgr: ImageArray, detections: Detections, qualities: FloatArray | None = None
    ) -> list[Attributes]:
        """Return one judgement for each of `detections`; `qualities` (N,) are what they are worth, where known."""


class FaceTracker(Protocol):
    """Follows faces."""

    def update(self, detections: Detections, at: datetime) -> Tracks:
        """Take the faces of one frame."""

    def end_all(self) -> Tracks:
        """End every track."""


class VisitCollector(Protocol):
    """Makes visits of tracks."""

    def candidates(self, tracks: Tracks, quality_of: QualityOf) -> list[tuple[int, int]]:
        """Return (track id, detection row) of the faces worth judging now, asking for the quality of some."""

    def add(self, track_id: int, attributes: Attributes, face_px: float) -> None:
        """Take a judgement."""

    def finish(self, tracks: Tracks) -> list[Visit]:
        """Return the visits that ended."""

    def release(self, at: datetime) -> list[Visit]:
        """Return the visits that were held back and are not any more."""

    def flush(self) -> list[Visit]:
        """End everybody and return the visits still open."""

    def open_visits(self) -> list[Visit]:
        """Return the visits still open, as they stand, without ending them."""

    def uid_of(self, track_id: int) -> UUID:
        """Return the uid that the visit of a track has, if it becomes one."""

    def held_uids(self) -> set[UUID]:
        """Return the uids of visits that are over and held back."""

    def judgement(self, track_id: int) -> Judgement | None:
        """Return what is known so far about somebody in view, or None when nobody there has this id."""
