"""A computer that computes a network otherwise than its reference is named, and judges nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from footfall.errors import ModelError
from inference import manifest
from inference.check_pictures import check_pictures
from inference.manifest import BUILT_IN_DIRECTORY, add_model, list_models
from inference.processor import processor_name
from inference.selfcheck import check_path, require_agreement, write_check
from tests.unit.inference.small_networks import tampered_network, write_small_network

PICTURES_SHA256 = "6d4c7a70d67b5c8fdf67dd0fbd86cd8599eddf4c4fd5d87a1bbf566b66ecb60f"


def test_the_pictures_are_the_same_bits_everywhere() -> None:
    pictures = check_pictures(6, 96, 96)
    assert pictures.shape == (6, 96, 96, 3)
    assert pictures.dtype == np.uint8
    assert hashlib.sha256(pictures.tobytes()).hexdigest() == PICTURES_SHA256


@pytest.mark.parametrize("kind", ["detector", "demographics"])
def test_the_shipped_networks_are_computed_here_as_they_were_when_shipped(kind: str) -> None:
    model = BUILT_IN_DIRECTORY / f"{kind}.onnx"
    assert check_path(model).is_file()
    assert require_agreement(model).holds


@pytest.mark.parametrize("eight_bit", [False, True])
def test_a_network_agrees_with_the_answers_that_were_stored_for_it(tmp_path: Path, eight_bit: bool) -> None:
    model = write_small_network(tmp_path / "small.onnx", eight_bit=eight_bit)
    write_check(model)
    agreement = require_agreement(model)
    assert agreement.difference < agreement.allowed / 2


@pytest.mark.parametrize("eight_bit", [False, True])
def test_a_network_that_is_computed_otherwise_is_refused_with_the_size_of_the_difference(
    tmp_path: Path, eight_bit: bool
) -> None:
    model = write_small_network(tmp_path / "small.onnx", eight_bit=eight_bit)
    stored = json.loads(write_check(model).read_text())
    write_small_network(model, eight_bit=eight_bit, weight=1.1)  # stands for a kernel that multiplies wrongly
    stored["sha256"] = hashlib.sha256(model.read_bytes()).hexdigest()
    check_path(model).write_text(json.dumps(stored))
    with pytest.raises(ModelError) as refused:
        require_agreement(model)
    message = str(refused.value)
    assert message.startswith(f"{model}: this computer computes the network otherwise than its reference, ")
    assert processor_name() in message and "ONNX Runtime 1." in message and "allowed" in message


def test_answers_that_were_tampered_with_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tampered\.onnx.*p_female differs by 0\.0\d+ of its size"):
        require_agreement(tampered_network(tmp_path))


def test_answers_of_another_file_are_not_compared(tmp_path: Path) -> None:
    model = write_small_network(tmp_path / "small.onnx")
    write_check(model)
    write_small_network(model, weight=1.1)
    with pytest.raises(ModelError, match=r"small\.check\.json: holds the answers of another file"):
        require_agreement(model)


@pytest.mark.parametrize("damage", ["", "[]", '{"format": 1}', '{"format": 1, "sha256": "", "answers": {"p": ["x"]}}'])
def test_damaged_answers_say_what_to_do(tmp_path: Path, damage: str) -> None:
    model = write_small_network(tmp_path / "small.onnx")
    check_path(model).write_text(damage)
    with pytest.raises(ModelError, match=r"small\.check\.json: .*reinstall the program, or delete the file"):
        require_agreement(model)


def test_an_output_that_is_gone_is_a_difference(tmp_path: Path) -> None:
    model = write_small_network(tmp_path / "small.onnx")
    stored = json.loads(write_check(model).read_text())
    del stored["answers"]["p_female"]
    check_path(model).write_text(json.dumps(stored))
    with pytest.raises(ModelError, match="the list of outputs differs"):
        require_agreement(model)


def test_what_a_network_does_not_judge_must_stay_unjudged(tmp_path: Path) -> None:
    model = write_small_network(tmp_path / "small.onnx", weight=float("nan"))
    stored = json.loads(write_check(model).read_text())
    assert require_agreement(model).difference == 0.0
    assert stored["answers"]["p_female"][0] == [None]
    stored["answers"]["p_female"][0] = [0.5]
    check_path(model).write_text(json.dumps(stored))
    with pytest.raises(ModelError, match="p_female differs by inf"):
        require_agreement(model)


def test_a_network_without_stored_answers_is_compared_with_itself_unoptimised(tmp_path: Path) -> None:
    assert require_agreement(write_small_network(tmp_path / "small.onnx", eight_bit=True)).holds


def test_an_added_network_gets_its_answers_when_it_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_MODELS_DIR", str(tmp_path / "models"))
    entry = add_model(write_small_network(tmp_path / "small.onnx"), "mine", "demographics")
    assert check_path(entry.path).is_file()
    assert require_agreement(entry.path).holds


def test_a_new_built_in_network_gets_its_answers_with_its_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "BUILT_IN_DIRECTORY", tmp_path)
    for weight in (1.0, 1.1):
        model = write_small_network(tmp_path / "demographics.onnx", weight=weight)
        manifest.record_built_in("demographics")
        (entry,) = [entry for entry in list_models() if entry.path == model]
        entry.verify()
        assert check_path(model).is_file()
        assert require_agreement(model).holds


def test_a_network_that_cannot_be_checked_is_not_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_MODELS_DIR", str(tmp_path / "models"))
    before = list_models()
    with pytest.raises(ModelError, match="not a network that ONNX Runtime can load"):
        broken = tmp_path / "broken.onnx"
        broken.write_bytes(b"no network")
        add_model(broken, "mine", "demographics")
    assert list_models() == before
    assert not list((tmp_path / "models").iterdir())


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        ("model name\t: Box X5\nflags\t\t: fpu avx2 ssse3\n", "Box X5 with avx2"),
        ("model name\t: EPYC\nflags\t\t: avx2 avx512f avx512_vnni\n", "EPYC with avx2, avx512f, avx512_vnni"),
        (
            "Features\t: fp asimd\nmodel name\t: A72\n",
            "A72 without vector instructions known to matter",
        ),
    ],
)
def test_a_processor_is_named_with_what_matters_to_arithmetic(tmp_path: Path, cpuinfo: str, name: str) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(cpuinfo)
    assert processor_name(path) == name


def test_a_processor_without_a_description_has_its_architecture(tmp_path: Path) -> None:
    assert processor_name(tmp_path / "absent").endswith(" without vector instructions known to matter")
