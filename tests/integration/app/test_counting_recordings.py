"""Recordings from file to database: refused before counting, taken where nobody counted, replaced when whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import pytest

from app.compose import Networks
from app.file_cameras import count_file_cameras
from app.recordings import CountedRecording, RecordingCounter
from db.reading import queries
from db.reading.recordings import counted_files
from db.reading.selection import Selection
from db.session import open_database, reading
from db.store import Store
from footfall.config import Config
from footfall.errors import SourceError, StoreError
from footfall.types import ImageArray
from tests.integration.conftest import minute
from tests.unit.ingest.footage import START, ConstantJudge, GreenSquareDetector, wall, with_faces, write_video

DAY = Selection(START.date() - timedelta(days=1), START.date() + timedelta(days=1))
FPS = 5


class Place:
    """A camera `door`, its database, and a detector of green squares that counts how often it was asked."""

    def __init__(self, url: str) -> None:
        self.engine = open_database(url)
        self.store = Store(self.engine)
        self.config = Config(cameras={"door": {"source": "recordings"}, "gate": {"source": "recordings"}})
        self.store.sync(self.config)
        self.detector = GreenSquareDetector()

    def counter(self, camera: str = "door") -> RecordingCounter:
        """Return what one call of `footfall process` counts with."""
        networks = Networks(self.detector, ConstantJudge())  # type: ignore[arg-type]
        return RecordingCounter(self.config, camera, networks, self.store)

    def visits(self) -> int:
        """Return the visits of all totals, after making sure that they follow from the rows."""
        assert self.store.verify(DAY.first_day, DAY.last_day) == []
        with reading(self.engine) as connection:
            return int(queries.daily(connection, DAY, ())["visits"].item())

    def files(self) -> list[tuple[str, int]]:
        """Return name and visits of each recording."""
        with reading(self.engine) as connection:
            return [(found.name, found.visits) for found in counted_files(connection)]


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    """An empty database of each kind."""
    made = Place(database_url)
    yield made
    made.engine.dispose()


def walkers(count: int) -> list[ImageArray]:
    """Return pictures of one person after the other, ten seconds each."""
    hall = wall()
    crossing = [with_faces(hall, [(20 + 12 * index, 90)], 40) for index in range(20)]
    return (crossing + [hall] * 30) * count


def test_a_recording_of_time_that_was_watched_live_is_refused_before_it_is_counted(
    place: Place, tmp_path: Path
) -> None:
    video = write_video(tmp_path / "a.mp4", walkers(2), FPS)
    place.store.save_minutes([minute(START, "door")])
    with pytest.raises(StoreError, match=r"a\.mp4: begins .* that the live stream of camera door .*--fill-gaps"):
        place.counter().count(video, START)
    assert place.detector.calls == 0
    assert place.files() == []


def test_only_the_outage_is_filled_and_what_was_left_out_is_said(place: Place, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", walkers(18), FPS)
    place.store.save_minutes([minute(START + timedelta(minutes=n), "door") for n in (0, 2)])
    filled = place.counter().count(video, START, fill_gaps=True)
    gap = (START + timedelta(minutes=1), START + timedelta(minutes=2))
    assert [(one.start, one.end) for one in filled.stretches] == [gap]
    assert (len(filled.visits), filled.visits_left_out, filled.minutes_left_out) == (6, 12, 2)
    assert all(gap[0] <= visit.entered_at < gap[1] for visit in filled.visits)
    assert place.visits() == 6


def test_a_recording_without_an_unwatched_minute_is_not_even_counted(place: Place, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", walkers(2), FPS)
    place.store.save_minutes([minute(START, "door")])
    nothing = place.counter().count(video, START, fill_gaps=True)
    assert (nothing.visits, nothing.stretches, nothing.ended_at) == ((), (), START + timedelta(seconds=20))
    assert place.detector.calls == 0
    assert place.files() == []


@pytest.mark.parametrize("suffix", ["ts", "mp4", "mkv"])
def test_the_whole_file_takes_the_place_of_the_half_that_was_copied_too_early(
    place: Place, tmp_path: Path, suffix: str
) -> None:
    options = {"movflags": "faststart"} if suffix == "mp4" else {}
    whole = write_video(tmp_path / f"whole.{suffix}", walkers(6), FPS, options=options)
    half = tmp_path / f"half.{suffix}"
    packets = whole.stat().st_size // 188
    half.write_bytes(whole.read_bytes()[: 188 * (packets * 2 // 3) + 100])
    first = place.counter().count(half, START)
    assert first.is_cut and 0 < len(first.visits) < 6
    second = place.counter().count(whole, START)
    assert (len(second.visits), second.replaced, second.is_cut) == (6, True, False)
    assert place.files() == [(f"whole.{suffix}", 6)]
    assert place.visits() == 6
    with pytest.raises(StoreError, match=f"recording whole.{suffix}"):
        place.counter().count(half, START)


def test_a_folder_that_grew_takes_the_place_of_what_it_was(place: Place, tmp_path: Path) -> None:
    images = walkers(2)
    for number in range(50):
        cv2.imwrite(str(tmp_path / f"{number}.png"), images[number])
    place.counter().count(tmp_path, START)
    for number in range(50, 100):
        cv2.imwrite(str(tmp_path / f"{number}.png"), images[number])
    assert place.counter().count(tmp_path, START).replaced
    assert len(place.files()) == 1


def test_a_file_that_grows_while_it_is_counted_must_wait(place: Place, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.ts", walkers(2), FPS)
    content = video.read_bytes()

    def somebody_copies(done: int, expected: int | None, frames_per_s: float) -> None:
        if done == 50:
            video.write_bytes(content + content)

    with pytest.raises(SourceError, match=r"a\.ts: went from .* to .* bytes while it was read; wait until"):
        place.counter().count(video, START, somebody_copies)
    assert place.files() == []
    assert len(place.counter().count(video, START).visits) == 4


def test_the_same_footage_twice_in_one_call_or_for_two_cameras_is_refused(place: Place, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", walkers(2), FPS)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(video.read_bytes())
    counter = place.counter()
    counter.count(video, START)
    with pytest.raises(SourceError, match=r"copy\.mp4: is the same footage as .*a\.mp4"):
        counter.count(copy, START + timedelta(seconds=20))
    calls = place.detector.calls
    with pytest.raises(StoreError, match="the same footage was counted for camera door"):
        place.counter("gate").count(copy, START)
    assert place.detector.calls == calls
    assert place.visits() == 2


def test_the_same_footage_with_another_begin_moves_and_counts_once(place: Place, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", walkers(2), FPS)
    place.counter().count(video, START)
    moved = place.counter().count(video, START + timedelta(hours=3))
    assert (moved.replaced, place.visits()) == (True, 2)


def test_a_camera_whose_source_is_a_file_is_refused_time_that_was_watched_live(
    place: Place, tmp_path: Path, database_url: str
) -> None:
    video = write_video(tmp_path / "a.mkv", walkers(1), FPS, metadata={"creation_time": START.isoformat()})
    place.store.save_minutes([minute(START, "door")])
    config = Config(database_url=database_url, cameras={"door": {"source": str(video)}})
    [problem] = count_file_cameras(config)
    assert "a.mkv" in problem and "that the live stream of camera door has counted already" in problem
    assert place.files() == []


def test_a_file_that_does_not_say_how_long_it_is_fills_gaps(place: Place, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.h264", walkers(2), FPS)
    filled = place.counter().count(video, START, fill_gaps=True)
    assert isinstance(filled, CountedRecording) and place.visits() == 2


def test_a_file_camera_of_a_box_that_leaves_its_site_to_the_database_is_dated_there_and_corrected(
    tmp_path: Path, sqlite_url: str
) -> None:
    video = write_video(tmp_path / "a.mp4", walkers(1), FPS)
    store = Store(open_database(sqlite_url))
    store.sync(Config.model_validate({"sites": {"main": {"time_zone": "Asia/Tokyo"}}, "cameras": {}}))
    for hour, utc in ((9, 0), (11, 2)):
        told = {"source": str(video), "started_at": f"2026-02-27T{hour:02}:00:00"}
        assert count_file_cameras(Config.model_validate({"database_url": sqlite_url, "cameras": {"door": told}})) == []
        with reading(open_database(sqlite_url)) as connection:
            [found] = counted_files(connection)
        assert found.started_at == datetime(2026, 2, 27, utc, tzinfo=UTC)
