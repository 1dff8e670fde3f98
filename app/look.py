"""What the dashboard's page for setting up a camera looks through: a pipeline as a run would have it."""

from __future__ import annotations

from uuid import uuid4

from app.compose import Run, build_pipeline, load_networks
from footfall.config import Config
from ingest.pipeline import Pipeline


def pipeline_to_look_with(config: Config, camera_id: str, size: tuple[int, int]) -> Pipeline:
    """Return a pipeline for pictures of `size` (width, height, px); what it counts, nobody stores.

    It compares no visits, so no template is made, and gives faces in ignored areas as well: they are drawn anew there.

    Raises:
        ModelError: a model file is missing, damaged or of the wrong kind, or this computer computes it wrongly.
    """
    reid = config.reid.model_copy(update={"mode": "off"})
    camera = config.camera(camera_id).model_copy(update={"ignore": ()})
    quiet = config.model_copy(update={"reid": reid, "cameras": {camera_id: camera}})
    return build_pipeline(quiet, camera, load_networks(quiet, camera), Run(camera_id, uuid4(), size))
