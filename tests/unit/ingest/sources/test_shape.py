"""Pictures come upright and with square pixels, whatever the container says about the way they are stored."""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from footfall.types import ImageArray
from ingest.sources.kinds import open_source
from ingest.sources.libav import Decoder
from ingest.sources.shape import AS_IT_IS, Turn, square_size, turn_of
from ingest.sources.stream import LiveSource
from tests.unit.ingest.footage import START, GreenSquareDetector, wall, with_faces, write_video

UPRIGHT = with_faces(wall(), [(250, 50)], 40)
TURNS = [Turn(swaps, x, y) for swaps in (False, True) for x in (False, True) for y in (False, True)]
ONE = 1 << 16


def matrix_of(turn: Turn) -> tuple[int, ...]:
    x, y = (-ONE if turn.flips_x else ONE), (-ONE if turn.flips_y else ONE)
    a, b, c, d = (0, y, x, 0) if turn.swaps_axes else (x, 0, 0, y)
    return a, b, 0, c, d, 0, 0, 0, 1 << 30


def as_stored(upright: ImageArray, turn: Turn, aspect: Fraction) -> ImageArray:
    """Return what has to be stored so that a player which turns and stretches it shows `upright`."""
    stored = AS_IT_IS.apply(upright)
    if turn.flips_x:
        stored = stored[:, ::-1]
    if turn.flips_y:
        stored = stored[::-1]
    if turn.swaps_axes:
        stored = stored.transpose(1, 0, 2)
    height, width = stored.shape[:2]
    size = (round(width / aspect), height) if aspect > 1 else (width, round(height * aspect))
    return np.asarray(cv2.resize(np.ascontiguousarray(stored), size, interpolation=cv2.INTER_AREA), np.uint8)


def with_matrix(path: Path, matrix: tuple[int, ...]) -> Path:
    """Write `matrix` into the track header of an MP4, as phones do."""
    content = bytearray(path.read_bytes())
    start = content.index(b"tkhd") + 44
    content[start : start + 36] = struct.pack(">9i", *matrix)
    path.write_bytes(content)
    return path


def first_picture(path: Path, **settings: object) -> tuple[tuple[int, int], ImageArray]:
    source = open_source("door", CameraConfig.model_validate({"source": str(path), **settings}), START)
    image = next(iter(source)).image
    source.close()
    return source.size, image


def assert_shows_upright(size: tuple[int, int], image: ImageArray) -> None:
    assert size == (320, 180)
    assert image.shape == (180, 320, 3)
    ((left, top, right, bottom),) = GreenSquareDetector().detect(image).boxes.tolist()
    assert [left, top, right, bottom] == pytest.approx([230, 30, 270, 70], abs=3)


@pytest.mark.parametrize("aspect", [Fraction(1), Fraction(2), Fraction(1, 2)], ids=str)
@pytest.mark.parametrize("turn", TURNS, ids=str)
def test_every_turn_and_mirror_is_undone_and_pixels_are_square(tmp_path: Path, turn: Turn, aspect: Fraction) -> None:
    stored = as_stored(UPRIGHT, turn, aspect)
    path = with_matrix(write_video(tmp_path / "a.mp4", [stored] * 3, pixel_aspect=aspect), matrix_of(turn))
    assert_shows_upright(*first_picture(path))


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.mp4"])
def test_the_ratio_is_applied_in_every_container(tmp_path: Path, name: str) -> None:
    stored = as_stored(UPRIGHT, AS_IT_IS, Fraction(16, 10))
    assert_shows_upright(*first_picture(write_video(tmp_path / name, [stored] * 3, pixel_aspect=Fraction(16, 10))))


@pytest.mark.parametrize("degrees", [30, 45, 200])
def test_a_matrix_that_is_no_quarter_turn_is_left_out_with_a_word(tmp_path: Path, degrees: int) -> None:
    cosine, sine = (round(ONE * value(math.radians(degrees))) for value in (math.cos, math.sin))
    path = write_video(tmp_path / "a.mp4", [UPRIGHT] * 3)
    with capture_logs() as logs:
        size, image = first_picture(with_matrix(path, (cosine, sine, 0, -sine, cosine, 0, 0, 0, 1 << 30)))
    assert_shows_upright(size, image)
    assert [entry["log_level"] for entry in logs if "no quarter turn" in entry["event"]] == ["warning"]


