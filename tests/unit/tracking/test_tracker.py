"""What a tracker owes to those who count with it."""

from __future__ import annotations

from datetime import datetime
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.types import Detections
from tests.unit.tracking.steps import START, Face, at, faces, follow, ids_seen
from tracking import Tracker, TrackerOptions
from tracking.tracks import Tracks

place = st.tuples(st.floats(0, 600), st.floats(0, 400))
crowds = st.lists(st.lists(place, max_size=5), min_size=1, max_size=12)


def walker(speed_px_s: float, fps: float, seconds: float, y: float = 100.0, x: float = 0.0) -> list[Face]:
    """Return where somebody is in each frame who walks to the right."""
    return [(x + speed_px_s * index / fps, y) for index in range(int(seconds * fps))]


def matched_centres(tracks: Tracks, detections: Detections) -> dict[int, tuple[float, ...]]:
    """Return the detected box of each id."""
    return {
        track.id: tuple(detections.boxes[track.detection].tolist())
        for track in tracks.active
        if track.detection is not None
    }


@settings(max_examples=40, deadline=None)
@given(crowds, st.randoms(use_true_random=False))
def test_the_order_of_detections_changes_nothing(crowd: list[list[Face]], random: Random) -> None:
    one, other = Tracker(), Tracker()
    for index, frame in enumerate(crowd):
        given_order = faces(frame)
        order = list(range(len(frame)))
        random.shuffle(order)
        shuffled = given_order.select(np.array(order, np.intp))
        first = matched_centres(one.update(given_order, at(index / 10)), given_order)
        assert matched_centres(other.update(shuffled, at(index / 10)), shuffled) == first


@settings(max_examples=40, deadline=None)
@given(crowds)
def test_an_id_is_one_track_and_a_detection_belongs_to_one_id(crowd: list[list[Face]]) -> None:
    tracker = Tracker()
    gone: set[int] = set()
    for tracks in follow(tracker, crowd, fps=5):
        ids = [track.id for track in tracks.active]
        rows = [track.detection for track in tracks.active if track.detection is not None]
        gone |= {track.id for track in tracks.ended}
        assert len(ids) == len(set(ids))
        assert len(rows) == len(set(rows))
        assert not gone & set(ids)


@settings(max_examples=25, deadline=None)
@given(crowds, st.sampled_from([0.25, 0.5, 2.0, 4.0]))
def test_resolution_changes_no_id(crowd: list[list[Face]], scale: float) -> None:
    tracker, scaled_tracker = Tracker(), Tracker()
    for index, frame in enumerate(crowd):
        detections = faces(frame)
        scaled = Detections(detections.boxes * np.float32(scale), detections.scores, detections.landmarks)
        ids = [(t.id, t.detection) for t in tracker.update(detections, at(index / 10)).active]
        assert [(t.id, t.detection) for t in scaled_tracker.update(scaled, at(index / 10)).active] == ids


@pytest.mark.parametrize("fps", [5.0, 10.0, 15.0, 30.0])
@pytest.mark.parametrize("speed_px_s", [0.0, 70.0, 280.0])
def test_a_walker_is_one_track_at_any_frame_rate(fps: float, speed_px_s: float) -> None:
    path = walker(speed_px_s, fps, seconds=4)
    assert ids_seen(follow(Tracker(), [[face] for face in path], fps)) == {1}


@pytest.mark.parametrize("fps", [5.0, 30.0])
def test_two_who_pass_each_other_keep_their_ids(fps: float) -> None:
    right = walker(250, fps, seconds=4, y=100)
    left = [(1000 - x, y + 30) for x, y in right]
    results = follow(Tracker(), list(zip(right, left, strict=True)), fps)
    assert ids_seen(results) == {1, 2}
    by_id = {track.id: track.box for track in results[-1].active}
    begun = {track.id: track.box for track in next(tracks for tracks in results if tracks.active).active}
    assert all(abs(by_id[identity][0] - begun[identity][0]) > 500 for identity in (1, 2))


def test_a_face_that_moves_further_than_its_width_between_frames_is_followed() -> None:
    path = walker(speed_px_s=280, fps=5, seconds=3)
    assert path[1][0] - path[0][0] > 40
    assert ids_seen(follow(Tracker(), [[face] for face in path], fps=5)) == {1}


def test_a_track_coasts_for_the_gap_and_then_ends_once() -> None:
    tracker = Tracker(TrackerOptions(max_gap_s=1.0))
    results = follow(tracker, [[(100.0, 100.0)]] * 10 + [[]] * 20)
    coasting = [tracks for tracks in results[10:] if tracks.active]
    ended = [track for tracks in results for track in tracks.ended]
    assert len(coasting) == 10
    assert all(tracks.active[0].detection is None for tracks in coasting)
    assert [(track.id, track.last_seen, track.hits) for track in ended] == [(1, at(0.9), 10)]
    assert results[20].ended == tuple(ended)


