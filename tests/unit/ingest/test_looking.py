"""Where the detector looks: at what moves and who is followed, now and then at everything, closer at small faces."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt

from footfall.types import Detections, Frame, ImageArray
from ingest.looking import CloseLook
from ingest.regions import Rectangle, joined
from tests.unit.ingest.footage import START
from tracking.options import TrackerOptions
from tracking.tracks import Track, Tracks

SIZE = (1920, 1080)
PICTURE = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
CELLS = (90, 160)
FACE_CELL = (126, 27)
"""Where the face that is followed lies."""
NOBODY = Tracks((), ())
Box = tuple[float, float, float, float]


class NotedLooks:
    """Remembers what it was shown."""

    def __init__(self) -> None:
        self.regions: list[list[list[int]]] = []
        self.scales: list[float] = []

    def detect(self, image_bgr: ImageArray) -> Detections:
        """Look at everything."""
        raise AssertionError("a close look says where")

    def detect_in(self, image_bgr: ImageArray, regions: npt.NDArray[np.int32], scale: float) -> Detections:
        """Note the regions; find a sure face."""
        self.regions.append(regions.tolist())
        self.scales.append(scale)
        boxes = np.array([[1500, 300, 1540, 350]], np.float32)
        return Detections(boxes, np.full(1, 0.99, np.float32), np.full((1, 5, 2), 1520, np.float32))


def frame(at_s: float, image: ImageArray = PICTURE) -> Frame:
    return Frame("door", round(at_s * 10), START + timedelta(seconds=at_s), image)


def moved(*cells: tuple[int, int]) -> ImageArray:
    """Return a picture of motion: 255 at these (column, row)."""
    mask = np.zeros(CELLS, np.uint8)
    for column, row in cells:
        mask[row, column] = 255
    return mask


def followed(box: Box, track: int = 1, *, seen_s: float = 0.0, velocity: tuple[float, float] = (0.0, 0.0)) -> Tracks:
    seen_at = START + timedelta(seconds=seen_s)
    return Tracks((Track(track, np.array(box, np.float32), 0.9, START, seen_at, 5, 5, 0, velocity),), ())


WHOLE = [[0, 0, *SIZE]]


def test_the_first_look_is_at_everything_and_again_every_two_seconds() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    everything = []
    for tenth in range(41):
        before = detector.regions.count(WHOLE)
        look.look(frame(tenth / 10), moved((80, 45)), NOBODY)
        everything += [tenth] * (detector.regions.count(WHOLE) - before)
    assert everything == [0, 20, 40]


def test_what_moves_is_searched_three_times_a_second_and_who_is_followed_is_looked_at_in_every_frame() -> None:
    walking, alone = NotedLooks(), NotedLooks()
    searching, following = CloseLook(alone), CloseLook(walking)
    for tenth in range(20):
        searching.look(frame(tenth / 10), moved((10, 10)), NOBODY)
        following.look(
            frame(tenth / 10), moved(FACE_CELL, (10, 10)), followed((1500, 300, 1540, 350), seen_s=tenth / 10)
        )
    assert len(alone.regions) == 1 + 6
    assert [len(regions) for regions in walking.regions] == [1, *[1, 1, 2] * 6, 1]


def test_between_looks_at_everything_it_looks_around_what_moves_and_who_is_followed() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(0), moved(), NOBODY)
    look.look(frame(0.3), moved((10, 10)), followed((1500, 300, 1540, 350), seen_s=0.3))
    motion, face = sorted(detector.regions[1])
    assert motion[0] <= 120 <= 132 <= motion[2] and motion[1] <= 120 <= 132 <= motion[3]
    assert face[0] <= 1500 - 40 and face[2] >= 1540 + 40 and face[1] <= 300 - 50 and face[3] >= 350 + 50
    assert sum((right - left) * (bottom - top) for left, top, right, bottom in detector.regions[1]) < 0.05 * 1920 * 1080


def test_what_moved_a_moment_ago_is_still_looked_at() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(0), moved(), NOBODY)
    look.look(frame(0.3), moved((10, 10)), NOBODY)
    look.look(frame(0.6), moved((150, 80)), NOBODY)
    assert len(detector.regions[2]) == 2
    look.look(frame(1.1), moved((150, 80)), NOBODY)
    assert len(detector.regions[3]) == 1


def test_what_moves_between_two_searches_is_searched_in_the_next_one() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(0), moved(), NOBODY)
    look.look(frame(0.1), moved((10, 10)), NOBODY)
    look.look(frame(0.2), moved(), NOBODY)
    look.look(frame(0.3), moved(), NOBODY)
    ((left, top, right, bottom),) = detector.regions[1]
    assert left <= 120 < 132 <= right and top <= 120 < 132 <= bottom


def test_who_walks_is_looked_for_where_they_should_be_by_now() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(0), moved(), NOBODY)
    look.look(frame(0.1), moved((85, 27)), followed((1000, 300, 1040, 350), velocity=(900.0, 0.0), seen_s=0.1))
    ((left, _, right, _),) = detector.regions[1]
    assert left < 1090 - 30 and right > 1130 + 30


def test_somebody_lost_from_view_is_looked_for_with_every_search() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    for tenth in range(16):
        look.look(frame(tenth / 10), moved(), followed((1500, 300, 1540, 350), seen_s=0.1))
    assert len(detector.regions) == 1 + 5


def test_only_a_look_that_shows_more_than_a_face_makes_it_a_sure_one() -> None:
    look, sure = CloseLook(NotedLooks()), TrackerOptions().sure_score
    scores = []
    for tenth in range(7):
        seen = look.look(
            frame(tenth / 10), moved(FACE_CELL, (10, 10)), followed((1500, 300, 1540, 350), seen_s=tenth / 10)
        )
        scores += seen.scores.tolist()
    assert [score >= sure for score in scores] == [True, False, False, True, False, False, True]
    assert min(scores) >= TrackerOptions().high_score


def test_a_face_where_nothing_moves_is_looked_at_with_every_search_only() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    for tenth in range(7):
        look.look(frame(tenth / 10), moved((10, 10)), followed((1500, 300, 1540, 350), seen_s=tenth / 10))
    assert [len(regions) for regions in detector.regions] == [1, 2, 2]


def test_at_five_frames_a_second_every_one_is_searched() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    for fifth in range(10):
        look.look(frame(fifth / 5), moved((10, 10)), NOBODY)
    assert len(detector.regions) == 10


def test_when_most_of_the_picture_moves_or_the_scene_changed_it_looks_at_everything() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(0), moved(), NOBODY)
    look.look(frame(0.3), np.full(CELLS, 255, np.uint8), NOBODY)
    look.look(frame(0.4), None, NOBODY)
    assert detector.regions == [WHOLE] * 3


def test_a_face_of_forty_pixels_is_seen_with_24_whatever_the_size_of_the_picture() -> None:
    for size in ((1280, 720), SIZE, (3840, 2160)):
        detector = NotedLooks()
        CloseLook(detector).look(frame(0, np.zeros((size[1], size[0], 3), np.uint8)), None, NOBODY)
        assert detector.scales[0] * 40 >= 24


def test_a_small_picture_is_neither_shrunk_nor_cut_up() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    for tenth in range(3):
        look.look(frame(tenth / 10, np.zeros((360, 640, 3), np.uint8)), moved((10, 10)), NOBODY)
    assert detector.scales == [1.0] * 3
    assert detector.regions == [[[0, 0, 640, 360]]] * 3


def test_a_camera_to_which_nobody_comes_near_is_looked_at_closer_from_then_on() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    for person in range(15):
        for tenth in range(10):
            size_px = 8 + 2 * tenth  # far away at first, 26 px at the end
            tracks = followed((100, 100, 100 + size_px, 100 + size_px), person)
            look.look(frame(person + tenth / 10), moved(), tracks)
    assert detector.scales[0] < 0.7
    assert detector.scales[-1] * 26 >= 24


def test_people_who_come_near_need_no_closer_look_however_far_away_they_were_first_seen() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    for person in range(15):
        for tenth in range(10):
            size_px = 10 + 8 * tenth
            look.look(frame(person + tenth / 10), moved(), followed((100, 100, 100 + size_px, 100 + size_px), person))
    assert max(detector.scales) == detector.scales[0]


def test_what_moved_before_the_clock_was_set_back_is_not_looked_at_until_that_time_comes_again() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(3600), moved(), NOBODY)
    look.look(frame(3600.3), moved((10, 10)), NOBODY)
    look.look(frame(0), moved((150, 80)), NOBODY)
    look.look(frame(0.3), moved((150, 80)), NOBODY)
    assert len(detector.regions[3]) == 1


def test_a_face_that_nobody_followed_accounts_for_yet_is_looked_at_again() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(0), moved(), NOBODY)
    face = np.array([[1500, 300, 1540, 350]], np.float32)
    look.look(frame(0.1), moved((10, 10)), NOBODY, face)
    assert any(
        left < 1500 and right > 1540 and top < 300 and low > 350 for left, top, right, low in detector.regions[1]
    )
    assert detector.regions[1] != WHOLE


def test_rectangles_become_one_where_that_covers_no_more_than_both() -> None:
    near = [Rectangle(0, 0, 10, 10), Rectangle(5, 0, 15, 10)]
    cross = [Rectangle(0, 40, 100, 50), Rectangle(45, 0, 55, 100)]
    assert joined(near) == [Rectangle(0, 0, 15, 10)]
    assert sorted(joined(cross)) == sorted(cross)
    assert joined([*near, near[0]]) == [Rectangle(0, 0, 15, 10)]
