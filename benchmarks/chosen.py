"""Which networks a benchmark counts with: the built-in ones, or others that its command line names."""

from __future__ import annotations

import argparse

from footfall.config import Config
from footfall.config_sections import CameraConfig


def add_networks(parser: argparse.ArgumentParser) -> None:
    """Let the command line name a detector and a demographics network."""
    parser.add_argument("--detector", default="built-in", help="a name of `footfall models list`, or an ONNX file")
    parser.add_argument("--demographics", default="built-in", help="likewise")


def settings_with(given: argparse.Namespace, camera: str) -> Config:
    """Return settings of one `camera` with the networks that were `given`; its source is nothing that can be opened."""
    return Config.model_validate(
        {
            "cameras": {camera: CameraConfig(source=camera)},
            "detector": {"model": given.detector},
            "attributes": {"model": given.demographics},
        }
    )