@pytest.mark.parametrize("numbers", [(0,) * 9, (ONE, 0, 0, ONE, 0, 0, 0, 0, 0), (0, 0, 0, 0, ONE, 0, 0, 0, 0)])
def test_a_matrix_that_flattens_the_picture_is_none(numbers: tuple[int, ...]) -> None:
    assert turn_of(struct.pack("=9i", *numbers)) is None
    assert turn_of(b"short") is None


def test_a_ratio_that_cannot_be_meant_is_left_out_with_a_word(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", [UPRIGHT] * 3, pixel_aspect=Fraction(20))
    with capture_logs() as logs:
        size, image = first_picture(path)
    assert_shows_upright(size, image)
    assert any("20:1" in entry["event"] for entry in logs)


def test_a_stream_that_declares_nothing_is_given_its_ratio_by_the_settings(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [as_stored(UPRIGHT, AS_IT_IS, Fraction(2))] * 3)
    assert first_picture(path)[0] == (160, 180)
    assert_shows_upright(*first_picture(path, pixel_aspect="2:1"))


@pytest.mark.parametrize("text", ["2", "0:1", "1:0", "16/15", "-1:1", "9:1", "1:5", ""])
def test_a_setting_that_is_no_ratio_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="16:15"):
        CameraConfig(source="0", pixel_aspect=text)


def test_an_axis_is_never_stretched_beyond_what_can_be_held() -> None:
    assert square_size(704, 240, Fraction(10, 22)) == (704, 528)
    assert square_size(8000, 4000, Fraction(2)) == (8000, 2000)


def test_odd_sizes_are_kept(tmp_path: Path) -> None:
    image = with_faces(wall((322, 182)), [(250, 50)], 40)
    size, _ = first_picture(write_video(tmp_path / "a.mp4", [image] * 3, pixel_aspect=Fraction(15, 16)))
    assert size == (322, 194)


def joined(folder: Path, *parts: tuple[ImageArray, Fraction]) -> Path:
    """Write one transport stream that changes its shape on the way."""
    whole = folder / "joined.ts"
    pieces = [
        write_video(folder / f"{number}.ts", [image] * 40, pixel_aspect=aspect).read_bytes()
        for number, (image, aspect) in enumerate(parts)
    ]
    whole.write_bytes(b"".join(pieces))
    return whole


def test_a_file_that_changes_its_ratio_on_the_way_shows_the_same_picture(tmp_path: Path) -> None:
    squeezed = as_stored(UPRIGHT, AS_IT_IS, Fraction(2))
    path = joined(tmp_path, (squeezed, Fraction(2)), (UPRIGHT, Fraction(1)))
    frames = list(open_source("door", CameraConfig(source=str(path)), START))
    assert len(frames) > 25
    for frame in frames:
        assert_shows_upright((320, 180), frame.image)


def test_a_picture_of_another_shape_inside_gets_margins_and_is_not_squashed(tmp_path: Path) -> None:
    path = joined(tmp_path, (UPRIGHT, Fraction(1)), (with_faces(wall((240, 180)), [(120, 90)], 40), Fraction(1)))
    image = list(open_source("door", CameraConfig(source=str(path)), START))[-1].image
    ((left, top, right, bottom),) = GreenSquareDetector().detect(image).boxes.tolist()
    assert [left, top, right, bottom] == pytest.approx([140, 70, 180, 110], abs=3)
    assert image[:, :36].max() < 10


def test_a_live_stream_that_changes_its_ratio_is_opened_anew(tmp_path: Path) -> None:
    path = joined(tmp_path, (UPRIGHT, Fraction(1)), (UPRIGHT, Fraction(2)))
    source = LiveSource("door", Decoder("stream", str(path)), 25.0)
    with pytest.raises(SourceError, match="changed to 640x180"):
        list(source)
