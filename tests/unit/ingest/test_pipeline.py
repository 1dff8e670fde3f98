"""Frames in, visits out: real tracker and visits, a detector that looks at pixels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import numpy as np
import numpy.typing as npt

from footfall.types import Detections, Frame, Gender, ImageArray, PictureState, Visit
from ingest.looking import CloseLook
from ingest.minutes import MinuteCounter
from ingest.pipeline import Pipeline, PipelineOptions
from tests.unit.ingest.footage import START, ConstantJudge, GreenSquareDetector, wall, with_faces
from tracking import JudgementOptions, Tracker, VisitBuilder, VisitOptions

RUN = UUID(int=3)
SIDE_PX = 40


class Bench:
    """A pipeline of real parts around a fake detector and judge."""

    def __init__(
        self,
        options: PipelineOptions | None = None,
        *,
        detector: GreenSquareDetector | None = None,
        close_look: CloseLook | None = None,
    ) -> None:
        self.detector = detector or GreenSquareDetector()
        self.judge = ConstantJudge()
        visit_options = VisitOptions(judgement=JudgementOptions(min_quality=0.0))
        self.minutes = MinuteCounter("door", RUN)
        self.pipeline = Pipeline(
            self.detector,
            Tracker(),
            self.judge,
            VisitBuilder("door", RUN, visit_options, None, "squares+constant"),
            self.minutes,
            options,
            close_look=close_look,
        )

    def run(self, images: Iterable[ImageArray], fps: float = 10) -> list[Visit]:
        """Process `images` at `fps` and return all visits."""
        visits = []
        for index, image in enumerate(images):
            at = START + timedelta(seconds=index / fps)
            visits += self.pipeline.process(Frame("door", index, at, image))
        return visits + self.pipeline.finish()


def person(*places: tuple[float, float] | None) -> list[ImageArray]:
    """Return one image for each place of one person; None is an empty hall."""
    hall = wall()
    return [hall if place is None else with_faces(hall, [place], SIDE_PX) for place in places]


def walk(frames: int) -> list[tuple[float, float] | None]:
    """Return the places of somebody who crosses the picture from the left."""
    return [(20 + 280 * index / frames, 90) for index in range(frames)]


def test_somebody_who_walks_by_is_one_judged_visit() -> None:
    bench = Bench()
    (visit,) = bench.run(person(*walk(30), *[None] * 40))
    assert visit.gender is Gender.FEMALE
    assert visit.age_group == "25-34"
    assert visit.entered_at == START
    assert timedelta(seconds=2.5) < visit.left_at - START < timedelta(seconds=3)
    assert 2 <= bench.judge.faces <= 10, "the attribute network is run a few times a visit"


def test_two_people_one_after_the_other_are_two_visits() -> None:
    assert len(Bench().run(person(*walk(20), *[None] * 30, *walk(20)))) == 2


def test_a_face_that_stands_still_from_the_beginning_is_one_visit() -> None:
    bench = Bench()
    (visit,) = bench.run(person(*[(160, 90)] * 180))  # longer and it is taken for a picture on the wall
    assert visit.entered_at == START
    assert visit.left_at - START > timedelta(seconds=17.5)
    assert bench.detector.calls < 110, "the gate rests although a face is in view"


def test_a_face_that_appears_without_a_movement_before_it_is_found() -> None:
    (visit,) = Bench().run(person(*[None] * 53, *[(160, 90)] * 100))
    assert visit.entered_at - START < timedelta(seconds=6.4)


class PatchyDetector(GreenSquareDetector):
    """Sees squares in the regions it is shown, and nothing else."""

    def detect_in(self, image_bgr: ImageArray, regions: npt.NDArray[np.int32], scale: float) -> Detections:
        """Look at `regions` in full size."""
        del scale
        shown = np.zeros_like(image_bgr)
        for left, top, right, bottom in regions.tolist():
            shown[top:bottom, left:right] = image_bgr[top:bottom, left:right]
        return self.detect(shown)


def test_somebody_who_stands_still_from_the_beginning_counts_while_others_walk_elsewhere() -> None:
    detector = PatchyDetector()
    bench = Bench(detector=detector, close_look=CloseLook(detector))
    hall = wall((1280, 720))
    both = [with_faces(hall, [(100 + 8 * index, 150), (1100, 600)], SIDE_PX) for index in range(55)]
    assert len(bench.run([*both, *[hall] * 40])) == 2


def test_somebody_who_stops_walking_and_goes_on_later_remains_one_visit() -> None:
    path = walk(30)
    places = [*path[:15], *[path[15]] * 200, *path[15:], *[None] * 30]
    (visit,) = Bench().run(person(*places))
    assert visit.entered_at == START
    assert visit.left_at - START > timedelta(seconds=22)


def test_an_empty_hall_costs_one_detection_a_second() -> None:
    bench = Bench()
    assert bench.run([wall()] * 300) == []
    assert bench.detector.calls <= 36
    assert bench.pipeline.times.frames == 300
    assert bench.pipeline.times.detected == bench.detector.calls


def test_a_cut_ends_the_visit_even_if_somebody_stands_at_the_same_place() -> None:
    other = wall(seed=5)
    other = (255 - other // 2).astype(other.dtype)
    first = [with_faces(wall(), [(160, 90)], SIDE_PX)] * 20
    second = [with_faces(other, [(162, 91)], SIDE_PX)] * 20
    visits = Bench().run(first + second)
    assert len(visits) == 2
    assert visits[0].left_at < START + timedelta(seconds=2) <= visits[1].entered_at


def test_faces_in_an_ignored_polygon_are_not_there() -> None:
    poster = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    hall = wall()
    images = [with_faces(hall, [(40 + 2 * index, 90), (260, 60)], SIDE_PX) for index in range(50)]
    (visit,) = Bench(PipelineOptions(ignore=(poster,))).run(images)
    assert visit.entered_at == START
    assert len(Bench().run(images)) == 2


def test_minutes_count_faces_small_faces_and_losses() -> None:
    bench = Bench(PipelineOptions(gender_min_face_px=50))
    bench.pipeline.note_losses(START, dropped=3, damaged=2)
    bench.run(person(*walk(30)))
    assert bench.pipeline.minutes() == []
    (minute,) = bench.pipeline.finish_minutes()
    assert (minute.frames_processed, minute.frames_dropped, minute.frames_damaged) == (30, 3, 2)
    assert minute.faces == minute.faces_small == 30


def test_what_judges_the_picture_decides_about_live_time() -> None:
    bench = Bench()
    covered = Pipeline(
        bench.detector,
        Tracker(),
        bench.judge,
        VisitBuilder("door", RUN, VisitOptions(), None, "m"),
        bench.minutes,
        judge_picture=lambda frame: PictureState.COVERED if frame.index >= 10 else PictureState.OK,
    )
    for index, image in enumerate([wall()] * 20):
        covered.process(Frame("door", index, START + timedelta(seconds=index / 10), image))
    (minute,) = covered.finish_minutes()
    assert minute.picture is PictureState.COVERED
    assert 0.9 <= minute.live_s <= 1.0
