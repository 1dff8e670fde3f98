"""Visits are compared by faces only with the network whose scores were measured."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from pydantic import SecretStr

from app.compose import check_networks
from app.doctor import Finding, run_doctor
from footfall.config import Config
from footfall.errors import ModelError
from inference.manifest import packaged_model


def faces_compared_by(model: str) -> Config:
    return Config.model_validate({"sites": {"mall": {}}, "reid": {"mode": "faces", "model": model}})


def test_the_built_in_networks_fit_together() -> None:
    assert len(check_networks(faces_compared_by("built-in"))) == 3


@pytest.fixture
def other_network(tmp_path: Path) -> str:
    other = onnx.load(packaged_model("embedding"))
    for entry in other.metadata_props:
        if entry.key == "footfall.version":
            entry.value = "of-somebody-9.9"
    path = tmp_path / "other.onnx"
    onnx.save(other, path)
    return str(path)


def test_another_network_than_the_calibrated_one_is_refused_before_anything_is_counted(other_network: str) -> None:
    with pytest.raises(ModelError, match=r"of-somebody-9\.9.*training\.embedding\.pairs"):
        check_networks(faces_compared_by(other_network))


def test_the_doctor_finds_it_and_says_what_to_do(other_network: str, tmp_path: Path) -> None:
    config = faces_compared_by(other_network).model_copy(
        update={"database_url": SecretStr(f"sqlite:///{tmp_path / 'footfall.db'}")}
    )
    found = {check.subject: check for check in run_doctor(config)}["models"]
    assert found.finding is Finding.BAD
    assert "of-somebody-9.9" in found.found
    assert "calibrate anew" in found.advice