def test_somebody_hidden_for_a_second_keeps_the_id() -> None:
    path: list[list[Face]] = [[face] for face in walker(150, 10, seconds=4)]
    hidden = [[] if 15 <= index < 25 else frame for index, frame in enumerate(path)]
    results = follow(Tracker(), hidden)
    assert ids_seen(results) == {1}
    assert results[-1].active[0].detection == 0


def test_somebody_who_comes_back_slightly_elsewhere_takes_the_lost_id() -> None:
    before: list[list[Face]] = [[(100.0 + 3 * index, 100.0)] for index in range(20)]
    after: list[list[Face]] = [[(180.0 + 3 * index, 128.0)] for index in range(15)]
    results = follow(Tracker(), [*before, *[[]] * 4, *after])
    assert ids_seen(results) == {1}
    assert results[-1].active[0].first_seen == START


def test_somebody_new_at_another_place_is_somebody_new() -> None:
    before: list[list[Face]] = [[(100.0, 100.0)]] * 20
    after: list[list[Face]] = [[(500.0, 300.0)]] * 15
    results = follow(Tracker(), [*before, *[[]] * 3, *after])
    assert ids_seen(results) == {1, 2}


def test_a_weak_detection_continues_a_track_but_starts_none() -> None:
    options = TrackerOptions(high_score=0.6, low_score=0.3)
    tracker = Tracker(options)
    weak, strong = faces([(100, 100), (400, 300)], score=0.4), faces([(100, 100)], score=0.8)
    for index in range(10):
        tracks = tracker.update(strong if index < 5 else weak, at(index / 10))
    assert [track.hits for track in tracks.active] == [10]
    ignored = faces([(100, 100)], score=0.2)
    assert tracker.update(ignored, at(1.0)).active[0].detection is None


def test_a_false_face_for_a_moment_gets_no_id() -> None:
    results = follow(Tracker(), [[], [(100.0, 100.0)], [(101.0, 100.0)], *[[]] * 30])
    assert ids_seen(results) == set()
    assert not any(tracks.ended for tracks in results)


def test_a_cut_ends_all_tracks_and_ids_go_on() -> None:
    tracker = Tracker()
    follow(tracker, [[(100.0, 100.0), (300.0, 100.0)]] * 6)
    ended = tracker.end_all()
    assert [track.id for track in ended.ended] == [1, 2]
    assert ended.active == ()
    assert ids_seen(follow(tracker, [[(100.0, 100.0)]] * 6, from_s=0.6)) == {3}


def test_reset_begins_anew() -> None:
    tracker = Tracker()
    follow(tracker, [[(100.0, 100.0)]] * 6)
    tracker.reset()
    assert ids_seen(follow(tracker, [[(100.0, 100.0)]] * 6)) == {1}


def test_ids_belong_to_the_instance() -> None:
    frames: list[list[Face]] = [[(100.0, 100.0)]] * 6
    assert ids_seen(follow(Tracker(), frames)) == ids_seen(follow(Tracker(), frames)) == {1}


def test_a_clock_that_is_set_back_ends_the_tracks() -> None:
    tracker = Tracker()
    follow(tracker, [[(100.0, 100.0)]] * 6, from_s=100)
    tracks = tracker.update(faces([(100, 100)]), at(0))
    assert [track.id for track in tracks.ended] == [1]
    assert tracks.active == ()


def test_a_frame_twice_at_one_time_does_no_harm() -> None:
    tracker = Tracker()
    follow(tracker, [[(100.0, 100.0)]] * 6)
    tracks = tracker.update(faces([(100, 100)]), at(0.5))
    assert [track.id for track in tracks.active] == [1]


def test_a_time_without_offset_is_refused() -> None:
    naive = datetime(2026, 3, 1, 12)  # noqa: DTZ001 -- the mistake under test
    with pytest.raises(ValueError, match="UTC offset"):
        Tracker().update(Detections.empty(), naive)


def test_scores_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(ValueError, match="low_score"):
        TrackerOptions(high_score=0.3, low_score=0.5)
    with pytest.raises(ValueError, match="max_gap_s"):
        TrackerOptions(max_gap_s=0)


@pytest.mark.parametrize("fps", [5.0, 10.0, 15.0, 30.0])
def test_somebody_who_stops_at_once_keeps_the_id(fps: float) -> None:
    """People stop between two frames; a track that coasts on would leave the face behind and count it again."""
    walked = walker(240.0, fps, seconds=2)
    frames = [[face] for face in walked] + [[walked[-1]]] * int(2 * fps)
    tracks = follow(Tracker(), frames, fps)
    assert ids_seen(tracks) == {1}
    assert all(track.detection is not None for track in tracks[-1].active)


def test_somebody_who_stops_and_is_hidden_for_a_moment_keeps_the_id() -> None:
    walked = walker(240.0, 15.0, seconds=2)
    frames: list[list[Face]] = [[face] for face in walked] + [[walked[-1]]] * 3 + [[]] * 5 + [[walked[-1]]] * 20
    assert ids_seen(follow(Tracker(), frames, 15.0)) == {1}
