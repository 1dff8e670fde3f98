"""One camera's way from frames to visits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import thread_time
from uuid import UUID

import numpy as np

from footfall.types import CameraMinute, Detections, FloatArray, Frame, ImageArray, PictureState, Visit
from inference.quality import face_quality, face_sizes
from ingest.looking import CloseLook
from ingest.minutes import MinuteCounter
from ingest.motion import CutDetector, MotionGate, MotionOptions, Polygon, View, small_grey
from ingest.parts import AttributeJudge, Detector, FaceTracker, VisitCollector
from ingest.signatures import Looks, SignatureTaker
from reid.types import Signature
from tracking.fusion import Judgement
from tracking.tracks import Tracks


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """What the configuration says about one camera.

    A detection from `min_score` on is a face; weaker ones only help the tracker. Faces under `gender_min_face_px`
    are counted as small. Faces whose centre lies in an `ignore` polygon (corners in [0, 1] of width and height) are
    not there.
    """

    min_score: float = 0.5
    gender_min_face_px: float = 24.0
    ignore: tuple[Polygon, ...] = ()
    motion: MotionOptions = field(default_factory=MotionOptions)


@dataclass(slots=True)
class StageTimes:
    """Seconds spent in each stage since the start: of processor time, as waiting costs nothing, but `store_s` of wall
    clock. `frames` went through, `detected` of them in full.
    """

    decode_s: float = 0.0
    gate_s: float = 0.0
    detect_s: float = 0.0
    track_s: float = 0.0
    attributes_s: float = 0.0
    signatures_s: float = 0.0
    store_s: float = 0.0
    frames: int = 0
    detected: int = 0


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen in the last frame that went to the detector."""

    detections: Detections
    tracks: Tracks


NOTHING = Observation(Detections.empty(), Tracks((), ()))


def always_usable(frame: Frame) -> PictureState:
    """Judge every picture as usable: recordings are not watched for a covered camera."""
    del frame
    return PictureState.OK


