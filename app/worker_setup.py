"""The parts of a live worker as the settings want them; called by name in the worker's own process."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from app.compose import Run, build_pipeline, load_networks
from footfall.config import Config
from footfall.types import Frame, PictureState
from ingest.live.assignment import WorkerSetup
from ingest.picture import PictureMonitor
from ingest.pipeline import Pipeline
from ingest.sources.kinds import open_source
from tracking.stillness import KnownPictures

SET_UP = "app.worker_setup:set_up"


def set_up(config: Config, camera_id: str) -> WorkerSetup:
    """Load the networks of `camera_id` and return how to reach it and what to do with its frames.

    Raises:
        ModelError: a model file is missing, damaged or of the wrong kind.
    """
    camera = config.camera(camera_id)
    networks = load_networks(config, camera, checked=True)  # once, by the program that starts the workers
    # What is known of the camera's view outlives reconnections: its usual look, and the posters in it, in pixels.
    monitor = PictureMonitor()
    pictures: dict[tuple[int, int], KnownPictures] = {}

    def judge_picture(frame: Frame) -> PictureState:
        return monitor.update(frame.image, frame.captured_at)

    def new_pipeline(run: UUID, size: tuple[int, int]) -> Pipeline:
        known = pictures.setdefault(size, KnownPictures())
        live_run = Run(camera_id, run, size, lambda: datetime.now(UTC), judge_picture, known)
        return build_pipeline(config, camera, networks, live_run)

    return WorkerSetup(connect=lambda: open_source(camera_id, camera), new_pipeline=new_pipeline)
