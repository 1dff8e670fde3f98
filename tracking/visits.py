"""One person in view of a camera is one visit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from footfall.types import Attributes, FloatArray, Visit
from tracking.fusion import BestFaces, FaceSample, Judgement, JudgementOptions
from tracking.held import HeldVisits
from tracking.line import CountingLine, LineCrossing
from tracking.stillness import KnownPictures, Place, Stillness, place_of
from tracking.tracks import Track, Tracks

__all__ = ["CountingLine", "JudgementOptions", "VisitBuilder", "VisitOptions"]

QualityOf = Callable[[list[int], list[float]], FloatArray]
"""Returns how much the faces in these rows of a frame's detections are worth for judging, float32 (N,) in [0, 1], or
anything less for one that is worth less than its one of the second list: then it does not matter."""


@dataclass(frozen=True, slots=True)
class VisitOptions:
    """What makes a track a visit, and how its attributes are judged.

    In `min_hits` frames the face must be a sure one (`TrackerOptions.sure_score`): a coat that looks a little like a
    face does so for seconds, and by chance convincingly in one frame, while a person's face is sure again and again.
    """

    min_duration_s: float = 0.4
    min_hits: int = 3
    static_after_s: float = 180.0
    judgement: JudgementOptions = field(default_factory=JudgementOptions)


class _OpenVisit:
    """Somebody in view: everything that becomes a visit when they leave."""

    __slots__ = ("crossing", "faces", "last", "stillness")

    def __init__(self, track: Track, place: Place, line: CountingLine | None, options: JudgementOptions) -> None:
        self.last = track
        self.crossing = LineCrossing(line)
        self.faces = BestFaces(options)
        self.stillness = Stillness(place, track.last_seen)

    def see(self, track: Track, place: Place) -> None:
        """Take the track after a frame; only a frame in which it was detected says where the person is."""
        self.last = track
        if track.detection is not None:
            self.crossing.move_to((place.x, place.y), place.face_px)
            self.stillness.see(place, track.last_seen)


class VisitBuilder:
    """Turns the tracks of one camera into visits.

    For each frame: ask `candidates` which faces the attribute network should see, `add` what it says, then call
    `finish` for the visits of those who left. `run` names the worker run or the recording; a visit's uid is made of
    camera, run and the track's id, so processing the same footage the same way gives the same uids. The tracker's
    ids must therefore not begin anew within a run (`Tracker.reset`).
    """

    def __init__(
        self,
        camera_id: str,
        run: UUID,
        options: VisitOptions,
        line: CountingLine | None,
        model_version: str,
        pictures: KnownPictures | None = None,
    ) -> None:
        """`pictures` are those that earlier runs found in the same view."""
        self._camera_id = camera_id
        self._run = run
        self._options = options
        self._line = line
        self._model_version = model_version
        self._open: dict[int, _OpenVisit] = {}
        self._pictures = pictures or KnownPictures()
        self._held = HeldVisits()

    def candidates(self, tracks: Tracks, quality_of: QualityOf) -> list[tuple[int, int]]:
        """Return (track id, row of the frame's detections) of the faces worth a run of the attribute network now.

        A face is worth it while few are held or when it is better than those held, and not so soon after the last one
        that both look alike. `quality_of` is asked only for the faces whose quality decides.
        """
        possible = []
        for track in tracks.active:
            if track.detection is None:
                continue
            place = place_of(track)
            if self._pictures.has(place, track.last_seen):
                continue
            faces = self._visit(track, place).faces
            if faces.may_want(place.face_px, track.last_seen):
                possible.append((track, track.detection, place.face_px, faces))
        if not possible:
            return []
        least = [faces.least_quality for _, _, _, faces in possible]
        qualities = quality_of([row for _, row, _, _ in possible], least).tolist()
        return [
            (track.id, row)
            for (track, row, face_px, faces), quality in zip(possible, qualities, strict=True)
            if faces.wants(quality, face_px, track.last_seen)
        ]

    def add(self, track_id: int, attributes: Attributes, face_px: float) -> None:
        """Give the visit of `track_id` a judged face of `face_px` pixels.

        Raises:
            ValueError: nobody with this id is in view.
        """
        if track_id not in self._open:
            raise ValueError(f"track {track_id} is not in view; add() takes ids that candidates() returned")
        self._open[track_id].faces.add(FaceSample(attributes, face_px))

    def judgement(self, track_id: int) -> Judgement | None:
        """Return what is known so far about the person `track_id`, or None when nobody in view has this id."""
        known = self._open.get(track_id)
        return None if known is None else known.faces.judge()

    def finish(self, tracks: Tracks) -> list[Visit]:
        """Take the frame's `tracks` and return the visits of those that ended; call it once after every update.

        The visit of somebody who did not move at all is held for two minutes (see `HeldVisits`, `release`).
        """
        visits = self._close(tracks.ended)
        for track in tracks.active:
            place = place_of(track)
            self._visit(track, place).see(track, place)
        return visits

    def release(self, at: datetime) -> list[Visit]:
        """Return the visits that were held and are not any more at the moment `at`, whoever is in view."""
        return self._held.release(at)

    def flush(self) -> list[Visit]:
        """End everybody still in view and return their visits: the end of the file, or shutdown."""
        visits = self._close([visit.last for visit in self._open.values()])
        return visits + self._held.release_all()

    def open_visits(self) -> list[Visit]:
        """Return what `flush` would return now without ending anybody: for a worker that must survive a crash."""
        static_after_s = self._options.static_after_s
        living = [visit for visit in self._open.values() if not visit.stillness.is_picture(static_after_s)]
        visits = [
            self._to_visit(visit.last, visit)
            for visit in living
            if self._is_sure(visit) and not self._shows_picture(visit.stillness, visit.last.last_seen)
        ]
        return visits + self._held.visits

    def uid_of(self, track_id: int) -> UUID:
        """Return the uid that the visit of `track_id` has, if it becomes one."""
        return uuid5(self._run, f"{self._camera_id}/{track_id}")

    def held_uids(self) -> set[UUID]:
        """Return the uids of the visits that are over and held back."""
        return {visit.uid for visit in self._held.visits}

    def _visit(self, track: Track, place: Place) -> _OpenVisit:
        if track.id not in self._open:
            self._open[track.id] = _OpenVisit(track, place, self._line, self._options.judgement)
        return self._open[track.id]

    def _close(self, ended: Sequence[Track]) -> list[Visit]:
        visits = []
        for track in ended:
            known = self._open.pop(track.id, None)
            if known is None or not self._is_sure(known) or self._is_picture(known, track.last_seen):
                continue
            visit = self._to_visit(track, known)
            if not known.stillness.is_motionless:
                visits.append(visit)
            elif self._held.hold(visit, known.stillness.anchor):
                self._pictures.remember(known.stillness.anchor, track.last_seen)
        return visits

    def _is_sure(self, visit: _OpenVisit) -> bool:
        """Tell a person from a glimpse: seen often, long and clearly enough."""
        track, options = visit.last, self._options
        duration_s, enough_s = (track.last_seen - track.first_seen).total_seconds(), options.min_duration_s
        is_long = duration_s >= enough_s or math.isclose(duration_s, enough_s, abs_tol=1e-6)
        return is_long and track.sure_hits >= options.min_hits

    def _is_picture(self, visit: _OpenVisit, at: datetime) -> bool:
        stillness = visit.stillness
        if stillness.is_picture(self._options.static_after_s):
            self._pictures.remember(stillness.anchor, at)
            self._held.drop(stillness.anchor)
            return True
        return self._pictures.takes_in(stillness, at)

    def _shows_picture(self, face: Stillness, at: datetime) -> bool:
        return face.is_still and self._pictures.has(face.anchor, at)

    def _to_visit(self, track: Track, visit: _OpenVisit) -> Visit:
        judgement = visit.faces.judge()
        return Visit(
            uid=self.uid_of(track.id),
            camera_id=self._camera_id,
            entered_at=track.first_seen,
            left_at=track.last_seen,
            direction=visit.crossing.direction,
            gender=judgement.gender,
            age_group=judgement.age_group,
            age_years=judgement.age_years,
            p_female=judgement.p_female,
            samples=judgement.samples,
            quality=judgement.quality,
            model_version=self._model_version,
            age_shares=judgement.age_shares,
        )