class Pipeline:
    """Detects, follows, judges and counts; give it the frames of one camera in order of time.

    `observation` is what the last detected frame showed, `times` where the time went.
    """

    def __init__(
        self,
        detector: Detector,
        tracker: FaceTracker,
        attributes: AttributeJudge,
        visits: VisitCollector,
        minutes: MinuteCounter,
        options: PipelineOptions | None = None,
        *,
        judge_picture: Callable[[Frame], PictureState] = always_usable,
        close_look: CloseLook | None = None,
        signatures: SignatureTaker | None = None,
    ) -> None:
        """With `close_look` the detector sees the parts of a frame that matter, otherwise always all of it.

        With `signatures` it is kept what those in view look like, until somebody takes it.
        """
        self._detector = detector
        self._tracker = tracker
        self._attributes = attributes
        self._visits = visits
        self._minutes = minutes
        self._options = options or PipelineOptions()
        self._judge_picture = judge_picture
        self._close_look = close_look
        self._signatures = signatures
        self._gate = MotionGate(self._options.motion, self._options.ignore)
        self._cuts = CutDetector(self._options.motion)
        self.observation = NOTHING
        self.times = StageTimes()

    def process(self, frame: Frame) -> list[Visit]:
        """Take the next frame; return the visits that ended."""
        began = thread_time()
        grey = small_grey(frame.image)
        is_cut = self._cuts.is_cut(grey)
        wanted = self._gate.wants(grey, frame.captured_at) or is_cut
        self.times.frames += 1
        self.times.gate_s += thread_time() - began
        finished = self._end_tracks() if is_cut else []
        faces = small = 0
        if wanted:
            finished += self._look(frame, None if is_cut else self._gate.changed)
            self._gate.detected(grey, frame.captured_at, self._view())
            strong = self.observation.detections.scores >= self._options.min_score
            faces = int(strong.sum())
            sizes = face_sizes(self.observation.detections)
            small = int((strong & (sizes < self._options.gender_min_face_px)).sum())
        self._minutes.frame(frame, faces, small, self._judge_picture(frame))
        return finished

    def note_losses(self, at: datetime, *, dropped: int = 0, damaged: int = 0) -> None:
        """Count frames that never reached `process`: dropped because processing was late, or damaged."""
        self._minutes.losses(at, dropped=dropped, damaged=damaged)

    def judgement(self, track_id: int) -> Judgement | None:
        """Return what is known so far about somebody in view, or None when nobody there has this id."""
        return self._visits.judgement(track_id)

    def visit_of(self, track_id: int) -> UUID:
        """Return the uid that the visit of somebody in view has, if it becomes one."""
        return self._visits.uid_of(track_id)

    def minutes(self) -> list[CameraMinute]:
        """Return, once, the minutes that are over."""
        return self._minutes.take_finished()

    def finish(self) -> list[Visit]:
        """End all tracks and return the visits still open: the end of a recording, or shutdown."""
        finished = self._end_tracks()
        flushed = self._visits.flush()
        self._end_signatures(NOTHING.tracks, flushed)
        if self._signatures is not None:
            self._signatures.drop()
            self._signatures.rest()
        return finished + flushed

    def take_signatures(self) -> dict[UUID, Signature]:
        """Return, once, what the visits that were returned looked like, by uid; whoever takes them overwrites them."""
        return {} if self._signatures is None else self._signatures.take()

    def open_visits(self) -> list[Visit]:
        """Return the visits of those in view as they stand now, without ending them."""
        return self._visits.open_visits()

    def finish_minutes(self) -> list[CameraMinute]:
        """Return, once, all minutes left, the unfinished one too: the end of a recording, or shutdown."""
        return self._minutes.take_all()

    def _look(self, frame: Frame, changed: ImageArray | None) -> list[Visit]:
        began = thread_time()
        if self._close_look is None:
            detections = self._detector.detect(frame.image)
        else:
            seen = self.observation
            unfollowed = seen.detections.boxes[self._unfollowed()]
            detections = self._close_look.look(frame, changed, seen.tracks, unfollowed)
        detections = self._without_ignored(detections, frame)
        detected = thread_time()
        tracks = self._tracker.update(detections, frame.captured_at)
        self.observation = Observation(detections, tracks)
        tracked = thread_time()
        self._judge(frame, detections, tracks)
        judged = thread_time()
        finished = self._visits.finish(tracks) + self._visits.release(frame.captured_at)
        self.times.detected += 1
        self.times.detect_s += detected - began
        self.times.track_s += tracked - detected + thread_time() - judged
        self.times.attributes_s += judged - tracked
        self._end_signatures(tracks, finished)
        return finished

    def _judge(self, frame: Frame, detections: Detections, tracks: Tracks) -> None:
        quality: dict[int, float] = {}

        def quality_of(rows: list[int], least: list[float]) -> FloatArray:
            found = face_quality(frame.image, detections.select(np.array(rows, np.intp)), least)
            quality.update(zip(rows, found.tolist(), strict=True))
            return found

        # Most weak detections are nobody, and most faces of somebody come too soon after one that was judged.
        candidates = self._visits.candidates(tracks, quality_of)
        if not candidates:
            return
        chosen = detections.select(np.array([row for _, row in candidates], np.intp))
        sizes = face_sizes(chosen)
        worth = np.array([quality[row] for _, row in candidates], np.float32)
        judgements = self._attributes.predict(frame.image, chosen, worth)
        for (track_id, _), attributes, size in zip(candidates, judgements, sizes, strict=True):
            self._visits.add(track_id, attributes, float(size))
        if self._signatures is not None:
            began = thread_time()
            looks = Looks(frame.captured_at, frame.image, chosen.boxes, chosen.landmarks, sizes, worth)
            self._signatures.see([track_id for track_id, _ in candidates], looks)
            took_s = thread_time() - began
            self.times.signatures_s += took_s
            self.times.attributes_s -= took_s  # this was within the time of the judgement

    def _without_ignored(self, detections: Detections, frame: Frame) -> Detections:
        if not self._options.ignore or not len(detections):
            return detections
        height, width = frame.image.shape[:2]
        centres = (detections.boxes[:, :2] + detections.boxes[:, 2:]) / 2 / np.array([width, height], np.float32)
        kept = [not any(is_inside(polygon, x, y) for polygon in self._options.ignore) for x, y in centres.tolist()]
        return detections.select(np.array(kept, np.bool_))

    def _unfollowed(self) -> list[int]:
        """Return the rows of the faces that nobody followed accounts for yet."""
        followed = {track.detection for track in self.observation.tracks.active}
        strong = np.flatnonzero(self.observation.detections.scores >= self._options.min_score)
        return [row for row in strong.tolist() if row not in followed]

    def _view(self) -> View:
        if self._unfollowed():
            return View.NEW
        return View.FOLLOWED if self.observation.tracks.active else View.EMPTY

    def _end_tracks(self) -> list[Visit]:
        self.observation = NOTHING
        ended = self._tracker.end_all()
        finished = self._visits.finish(ended)
        self._end_signatures(ended, finished)
        return finished

    def _end_signatures(self, tracks: Tracks, finished: list[Visit]) -> None:
        """Make the signatures of `finished`, and let go of those of tracks that were no visits."""
        if self._signatures is None or not (tracks.ended or finished):
            return
        began = thread_time()
        ended = {track.id: self._visits.uid_of(track.id) for track in tracks.ended}
        self._signatures.end(ended, {visit.uid for visit in finished}, self._visits.held_uids())
        if not tracks.active:
            self._signatures.rest()
        self.times.signatures_s += thread_time() - began


def is_inside(polygon: Polygon, x: float, y: float) -> bool:
    """Tell whether a point lies in the polygon: an odd number of edges to its right (Shimrat, 1962)."""
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
