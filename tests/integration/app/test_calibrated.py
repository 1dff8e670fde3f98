"""Visits are compared by faces only with the network whose scores were measured."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from app.compose import check_networks
from footfall.config import Config
from footfall.errors import ModelError
from inference.manifest import packaged_model


def faces_compared_by(model: str) -> Config:
    return Config.model_validate({"sites": {"mall": {}}, "reid": {"mode": "faces", "model": model}})


def test_the_built_in_networks_fit_together() -> None:
    assert len(check_networks(faces_compared_by("built-in"))) == 3


def test_another_network_than_the_calibrated_one_is_refused_before_anything_is_counted(tmp_path: Path) -> None:
    other = onnx.load(packaged_model("embedding"))
    for entry in other.metadata_props:
        if entry.key == "footfall.version":
            entry.value = "of-somebody-9.9"
    path = tmp_path / "other.onnx"
    onnx.save(other, path)
    with pytest.raises(ModelError, match=r"of-somebody-9\.9.*training\.embedding\.pairs"):
        check_networks(faces_compared_by(str(path)))
