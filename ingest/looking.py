"""Where to look in a frame, and how closely: at what moves and at those who are followed, now and then at all of it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
import numpy.typing as npt
import structlog

from footfall.types import Detections, FloatArray, Frame, ImageArray
from inference.detector import RELIABLE_FACE_PX, SMALLEST_FACE_PX, needed_scale
from inference.quality import box_sizes
from ingest.parts import CloseDetector
from tracking.tracks import Tracks

IntArray = npt.NDArray[np.int32]
Rectangle = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two are just outside."""
NO_BOXES: FloatArray = np.zeros((0, 4), np.float32)


@dataclass(frozen=True, slots=True)
class LookingOptions:
    """How a picture is looked at.

    The whole of it every `whole_interval_s`, and whenever the regions would cover more than `whole_share` of it or the
    network would see less than `small_px` pixels anyhow. Otherwise where something moved within `moved_s`, with
    `margin_cells` around it (cells of the motion gate's small picture), and around whom is followed, or was seen and
    may be followed soon, `reach` sizes of the face to each side. How near people come tells how large faces are here:
    the largest face of each of the last `people` who were followed with a sure face.
    """

    whole_interval_s: float = 1.0
    whole_share: float = 0.5
    small_px: int = 240_000
    moved_s: float = 0.6
    margin_cells: int = 3
    reach: float = 1.5
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
        self._whole_at: datetime | None = None
        self._log = structlog.get_logger("footfall.looking")

    def look(
        self, frame: Frame, changed: ImageArray | None, tracks: Tracks, unfollowed: FloatArray = NO_BOXES
    ) -> Detections:
        """Return the faces of `frame`.

        `changed`, uint8 (h, w), is not 0 where something moved, None to look at everything; `tracks` are those of the
        frame before, and `unfollowed`, float32 (N, 4) xyxy px, its faces that belong to none of them yet.
        """
        self._learn(frame.camera_id, tracks)
        height, width = frame.image.shape[:2]
        self.scale = max(self.scale, needed_scale((width, height)))
        regions = self._regions(frame, changed, [*(track.box for track in tracks.active), *unfollowed])
        if regions is None:
            self._whole_at = frame.captured_at
            regions = np.array([[0, 0, width, height]], np.int32)
        return self._detector.detect_in(frame.image, regions, self.scale)

    def _regions(self, frame: Frame, changed: ImageArray | None, faces: Sequence[FloatArray]) -> IntArray | None:
        """Return what to look at, None for the whole picture; `faces` are boxes, float32 (4,) xyxy px."""
        height, width = frame.image.shape[:2]
        mask = self._recently_moved(changed, frame.captured_at)
        if (
            mask is None
            or self._is_whole_due(frame.captured_at)
            or width * height * self.scale**2 < self._options.small_px
        ):
            return None
        cells = np.array([width / mask.shape[1], height / mask.shape[0]] * 2, np.float64)
        boxes = [_reach(face, self._options.reach) / cells for face in faces]
        regions = apart(_around(mask, self._options.margin_cells) + [_cells(box, mask.shape) for box in boxes])
        if not regions:
            return None
        found = np.rint(np.array(regions) * cells).astype(np.int32)
        if (found[:, 2:] - found[:, :2]).prod(axis=1).sum() > self._options.whole_share * width * height:
            return None
        return found

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

    def _is_whole_due(self, at: datetime) -> bool:
        if self._whole_at is None:
            return True
        return not 0 <= (at - self._whole_at).total_seconds() < self._options.whole_interval_s

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
        wanted = min(1.0, math.ceil(RELIABLE_FACE_PX / min(smallest, SMALLEST_FACE_PX) * 5) / 5)
        if wanted > self.scale:
            self.scale = wanted
            self._log.info(
                "faces are small here, looking closer", camera=camera_id, face_px=round(smallest), share=wanted
            )


def apart(rectangles: list[Rectangle]) -> list[Rectangle]:
    """Return `rectangles` xyxy with those that overlap or touch put together, until none does."""
    together: list[Rectangle] = []
    for rectangle in rectangles:
        while (other := next((one for one in together if _touch(rectangle, one)), None)) is not None:
            together.remove(other)
            rectangle = (
                min(rectangle[0], other[0]),
                min(rectangle[1], other[1]),
                max(rectangle[2], other[2]),
                max(rectangle[3], other[3]),
            )
        together.append(rectangle)
    return together


def _touch(one: Rectangle, other: Rectangle) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _around(mask: ImageArray, margin: int) -> list[Rectangle]:
    """Return the rectangles around what is not 0 in `mask`, with `margin` cells to each side, inside of it."""
    side = 2 * margin + 1
    grown = cv2.dilate(mask, np.ones((side, side), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
    return [(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:].tolist()]


def _reach(box: FloatArray, sizes: float) -> npt.NDArray[np.float64]:
    """Return `box`, float32 (4,) xyxy, with `sizes` times its larger side more on every side."""
    more = sizes * max(float(box[2] - box[0]), float(box[3] - box[1]))
    return np.asarray(box + np.array([-more, -more, more, more]), np.float64)


def _cells(box: npt.NDArray[np.float64], shape: tuple[int, ...]) -> Rectangle:
    """Return whole cells around `box`, at least one, inside a picture of `shape`, rows and columns."""
    left, top = (int(min(max(np.floor(v), 0), end - 1)) for v, end in zip(box[:2], shape[1::-1], strict=True))
    right, bottom = (int(min(np.ceil(v), end)) for v, end in zip(box[2:], shape[1::-1], strict=True))
    return left, top, max(right, left + 1), max(bottom, top + 1)
