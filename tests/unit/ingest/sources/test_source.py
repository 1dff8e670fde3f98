"""Opening and reading recordings and folders, sound ones and all kinds of broken ones."""

from __future__ import annotations

import gc
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from structlog.testing import capture_logs

from footfall.config_sections import CameraConfig
from footfall.errors import SourceError
from ingest.sources.beginning import recorded_at
from ingest.sources.kinds import open_source
from tests.unit.ingest.footage import GREEN_BGR, START, wall, with_faces, write_sound, write_video


def camera(source: object, **settings: object) -> CameraConfig:
    return CameraConfig.model_validate({"source": str(source), "max_fps": 60, **settings})


def test_frames_of_a_file_carry_exact_times_and_pictures(tmp_path: Path) -> None:
    images = [with_faces(wall(), [(20 + 10 * index, 90)]) for index in range(10)]
    source = open_source("door", camera(write_video(tmp_path / "a.mp4", images, fps=25)), START)
    frames = list(source)
    assert [frame.captured_at for frame in frames] == [START + timedelta(milliseconds=40 * i) for i in range(10)]
    assert [frame.index for frame in frames] == list(range(10))
    assert (source.size, source.fps, source.is_live, source.damaged) == ((320, 180), 25.0, False, 0)
    assert source.expected_frames == source.decoded == 10
    assert frames[3].image.shape == (180, 320, 3)
    assert np.abs(frames[3].image[90, 50].astype(int) - GREEN_BGR).max() < 12
    source.close()


def test_variable_frame_rate_keeps_the_times_of_the_file(tmp_path: Path) -> None:
    times_s = [0.0, 0.04, 0.5, 0.52, 2.0, 2.5]
    path = write_video(tmp_path / "vfr.mkv", [wall()] * len(times_s), times_s=times_s)
    frames = list(open_source("door", camera(path), START))
    assert [(frame.captured_at - START).total_seconds() for frame in frames] == pytest.approx(times_s, abs=0.002)


def test_pictures_are_gone_when_nobody_uses_them_any_more(tmp_path: Path) -> None:
    source = open_source("door", camera(write_video(tmp_path / "a.mp4", [wall()] * 40)), START)
    gc.collect()
    gc.disable()  # it comes when it likes: at a camera a hundred pictures had gathered by then
    try:
        most = max(sum(type(thing) is VideoFrame for thing in gc.get_objects()) for _ in source)
    finally:
        gc.enable()
    source.close()
    assert most < 10  # a decoder puts some back in order


def test_max_fps_thins_out_by_time_and_counts_what_it_decoded(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [wall()] * 75, fps=25)
    source = open_source("door", camera(path, max_fps=10), START)
    frames = list(source)
    assert len(frames) == 30
    assert source.decoded == 75
    assert frames[-1].index == 73


def test_a_file_is_dated_by_its_own_creation_time_and_says_so(tmp_path: Path) -> None:
    dated = write_video(tmp_path / "a.mp4", [wall()] * 5, metadata={"creation_time": "2026-02-03T04:05:06Z"})
    with capture_logs() as logs:
        assert open_source("door", camera(dated)).started_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert ["--started-at" in entry["event"] for entry in logs] == [True]


def test_a_file_of_which_only_the_date_of_the_file_is_known_is_refused(tmp_path: Path) -> None:
    undated = write_video(tmp_path / "b.mkv", [wall()] * 50, fps=25)
    os.utime(undated, (START.timestamp(), START.timestamp()))
    with pytest.raises(SourceError, match=r"does not say when it was recorded; .*--started-at"):
        open_source("door", camera(undated))
    assert open_source("door", camera(undated), START).started_at == START


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("1904-01-01T00:00:00Z", "clock was set"),
        ("1970-01-01T08:00:00Z", "clock was set"),
        ("2010-01-01 00:03:00", "clock was set"),
        ("2036-02-07T06:28:15Z", "future"),
        ("2026-11-30T00:00:00.000000Z", "future"),
        ("yesterday", "does not say"),
        ("", "does not say"),
    ],
)
def test_a_creation_time_that_cannot_be_true_is_refused(written: str, words: str) -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    with pytest.raises(SourceError, match=words) as raised:
        recorded_at(Path("a.mp4"), {"creation_time": written}, now)
    assert "--started-at" in str(raised.value)


