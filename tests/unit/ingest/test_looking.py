"""Where the detector looks: at what moves and who is followed, now and then at everything, closer at small faces."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt

from footfall.types import Detections, Frame, ImageArray
from ingest.looking import CloseLook, apart
from tests.unit.ingest.footage import START
from tracking.tracks import Track, Tracks

SIZE = (1920, 1080)
PICTURE = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
CELLS = (90, 160)
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
        """Note the regions."""
        self.regions.append(regions.tolist())
        self.scales.append(scale)
        return Detections.empty()


def frame(at_s: float, image: ImageArray = PICTURE) -> Frame:
    return Frame("door", round(at_s * 10), START + timedelta(seconds=at_s), image)


def moved(*cells: tuple[int, int]) -> ImageArray:
    """Return a picture of motion: 255 at these (column, row)."""
    mask = np.zeros(CELLS, np.uint8)
    for column, row in cells:
        mask[row, column] = 255
    return mask


def followed(box: Box, track: int = 1) -> Tracks:
    return Tracks((Track(track, np.array(box, np.float32), 0.9, START, START, 5, 5, 0),), ())


WHOLE = [[0, 0, *SIZE]]


def test_the_first_look_is_at_everything_and_again_after_a_second() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    for tenth in range(21):
        look.look(frame(tenth / 10), moved((80, 45)), NOBODY)
    assert [at for at, regions in enumerate(detector.regions) if regions == WHOLE] == [0, 10, 20]


def test_between_them_it_looks_around_what_moves_and_who_is_followed() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(0), moved(), NOBODY)
    look.look(frame(0.1), moved((10, 10)), followed((1500, 300, 1540, 350)))
    motion, face = sorted(detector.regions[1])
    assert motion[0] <= 120 <= 132 <= motion[2] and motion[1] <= 120 <= 132 <= motion[3]
    assert face[0] <= 1500 - 40 and face[2] >= 1540 + 40 and face[1] <= 300 - 50 and face[3] >= 350 + 50
    assert sum((right - left) * (bottom - top) for left, top, right, bottom in detector.regions[1]) < 0.05 * 1920 * 1080


def test_what_moved_a_moment_ago_is_still_looked_at() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(0), moved(), NOBODY)
    look.look(frame(0.1), moved((10, 10)), NOBODY)
    look.look(frame(0.4), moved((150, 80)), NOBODY)
    assert len(detector.regions[2]) == 2
    look.look(frame(0.9), moved((150, 80)), NOBODY)
    assert len(detector.regions[3]) == 1


def test_when_most_of_the_picture_moves_or_the_scene_changed_it_looks_at_everything() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(0), moved(), NOBODY)
    look.look(frame(0.1), np.full(CELLS, 255, np.uint8), NOBODY)
    look.look(frame(0.2), None, NOBODY)
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
    assert set(detector.scales) == {detector.scales[0]}


def test_what_moved_before_the_clock_was_set_back_is_not_looked_at_until_that_time_comes_again() -> None:
    detector = NotedLooks()
    look = CloseLook(detector)
    look.look(frame(3600), moved(), NOBODY)
    look.look(frame(3600.1), moved((10, 10)), NOBODY)
    look.look(frame(0), moved((150, 80)), NOBODY)
    look.look(frame(0.1), moved((150, 80)), NOBODY)
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


def test_rectangles_that_overlap_become_one_until_none_does() -> None:
    chain = [(0, 0, 10, 10), (40, 0, 50, 10), (8, 0, 42, 10), (100, 100, 110, 110)]
    assert sorted(apart(chain)) == [(0, 0, 50, 10), (100, 100, 110, 110)]
