"""Stand-ins for worker processes: a detector of bright blobs, light on the processor, and a replayed stream.

The rest of a worker is the real thing: reader, tracker, visits, minutes, spool.
"""

from __future__ import annotations

import socket
import time
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import cv2
import numpy as np

from footfall.config import Config
from footfall.errors import SourceError
from footfall.types import Attributes, Detections, FloatArray, Frame, ImageArray
from ingest.live.assignment import WorkerSetup
from ingest.live.reader import Connection
from ingest.minutes import MinuteCounter
from ingest.pipeline import Pipeline
from ingest.signatures import SignatureTaker
from ingest.sources.kinds import open_source
from tests.unit.ingest.looks import ColourClothes, ColourEmbedder
from tracking import Tracker, TrackerOptions, VisitBuilder, VisitOptions

SET_UP = "tests.integration.reliability.stand_in:set_up"
SIZE = (320, 180)
FPS = 10.0
# Tests replay the stream so many times as fast as it was: its times are those of its frames.
SPEED = 2.0
# One person every four seconds, in view for two and a half: never two at once, so that a kill meets at most one.
PERSON_EVERY_S = 4.0
PERSON_IN_VIEW_S = 2.5
FACE_PX = 24
MOST_IN_WORK = 6
BEGINNING = datetime(2026, 3, 2, 10, tzinfo=UTC)


class BlobDetector:
    """Finds bright blobs; a face to everybody behind it."""

    model_version = "blobs"

    def detect(self, image_bgr: ImageArray) -> Detections:
        """Return one detection for each blob, in pixels of the frame."""
        bright = cv2.inRange(image_bgr, (161, 161, 161), (255, 255, 255))
        count, _, statistics, _ = cv2.connectedComponentsWithStats(bright)
        boxes = [(x, y, x + w, y + h) for x, y, w, h, area in statistics[1:count].tolist() if area >= 40]
        if not boxes:
            return Detections.empty()
        corners = np.array(boxes, np.float32)
        centres = (corners[:, :2] + corners[:, 2:]) / 2
        size = corners[:, 2:] - corners[:, :2]
        places = np.array([(-0.2, -0.1), (0.2, -0.1), (0, 0.1), (-0.15, 0.25), (0.15, 0.25)], np.float32)
        landmarks = centres[:, None, :] + places[None] * size[:, None, :]
        return Detections(corners, np.full(len(boxes), 0.95, np.float32), landmarks.astype(np.float32))


class OneJudgement:
    """Judges everybody the same."""

    def predict(
        self, image_bgr: ImageArray, detections: Detections, qualities: FloatArray | None = None
    ) -> list[Attributes]:
        """Return the judgement once for each face."""
        ages = np.zeros(101, np.float32)
        ages[30] = 1.0
        return [Attributes(0.9, 30.0, ages, 0.9) for _ in range(len(detections))]


def picture_at(seconds: float) -> ImageArray:
    """Return the picture of the replayed stream `seconds` after its beginning, uint8 (180, 320, 3) BGR."""
    shades = np.linspace(20, 90, SIZE[0], dtype=np.uint8)
    image = np.ascontiguousarray(np.broadcast_to(shades[None, :, None], (SIZE[1], SIZE[0], 3)))
    person, since_s = divmod(seconds, PERSON_EVERY_S)
    if since_s < PERSON_IN_VIEW_S:
        share = since_s / PERSON_IN_VIEW_S
        x, y = int(20 + share * (SIZE[0] - 60)), 50 + int(person) % 3 * 30
        cv2.ellipse(image, (x, y), (FACE_PX // 2, FACE_PX // 2 + 3), 0, 0, 360, (230, 230, 230), -1)
    return image


class ReplayedStream:
    """Asks a `replay.ReplayServer` for one frame number after the other and draws the frame."""

    decoded = damaged = 0

    def __init__(self, camera_id: str, source: str) -> None:
        """Connect; raises SourceError when nobody listens."""
        host, port = source.removeprefix("tcp://").split(":")
        self._camera_id = camera_id
        try:
            self._connection = socket.create_connection((host, int(port)), timeout=4.0)
        except OSError as error:
            raise SourceError(f"{source}: {error}") from None

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames until the server hangs up."""
        first = None
        in_work: list[weakref.ref[ImageArray]] = []
        while True:
            while len(in_work) > MOST_IN_WORK:  # this stream waits for a starved computer: what is tested is the kill
                time.sleep(0.002)
                in_work = [picture for picture in in_work if picture() is not None]
            self._connection.sendall(b"?")
            answer = self._connection.recv(8)
            if len(answer) < 8:
                return
            index = int.from_bytes(answer, "big")
            first = index if first is None else first
            seconds = index / FPS
            image = picture_at(seconds)
            in_work.append(weakref.ref(image))
            yield Frame(self._camera_id, index - first, BEGINNING + timedelta(seconds=seconds), image)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def set_up(config: Config, camera_id: str) -> WorkerSetup:
    """Return a light worker; tcp:// is a replayed stream, anything else the real source."""
    camera = config.camera(camera_id)

    def connect() -> Connection:
        return (
            ReplayedStream(camera_id, camera.source)
            if camera.source.startswith("tcp://")
            else open_source(camera_id, camera)
        )

    def new_pipeline(run: UUID, size: tuple[int, int]) -> Pipeline:
        del size
        visits = VisitBuilder(camera_id, run, VisitOptions(), None, BlobDetector.model_version)
        minutes = MinuteCounter(camera_id, run)
        looks = None if config.reid.mode == "off" else SignatureTaker(ColourEmbedder(), ColourClothes())
        parts = (BlobDetector(), Tracker(TrackerOptions()), OneJudgement(), visits, minutes)
        return Pipeline(*parts, signatures=looks)

    return WorkerSetup(connect, new_pipeline)