def test_a_recording_with_a_pause_ends_with_its_last_frame(tmp_path: Path) -> None:
    times_s = [index / 25 + (1800 if index >= 50 else 0) for index in range(100)]
    path = write_video(tmp_path / "a.mkv", [wall()] * 100, times_s=times_s)
    source = open_source("door", camera(path, max_fps=10), START)
    with capture_logs() as logs:
        list(source)
    assert (source.ended_at - START).total_seconds() == pytest.approx(1804.0, abs=0.002)
    assert source.damaged == 0
    assert [entry["first_lasts_s"] for entry in logs if "pause" in entry["event"]] == [1800]


def test_a_first_stamp_of_zero_does_not_shift_a_file_to_its_cameras_uptime(tmp_path: Path) -> None:
    times_s = [0.0, *(18_000 + index / 25 for index in range(1, 50))]
    source = open_source("door", camera(write_video(tmp_path / "a.mkv", [wall()] * 50, times_s=times_s)), START)
    with capture_logs() as logs:
        frames = list(source)
    assert (frames[-1].captured_at - START).total_seconds() == pytest.approx(49 / 25, abs=0.003)
    assert (source.ended_at - START).total_seconds() == pytest.approx(2.0, abs=0.003)
    assert source.damaged == 0
    assert any("clock jumped" in entry["event"] for entry in logs)


@pytest.mark.parametrize("fps", [10, 25])
def test_a_file_without_any_times_takes_the_rate_that_it_declares_and_says_so(tmp_path: Path, fps: int) -> None:
    path = tmp_path / "a.h264"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(20):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(wall(), format="bgr24")))
        container.mux(stream.encode(None))
    with capture_logs() as logs:
        frames = list(open_source("door", camera(path), START))
    assert [entry["frames_per_s"] for entry in logs if "without times" in entry["event"]] == [float(fps)]
    assert len(frames) == 20 and (frames[-1].captured_at - START).total_seconds() == pytest.approx(19 / fps, abs=0.01)


def test_a_segment_whose_times_run_on_is_as_long_as_it_lasts(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", [wall()] * 50, times_s=[3600 + index / 25 for index in range(50)])
    source = open_source("door", camera(path), START)
    assert source.expected_frames == pytest.approx(50, abs=2)
    assert len(list(source)) == 50


def test_a_time_without_offset_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [wall()] * 2)
    with pytest.raises(ValueError, match="no UTC offset"):
        open_source("door", camera(path), datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_recording_filmed_upright_is_turned(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [with_faces(wall(), [(300, 20)])] * 3)
    content = bytearray(path.read_bytes())
    # The matrix in the track header that phones write: to be shown a quarter turn clockwise.
    matrix = content.index(b"tkhd") + 44
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 180 << 16, 0, 1 << 30)
    path.write_bytes(content)
    source = open_source("door", camera(path), START)
    image = next(iter(source)).image
    assert source.size == (180, 320)
    assert image.shape == (320, 180, 3)
    assert image[300, 160, 1] > 200, "what was at the top right is at the bottom right"


def test_a_file_cut_in_mid_frame_is_read_to_there_and_counted(tmp_path: Path) -> None:
    images = [with_faces(wall(seed=index), [(100, 90)]) for index in range(50)]
    for name, options in (("a.mp4", {"movflags": "faststart"}), ("b.ts", {}), ("c.mkv", {})):
        path = write_video(tmp_path / name, images, options=options)
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * 6 // 10])
        source = open_source("door", camera(path), START)
        assert 10 < len(list(source)) < 45, name
        assert source.damaged >= 1, name


def test_a_damaged_frame_inside_is_skipped_and_counted(tmp_path: Path) -> None:
    images = [with_faces(wall(seed=index), [(100, 90)]) for index in range(60)]
    path = write_video(tmp_path / "a.ts", images)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = bytes(3000)
    path.write_bytes(content)
    source = open_source("door", camera(path), START)
    frames = list(source)
    assert source.damaged >= 1
    assert len(frames) < 60
    assert frames[-1].captured_at >= START + timedelta(seconds=2.2), "reading goes on behind the damage"


