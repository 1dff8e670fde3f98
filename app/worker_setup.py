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

SET_UP = "app.worker_setup:set_up"


def set_up(config: Config, camera_id: str) -> WorkerSetup:
    """Load the networks of `camera_id` and return how to reach it and what to do with its frames.

    Raises:
        ModelError: a model file is missing, damaged or of the wrong kind.
    """
    camera = config.camera(camera_id)
    networks = load_networks(config, camera, checked=True)  # once, by the program that starts the workers
    monitor = PictureMonitor()  # knows the camera's usual view, so it outlives reconnections

    def judge_picture(frame: Frame) -> PictureState:
        return monitor.update(frame.image, frame.captured_at)

    def new_pipeline(run: UUID, size: tuple[int, int]) -> Pipeline:
        live_run = Run(camera_id, run, size, now=lambda: datetime.now(UTC), judge_picture=judge_picture)
        return build_pipeline(config, camera, networks, live_run)

    return WorkerSetup(connect=lambda: open_source(camera_id, camera), new_pipeline=new_pipeline)
