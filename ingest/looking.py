"""Where to look in a frame, and how closely: at what moves and at those who are followed, now and then at all of it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import structlog

from footfall.types import Detections, FloatArray, Frame, ImageArray
from inference.detector import RELIABLE_FACE_PX, SMALLEST_FACE_PX, needed_scale
from inference.patches import GAP_PX
from inference.quality import box_sizes
from ingest.parts import CloseDetector
from ingest.regions import Corners, Rectangle, around_face, around_motion, joined, scaled, whole_numbers
from tracking.tracks import Track, Tracks

CLOCK_TOLERANCE_S = 0.01
"""By how much two frames may lie nearer than an interval that is meant to pass between them."""
SCALE_STEPS = 10
"""Steps from nothing to full size in which `scale` grows."""
MOVING_REACH = 0.25
"""Sizes of a face around it within which nothing moves where it stands still."""
NO_BOXES: FloatArray = np.zeros((0, 4), np.float32)


@dataclass(frozen=True, slots=True)
class LookingOptions:
    """How a picture is looked at.

    The whole of it every `whole_interval_s`, and whenever the regions would cover more than `whole_share` of it or the
    network would see less than `small_px` pixels anyhow. Every `search_interval_s` where something moved within
    `moved_s`, with `margin_cells` around it (cells of the motion gate's small picture), and around whom is followed, in
    view or not: `followed_reach` sizes of the face to each side of where it should be by now. In all other frames only
    around those who move and were seen within `lost_s`; such a narrow look shows too little of a body to tell that a
    face is none, so that no score is above `narrow_score`, below which faces are sure (`TrackerOptions.sure_score`).
    A face seen within `glimpse_s` that belongs to nobody yet is always looked at, `reach` to each side. How near people
    come tells how large faces are here: the largest face of each of the last `people` who were followed with a sure
    face.
    """

    whole_interval_s: float = 2.0
    search_interval_s: float = 0.3
    whole_share: float = 0.8
    small_px: int = 240_000
    moved_s: float = 0.4
    margin_cells: int = 2
    followed_reach: float = 1.0
    lost_s: float = 0.3
    narrow_score: float = 0.89
    reach: float = 1.5
    glimpse_s: float = 0.45
    people: int = 50
    least_people: int = 10
    smallest_percentile: float = 10.0


class CloseLook:
    """Looks at the frames of one camera in as much of its resolution as its faces need.

    `scale` is the factor by which pictures are resized at present; it grows, in steps, where faces are smaller than
    `needed_scale` takes for granted.
    """

    def __init__(self, detector: CloseDetector, options: LookingOptions | None = None) -> None:
        self.scale = 0.0
        self._detector = detector
        self._options = options or LookingOptions()
        self._in_view: dict[int, float] = {}
        self._nearest_px: deque[float] = deque(maxlen=self._options.people)
        self._moved_at: npt.NDArray[np.float64] | None = None
        self._looked_at: datetime | None = None
        self._whole_at: datetime | None = None
        self._searched_at: datetime | None = None
        self._glimpses: list[tuple[datetime, Corners]] = []
        self._log = structlog.get_logger("footfall.looking")

    def look(
        self, frame: Frame, changed: ImageArray | None, tracks: Tracks, unfollowed: FloatArray = NO_BOXES
    ) -> Detections:
        """Return the faces of `frame`, none where there was nothing to look at.

        `changed`, uint8 (h, w), is not 0 where something moved, None to look at everything; `tracks` are those of the
        frame before, and `unfollowed`, float32 (N, 4) xyxy px, its faces that belong to none of them yet.
        """
        self._learn(frame.camera_id, tracks)
        height, width = frame.image.shape[:2]
        self.scale = max(self.scale, needed_scale((width, height)))
        moved = self._recently_moved(changed, frame.captured_at)
        self._glimpse(unfollowed, frame.captured_at)
        is_search = self._is_search_due(frame.captured_at)
        regions = self._regions(frame, moved, tracks.active, is_search)
        self._looked_at = frame.captured_at
        if regions is None:
            self._whole_at, is_search = frame.captured_at, True
            regions = [Rectangle(0, 0, width, height)]
        if is_search:
            self._searched_at = frame.captured_at
        if not regions:
            return Detections.empty()
        found = self._detector.detect_in(frame.image, np.array(regions, np.int32), self.scale)
        if is_search:
            return found
        return replace(found, scores=np.minimum(found.scores, np.float32(self._options.narrow_score)))

    def _is_search_due(self, at: datetime) -> bool:
        """Tell whether it is time for a search: of two frames in the one that is nearer to the interval."""
        half = (at - (self._looked_at or at)) / 2  # at 5 frames/s every one is searched
        return _is_due(self._searched_at, at + half, self._options.search_interval_s)

    def _regions(
        self, frame: Frame, moved: ImageArray | None, tracks: Sequence[Track], is_search: bool
    ) -> list[Rectangle] | None:
        """Return what to look at, None for the whole picture."""
        options, at = self._options, frame.captured_at
        height, width = frame.image.shape[:2]
        is_small = width * height * self.scale**2 < options.small_px
        if moved is None or is_small or _is_due(self._whole_at, at, options.whole_interval_s):
            return None
        cells = (moved.shape[1] / width, moved.shape[0] / height)
        looked_at = [around_face(box, options.reach) for _, box in self._glimpses]
        for track in tracks:
            is_near = (at - track.last_seen).total_seconds() < options.lost_s
            if is_search or (is_near and _is_moving(scaled(_corners(track.box), cells), moved)):
                looked_at.append(around_face(self._by_now(track, at), options.followed_reach))
        if is_search:
            in_px = (1 / cells[0], 1 / cells[1])
            looked_at += [scaled(one, in_px) for one in around_motion(moved, options.margin_cells)]
        regions = joined([whole_numbers(corners, (width, height)) for corners in looked_at], GAP_PX / self.scale)
        return None if sum(one.area() for one in regions) > options.whole_share * width * height else regions

    def _by_now(self, track: Track, at: datetime) -> Corners:
        """Return where the face of `track` should be `at` that time."""
        passed_s = 0.0 if self._looked_at is None else max((at - self._looked_at).total_seconds(), 0.0)
        across, down = track.velocity[0] * passed_s, track.velocity[1] * passed_s
        left, top, right, bottom = _corners(track.box)
        return left + across, top + down, right + across, bottom + down

    def _glimpse(self, unfollowed: FloatArray, at: datetime) -> None:
        """Keep in mind for a while where a face was that belongs to nobody yet."""
        seen_at = self._looked_at or at
        recent = [(seen, box) for seen, box in self._glimpses if not _is_due(seen, at, self._options.glimpse_s)]
        self._glimpses = recent + [(seen_at, _corners(box)) for box in unfollowed]

    def _recently_moved(self, changed: ImageArray | None, at: datetime) -> ImageArray | None:
        """Return uint8 (h, w), 255 where something moved of late; None while that is not known."""
        if changed is None:
            self._moved_at = None
            return None
        if self._moved_at is None or self._moved_at.shape != changed.shape:
            self._moved_at = np.full(changed.shape, -np.inf)
        now = at.timestamp()
        self._moved_at[changed > 0] = now
        # A clock that was set back leaves times that are still to come.
        recent = (self._moved_at >= now - self._options.moved_s) & (self._moved_at <= now)
        return np.where(recent, 255, 0).astype(np.uint8)

    def _learn(self, camera_id: str, tracks: Tracks) -> None:
        """Look closer from now on when the people of this camera come less near than was thought."""
        sure = [track for track in tracks.active if track.sure_hits]
        boxes = np.array([track.box for track in sure], np.float32).reshape(-1, 4)
        sizes = {track.id: size for track, size in zip(sure, box_sizes(boxes).tolist(), strict=True)}
        gone = [track for track in self._in_view if track not in sizes]
        self._nearest_px.extend(self._in_view.pop(track) for track in gone)
        self._in_view |= {track: max(size, self._in_view.get(track, 0.0)) for track, size in sizes.items()}
        if not gone or len(self._nearest_px) < self._options.least_people:
            return
        smallest = float(np.percentile(self._nearest_px, self._options.smallest_percentile))
        wanted = min(1.0, math.ceil(RELIABLE_FACE_PX / min(smallest, SMALLEST_FACE_PX) * SCALE_STEPS) / SCALE_STEPS)
        if wanted > self.scale:
            self.scale = wanted
            self._log.info(
                "faces are small here, looking closer", camera=camera_id, face_px=round(smallest), share=wanted
            )


def _corners(box: FloatArray) -> Corners:
    left, top, right, bottom = box.tolist()
    return left, top, right, bottom


def _is_moving(face: Corners, moved: ImageArray) -> bool:
    """Tell whether something moved within or beside a `face`, in cells of `moved`, uint8 (h, w)."""
    left, top, right, bottom = whole_numbers(around_face(face, MOVING_REACH), (moved.shape[1], moved.shape[0]))
    return bool(moved[top:bottom, left:right].any())


def _is_due(last: datetime | None, at: datetime, interval_s: float) -> bool:
    """Tell whether `interval_s` passed since `last`; a clock that was set back makes everything due."""
    return last is None or not 0 <= (at - last).total_seconds() < interval_s - CLOCK_TOLERANCE_S
