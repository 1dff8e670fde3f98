"""Measures how fast footage becomes rows in a database on one core, where the time goes, and whether memory grows.

    python -m benchmarks.speed [--footage FILE] [--soak-frames 20000] [--shared ../shared] [--out FILE]
    python -m benchmarks.speed --size 1920x1080 --people 12 --people-per-minute 40 --without-baseline --soak-frames 0

Pinned to one core, libraries to one thread. The footage is the sample scene, 25 frames a second, H.264, at 1280x720.
Beside wall-clock rates stand rates for each second of processor time, which other work on the machine hardly changes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Literal
from uuid import UUID

import av
import cv2
import numpy as np
import psutil

from app.compose import Networks, Run, build_pipeline, load_networks
from app.demo.scene import SceneOptions, render_frames
from app.opening import open_store
from app.recordings import RecordingCounter
from benchmarks.scene import rendered, size_of
from benchmarks.scene_baseline import HandWrittenCounter
from benchmarks.speed_report import FOOTAGE_FPS, Measured, SoakPoint, report
from footfall.config import Config
from footfall.config_sections import CameraConfig
from footfall.types import Frame
from ingest.sources.kinds import open_source

CAMERA = "entrance"
CACHE = Path(".cache/benchmarks")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVERY_FRAME_FPS = 60.0
STILL_FRAMES = 500
WorkingSize = Literal["auto"] | tuple[int, int]
SHRUNK = (640, 352)
SENSOR_NOISE = 1.5


@dataclass(frozen=True, slots=True)
class Timer:
    """Wall clock and processor time since it was made."""

    wall: float
    processor: float

    @classmethod
    def start(cls) -> Timer:
        """Start the timer now."""
        return cls(time.perf_counter(), time.process_time())

    def elapsed(self) -> tuple[float, float]:
        """Return seconds of wall clock and of processor time."""
        return time.perf_counter() - self.wall, time.process_time() - self.processor


def settings(video: Path, max_fps: float, database: Path, working_size: WorkingSize = "auto") -> Config:
    """Return the default settings with one camera and an empty SQLite database."""
    camera = CameraConfig(source=str(video), max_fps=max_fps, working_size=working_size)
    return Config.model_validate({"cameras": {CAMERA: camera}, "database_url": f"sqlite:///{database}"})


def file_to_database(name: str, video: Path, max_fps: float, working_size: WorkingSize = "auto") -> Measured:
    """Count `video` as `footfall process` does, from the file to committed rows."""
    with tempfile.TemporaryDirectory() as folder:
        config = settings(video, max_fps, Path(folder) / "speed.db", working_size)
        networks = load_networks(config, config.camera(CAMERA))
        store = open_store(config)
        warm_up(networks)
        timer = Timer.start()
        counted = RecordingCounter(config, CAMERA, networks, store).count(video, START)
        wall_s, processor_s = timer.elapsed()
    return Measured(name, counted.frames, wall_s, processor_s, len(counted.visits), counted.times)


def warm_up(networks: Networks) -> None:
    """Let the libraries allocate what they allocate once."""
    image = np.zeros((720, 1280, 3), np.uint8)
    for _ in range(5):
        networks.detector.detect(image)


def by_hand(video: Path, shared: Path) -> Measured:
    """Count `video` as written by hand: OpenCV detects in every frame, every face judged, plain SORT, no database."""
    counter = HandWrittenCounter(shared)
    timer = Timer.start()
    visits, frames = counter.count(video, lambda _frame, _tracks: None)
    wall_s, processor_s = timer.elapsed()
    return Measured("by hand: OpenCV YuNet, SORT, every face judged", frames, wall_s, processor_s, len(visits), None)


def empty_hall(size: tuple[int, int] = (1280, 720)) -> Path:
    """Return footage in which nothing moves: one picture of the hall with sensor noise, H.264 at 25 frames a second."""
    path = CACHE / f"empty-hall-{size[0]}x{size[1]}.mp4"
    if path.exists():
        return path
    CACHE.mkdir(parents=True, exist_ok=True)
    options = SceneOptions(seed=1, people=1, people_per_minute=1, size=size, fps=FOOTAGE_FPS, noise=0.0, poster=False)
    planar = next(iter(render_frames(options, 1)))
    hall = cv2.cvtColor(planar, cv2.COLOR_YUV2BGR_I420).astype(np.int16)
    random = np.random.default_rng(0)
    noises = [np.rint(random.normal(0, SENSOR_NOISE, hall.shape)).astype(np.int16) for _ in range(5)]
    unfinished = path.with_suffix(".part.mp4")
    with av.open(str(unfinished), "w") as container:
        stream = container.add_stream("libx264", rate=FOOTAGE_FPS, options={"crf": "25"})
        stream.width, stream.height, stream.pix_fmt = hall.shape[1], hall.shape[0], "yuv420p"
        for index in range(STILL_FRAMES):
            noisy = np.clip(hall + noises[index % 5], 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, FOOTAGE_FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    unfinished.replace(path)
    return path


def endless(video: Path, max_fps: float) -> Iterator[Frame]:
    """Yield the frames of `video` again and again, as one camera whose clock goes on."""
    offset, index = timedelta(0), 0
    while True:
        source = open_source(CAMERA, CameraConfig(source=str(video), max_fps=max_fps), START)
        last = START
        for frame in source:
            yield replace(frame, index=index + frame.index, captured_at=frame.captured_at + offset)
            last = frame.captured_at
        index += source.decoded
        offset += last - START + timedelta(seconds=1 / FOOTAGE_FPS)
        source.close()


def soak(video: Path, frames: int) -> list[SoakPoint]:
    """Decode `frames` frames through one pipeline and note the resident memory ten times on the way."""
    config = settings(video, 10.0, Path("unused.db"))
    camera = config.camera(CAMERA)
    networks = load_networks(config, camera)
    pipeline = build_pipeline(config, camera, networks, Run(CAMERA, UUID(int=1), (1280, 720)))
    process, points, visits = psutil.Process(), list[SoakPoint](), 0
    for frame in endless(video, camera.max_fps):
        visits += len(pipeline.process(frame))
        pipeline.minutes()
        if frame.index >= len(points) * frames / 10:
            points.append(SoakPoint(frame.index, process.memory_info().rss / 2**20, visits))
        if frame.index >= frames:
            return points
    raise AssertionError("endless footage ended")


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--people-per-minute", type=float, default=100.0)
    parser.add_argument("--size", type=size_of, default=(1280, 720), help="of the scene's picture, such as 1920x1080")
    parser.add_argument("--without-baseline", action="store_true", help="leave out the program by hand")
    parser.add_argument("--footage", type=Path, help="a recording to measure with instead of the scene")
    parser.add_argument("--soak-frames", type=int, default=20_000, help="0 leaves the memory run out")
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with models/ and peers/")
    parser.add_argument("--out", type=Path, help="also write the report here")
    given = parser.parse_args()
    pin_to_one_core()
    options = SceneOptions(
        seed=4, people=given.people, people_per_minute=given.people_per_minute, fps=FOOTAGE_FPS, size=given.size
    )
    video, hall = given.footage or rendered(options, CACHE)[0], empty_hall(given.size)
    runs: list[Callable[[], Measured]] = [
        lambda: file_to_database("default: 10 frames/s of 25 looked at", video, 10.0),
        lambda: file_to_database("the same, shrunk to 640x352", video, 10.0, SHRUNK),
        lambda: file_to_database("every frame looked at", video, EVERY_FRAME_FPS),
        lambda: file_to_database("nothing moves, default", hall, 10.0),
        lambda: file_to_database("nothing moves, every frame", hall, EVERY_FRAME_FPS),
    ]
    if not given.without_baseline:
        runs.append(lambda: by_hand(video, given.shared))
    measured = [run() for run in runs]
    points = soak(video, given.soak_frames) if given.soak_frames else []
    text = report(measured, points)
    print(f"Load of the machine at the end: {os.getloadavg()[0]:.1f} processes on {os.cpu_count()} cores.\n\n{text}")
    if given.out:
        given.out.write_text(text, encoding="utf-8")


def pin_to_one_core() -> None:
    """Keep this process on one core and its libraries on one thread."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)


if __name__ == "__main__":
    main()
