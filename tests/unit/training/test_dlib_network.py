"""dlib's network, read into torch, says what dlib says of the same chips; another file is refused."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from footfall.errors import DataError
from tests.missing import missing
from training.dlib_network import CHIP_PX, describe, load_dlib, packaged_weights


def chips(count: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, CHIP_PX, CHIP_PX, 3), dtype=np.uint8)


@torch.no_grad()
def test_the_descriptors_are_those_of_dlib() -> None:
    if find_spec("dlib") is None or find_spec("face_recognition_models") is None:
        missing("pip install dlib-bin face-recognition-models")
    import dlib

    reference = dlib.face_recognition_model_v1(str(packaged_weights()))
    shown = chips()
    wanted = np.array([reference.compute_face_descriptor(np.ascontiguousarray(chip[..., ::-1])) for chip in shown])
    teacher = load_dlib()
    np.testing.assert_allclose(teacher(torch.from_numpy(shown)).numpy(), wanted, atol=1e-4)
    np.testing.assert_allclose(describe(teacher, shown), wanted, atol=0.05)


def test_another_file_is_no_teacher(tmp_path: Path) -> None:
    other = tmp_path / "other.dat"
    with pytest.raises(DataError, match="cannot be read"):
        load_dlib(tmp_path / "nowhere.dat")
    other.write_bytes(b"something else")
    with pytest.raises(DataError, match="not those of dlib's face network"):
        load_dlib(other)
