"""One person in view is one visit, and a picture of a person is none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from footfall.types import Attributes, Direction, FloatArray, Gender, Visit
from tests.unit.tracking.steps import Face, a_track, at, faces
from tracking import CountingLine, Tracker, VisitBuilder, VisitOptions
from tracking.stillness import KnownPictures
from tracking.tracks import Tracks
from tracking.visits import QualityOf

RUN = UUID(int=7)
FPS = 10.0
ADULT = Attributes(0.9, 40.0, np.eye(101, dtype=np.float32)[40], 0.8)


def builder(
    camera: str = "door",
    line: CountingLine | None = None,
    pictures: KnownPictures | None = None,
    **options: float,
) -> VisitBuilder:
    """Return a builder with default options but `options`."""
    return VisitBuilder(camera, RUN, VisitOptions(**options), line, "m1", pictures)  # type: ignore[arg-type]


def all_of(*qualities: float) -> QualityOf:
    """Return what says how much the faces of a frame are worth, by row."""
    return lambda rows, least: np.array(qualities, np.float32)[rows]


def show(
    visits: VisitBuilder,
    path: Callable[[float], Face],
    seconds: float,
    identity: int = 1,
    from_s: float = 0.0,
    side_px: float = 40.0,
) -> list[Visit]:
    """Show somebody at `path(t)` for `seconds`, judge what is worth it, let their track end, return what comes out."""
    count = int(seconds * FPS) + 1
    out: list[Visit] = []
    for index in range(count):
        now_s = from_s + index / FPS
        track = a_track(path(index / FPS), now_s, identity, side_px, since_s=from_s, hits=index + 1)
        tracks = Tracks((track,), ())
        for track_id, _ in visits.candidates(tracks, all_of(0.8)):
            visits.add(track_id, ADULT, side_px)
        out += visits.finish(tracks) + visits.release(at(now_s))
    return out + visits.finish(Tracks((), (track,)))


def test_what_never_looks_surely_like_a_face_is_no_visit() -> None:
    def visits_with_scores(scores: list[float]) -> list[Visit]:
        tracker, visits = Tracker(), builder()
        for number, score in enumerate(scores):
            seen = replace(faces([walking(number / FPS)]), scores=np.array([score], np.float32))
            visits.finish(tracker.update(seen, at(number / FPS)))
        return visits.finish(tracker.end_all())

    by_chance = [0.6, 0.7, 0.95, 0.95, 0.8, 0.8, 0.8, 0.8]
    assert visits_with_scores(by_chance) == []
    assert len(visits_with_scores([*by_chance, 0.95])) == 1


def walking(t: float) -> Face:
    """Somebody who walks to the right."""
    return 50 + 100 * t, 200


def poster(t: float) -> Face:
    """A picture on the wall, found with a tremble of a fiftieth of its size."""
    return 300 + 0.8 * math.sin(37 * t), 120 + 0.8 * math.cos(23 * t)


def waiting(t: float) -> Face:
    """Somebody who stands and sways by a fifth of a face."""
    return 300 + 8 * math.sin(2 * t), 120 + 3 * math.sin(3.1 * t)


def test_somebody_who_walks_by_is_one_judged_visit() -> None:
    (visit,) = show(builder(), walking, 3.0)
    assert (visit.entered_at, visit.left_at) == (at(0), at(3))
    assert (visit.gender, visit.age_group, visit.age_years) == (Gender.FEMALE, "35-44", 40)
    assert (visit.camera_id, visit.model_version, visit.direction) == ("door", "m1", Direction.NONE)
    assert visit.samples == 5
    assert visit.age_shares == (0, 0, 0, 0, 1000, 0, 0, 0)


def test_a_visit_is_reported_when_its_track_ends_and_only_once() -> None:
    visits = builder()
    track = a_track((50, 50), 1.0)
    assert visits.finish(Tracks((track,), ())) == []
    moved = a_track((150, 50), 2.0)
    assert visits.finish(Tracks((moved,), ())) == []
    assert len(visits.finish(Tracks((), (moved,)))) == 1
    assert visits.flush() == []


def test_who_is_in_view_at_the_end_is_flushed() -> None:
    visits = builder()
    for index in range(11):
        visits.finish(Tracks((a_track(walking(index / 10), index / 10, hits=index + 1),), ()))
    (foreseen,) = visits.open_visits()
    assert visits.flush() == [foreseen]
    assert visits.flush() == []


@pytest.mark.parametrize(("seconds", "count"), [(0.3, 0), (0.4, 1), (0.5, 1)])
def test_a_visit_lasts_at_least_the_minimum(seconds: float, count: int) -> None:
    assert len(show(builder(min_duration_s=0.4), walking, seconds)) == count


@pytest.mark.parametrize(("hits", "count"), [(4, 0), (5, 1)])
def test_a_visit_needs_hits(hits: int, count: int) -> None:
    visits = builder(min_hits=5)
    visits.finish(Tracks((a_track((50, 50), 0.0),), ()))
    visits.finish(Tracks((a_track((200, 50), 3.0, hits=hits),), ()))
    assert len(visits.flush()) == count


def test_a_uid_is_the_same_for_the_same_footage_and_differs_otherwise() -> None:
    (first,) = show(builder(), walking, 1.0)
    (again,) = show(builder(), walking, 1.0)
    (other_person,) = show(builder(), walking, 1.0, identity=2)
    (other_camera,) = show(builder("gate"), walking, 1.0)
    assert first.uid == again.uid
    assert len({first.uid, other_person.uid, other_camera.uid}) == 3


def test_direction_comes_from_the_line() -> None:
    upright = CountingLine((200, 400), (200, 0))
    (visit,) = show(builder(line=upright), walking, 3.0)
    assert visit.direction is Direction.IN


def test_positions_while_nobody_is_detected_cross_nothing() -> None:
    visits = builder(line=CountingLine((200, 400), (200, 0)))
    visits.finish(Tracks((a_track((50, 200), 0.0),), ()))
    visits.finish(Tracks((a_track((350, 200), 1.0, detection=None),), ()))
    (visit,) = visits.flush()
    assert visit.direction is Direction.NONE


def test_only_faces_found_in_this_frame_are_candidates() -> None:
    visits = builder()
    tracks = Tracks((a_track((50, 50), 0.0, 1, detection=1), a_track((250, 50), 0.0, 2, detection=None)), ())
    assert visits.candidates(tracks, all_of(0.1, 0.9)) == [(1, 1)]


def test_only_faces_that_may_be_judged_are_looked_at_closely() -> None:
    visits, looked_at = builder(), list[list[int]]()

    def look(rows: list[int], least: list[float]) -> FloatArray:
        del least
        looked_at.append(rows)
        return np.full(len(rows), 0.8, np.float32)

    for moment in (0.0, 0.1, 0.2):
        near, far = a_track((50, 50), moment, 1, detection=0), a_track((250, 50), moment, 2, side_px=12, detection=1)
        visits.candidates(Tracks((near, far), ()), look)
    assert looked_at == [[0], [0]]  # not a tenth of a second after the last one, and never a face too small to judge


def test_attributes_for_nobody_are_refused() -> None:
    with pytest.raises(ValueError, match="not in view"):
        builder().add(9, ADULT, 40.0)


def test_a_small_face_is_a_visit_of_somebody_unknown() -> None:
    (visit,) = show(builder(), walking, 3.0, side_px=12)
    assert (visit.gender, visit.age_group, visit.samples) == (Gender.UNKNOWN, "unknown", 0)


def test_a_poster_is_no_visitor() -> None:
    assert show(builder(), poster, 30.0) == []


def test_a_poster_in_view_when_the_file_ends_is_no_visitor() -> None:
    visits = builder()
    for index in range(300):
        visits.finish(Tracks((a_track(poster(index / 10), index / 10, hits=index + 1),), ()))
    assert visits.open_visits() == []
    assert visits.flush() == []


def test_a_poster_found_again_is_no_visitor_either() -> None:
    visits = builder()
    show(visits, poster, 30.0, identity=1)
    for again in range(2, 6):
        assert show(visits, poster, 2.0, identity=again, from_s=100.0 * again) == []
    assert visits.flush() == []


def test_a_known_poster_costs_no_runs() -> None:
    visits = builder()
    show(visits, poster, 30.0, identity=1)
    tracks = Tracks((a_track(poster(0), 60.0, 2),), ())
    assert visits.candidates(tracks, all_of(0.9)) == []


def test_a_poster_that_shows_through_now_and_then_is_no_visitor() -> None:
    visits = builder()
    out = [show(visits, poster, 2.0, identity, from_s=20.0 * identity) for identity in range(1, 8)]
    assert [visit for some in out for visit in some] + visits.flush() == []


def test_one_motionless_visit_is_reported_late_but_reported() -> None:
    visits = builder()
    assert show(visits, poster, 2.0, identity=1) == []
    assert len(visits.open_visits()) == 1
    out = show(visits, walking, 3.0, identity=2, from_s=130.0)
    assert [visit.left_at for visit in out] == [at(2), at(133)]
    assert visits.flush() == []


def test_a_motionless_visit_is_reported_although_nobody_comes_after_it() -> None:
    visits = builder()
    assert show(visits, poster, 2.0) == []
    assert visits.release(at(121.0)) == []
    (visit,) = visits.release(at(123.0))
    assert visit.left_at == at(2)
    assert visits.open_visits() == []


def test_a_poster_that_an_earlier_run_found_is_no_visitor_in_the_next() -> None:
    known = KnownPictures()
    show(builder(pictures=known), poster, 30.0)
    after = builder(pictures=known)
    tracks = Tracks((a_track(poster(1.0), 61.0, since_s=60.0, hits=11),), ())
    assert after.finish(tracks) == [] and after.open_visits() == []
    assert show(after, poster, 2.0, from_s=70.0) == [] and after.flush() == []
    assert len(show(after, walking, 3.0, identity=2, from_s=80.0)) == 1


def test_who_waits_for_a_while_is_a_visitor() -> None:
    assert len(show(builder(), waiting, 100.0)) == 1


def test_a_face_that_stays_still_for_minutes_is_not() -> None:
    assert show(builder(static_after_s=180.0), waiting, 181.0) == []


def test_who_walks_in_and_sits_down_for_minutes_is_a_visitor() -> None:
    def sits_down(t: float) -> Face:
        return walking(min(t, 2.5))

    assert len(show(builder(), sits_down, 300.0)) == 1


def test_a_passer_by_at_the_poster_is_a_visitor() -> None:
    visits = builder()
    show(visits, poster, 30.0, identity=1)
    (visit,) = show(visits, lambda t: (100 + 100 * t, 120), 4.0, identity=2, from_s=40.0)
    assert visit.entered_at == at(40)


def test_a_poster_hidden_for_a_moment_does_not_come_to_life() -> None:
    def poster_with_passer_by(t: float) -> Face:
        return (300 + 60 * (t - 10), 125) if 10 < t < 11 else poster(t)

    assert show(builder(), poster_with_passer_by, 40.0) == []


def stopping_at_the_poster(number: int) -> Callable[[float], Face]:
    """Somebody who sways where the poster hangs; each stands a little elsewhere."""

    def path(t: float) -> Face:
        x, y = waiting(t)
        return x + 6 * math.sin(5 * number), y + 6 * math.cos(3 * number)

    return path


def test_a_card_that_was_carried_away_hides_nobody_for_longer_than_an_hour() -> None:
    visits = builder()
    show(visits, poster, 25.0, identity=1)
    came = [60.0 + 120 * number for number in range(120)]
    counted = [
        visit
        for number, from_s in enumerate(came)
        for visit in show(visits, stopping_at_the_poster(number), 4.0, identity=2 + number, from_s=from_s)
    ]
    assert [visit.entered_at for visit in counted] == [at(from_s) for from_s in came if from_s + 4 > 25 + 3600]


def test_people_who_stop_there_motionless_do_not_bring_a_card_back() -> None:
    visits = builder()
    show(visits, poster, 25.0, identity=1)
    show(visits, waiting, 4.0, identity=2, from_s=60.0)
    for number in range(12):  # exactly where the card stood, for a moment each, every ten minutes
        show(visits, poster, 1.0, identity=3 + number, from_s=600.0 * (number + 1))
    assert len(show(visits, waiting, 4.0, identity=99, from_s=7300.0)) == 1


def test_a_poster_that_is_found_seldom_is_never_a_visitor() -> None:
    visits = builder()
    show(visits, poster, 30.0, identity=1)
    for again in range(2, 20):
        assert show(visits, poster, 2.0, identity=again, from_s=1200.0 * again) == []
    assert visits.flush() == []