def test_a_picture_of_another_size_inside_is_scaled(tmp_path: Path) -> None:
    small = write_video(tmp_path / "small.ts", [wall((160, 90))] * 40).read_bytes()
    large = write_video(tmp_path / "large.ts", [wall((320, 180))] * 40).read_bytes()
    joined = tmp_path / "joined.ts"
    joined.write_bytes(large + small)
    frames = list(open_source("door", camera(joined), START))
    assert len(frames) > 60
    assert {frame.image.shape for frame in frames} == {(180, 320, 3)}
    times = [frame.captured_at for frame in frames]
    assert times == sorted(times)


def broken_sources(folder: Path) -> dict[str, tuple[Path | str, str]]:
    """Return what is broken → (source, words the message must hold)."""
    whole = write_video(folder / "whole.mp4", [wall()] * 30).read_bytes()
    for name, content in {
        "empty.mp4": b"",
        "cut.mp4": whole[: len(whole) // 2],
        "noise.mp4": np.random.default_rng(1).bytes(5000),
        "notes.txt": b"shopping list\n" * 50,
    }.items():
        (folder / name).write_bytes(content)
    (folder / "nothing").mkdir()
    (folder / "letters").mkdir()
    (folder / "letters" / "a.txt").write_text("a")
    (folder / "bad").mkdir()
    (folder / "bad" / "a.jpg").write_bytes(b"not a picture")
    return {
        "missing": (folder / "none.mp4", "no such file"),
        "zero length": (folder / "empty.mp4", "empty"),
        "index cut off": (folder / "cut.mp4", "cut off"),
        "noise": (folder / "noise.mp4", "not a video"),
        "text": (folder / "notes.txt", "video"),
        "sound only": (write_sound(folder / "sound.m4a"), "no video"),
        "empty folder": (folder / "nothing", "no images"),
        "folder without images": (folder / "letters", "no images"),
        "folder with broken images": (folder / "bad", "can be read"),
        "no source": (" ", "is empty"),
        "unknown scheme": ("gopher://mall/door", "rtsp://"),
        "no such webcam": ("73", "/dev/video73"),
    }


def test_what_is_broken_gives_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    for what, (source, words) in broken_sources(tmp_path).items():
        with pytest.raises(SourceError) as raised:
            list(open_source("door", camera(source), START))
        message = str(raised.value)
        assert words in message, what
        assert "\n" not in message, what
        assert ";" in message, f"{what}: the message must say what to do: {message}"


def test_a_playlist_cannot_make_a_recording_read_another_file(tmp_path: Path) -> None:
    secret = write_video(tmp_path / "secret.ts", [wall()] * 5)
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/{secret.name}\n#EXT-X-ENDLIST\n")
    with pytest.raises(SourceError):
        open_source("door", camera(playlist), START)


def write_images(folder: Path, names: list[str], side_px: int = 64) -> None:
    folder.mkdir(exist_ok=True)
    for position, name in enumerate(names):
        cv2.imwrite(str(folder / name), np.full((side_px, side_px, 3), 10 * position, np.uint8))


def test_images_come_in_natural_order_at_the_given_rate(tmp_path: Path) -> None:
    names = ["shot1.png", "shot2.png", "shot9.png", "shot10.png", "shot100.png"]
    write_images(tmp_path / "shots", names)
    source = open_source("door", camera(tmp_path / "shots", max_fps=4), START)
    frames = list(source)
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [0, 10, 20, 30, 40]
    assert [frame.captured_at for frame in frames] == [START + timedelta(milliseconds=250 * i) for i in range(5)]
    assert source.expected_frames == 5


def test_images_without_a_start_are_refused(tmp_path: Path) -> None:
    write_images(tmp_path / "shots", ["a1.png", "a2.png", "a3.png"])
    with pytest.raises(SourceError, match="--started-at"):
        open_source("door", camera(tmp_path / "shots"))


def test_a_folder_ends_with_its_last_image(tmp_path: Path) -> None:
    write_images(tmp_path / "shots", ["a1.png", "a2.png", "a3.png"])
    source = open_source("door", camera(tmp_path / "shots", max_fps=2), START)
    list(source)
    assert source.ended_at == START + timedelta(seconds=1.5)


def test_a_broken_image_among_sound_ones_is_skipped_and_counted(tmp_path: Path) -> None:
    write_images(tmp_path / "shots", ["1.png", "2.png", "3.png"])
    (tmp_path / "shots" / "2.png").write_bytes(b"gone")
    source = open_source("door", camera(tmp_path / "shots"), START)
    assert len(list(source)) == 2
    assert source.damaged == 1
