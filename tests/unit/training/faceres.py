"""Files like those of HSE-FaceRes, with random weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from footfall.types import FloatArray

WIDTHS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
Weights = dict[str, FloatArray]


def random_weights() -> Weights:
    """Return weights of the network's shapes under the names that its file gives them."""
    random, inputs = np.random.default_rng(1), 32
    weights: Weights = {}

    def add(name: str, *shape: int, spread: float = 1.0) -> None:
        fan_in = np.prod(shape[:-1]) if len(shape) > 1 else 1
        weights[name] = (spread * random.standard_normal(shape) / fan_in**0.5).astype(np.float16).astype(np.float32)

    add("conv1/convolution/merged_input", 3, 3, 3, 32, spread=0.05)
    add("conv1_bn/batchnorm_1/sub", 32)
    for number, width in enumerate(WIDTHS, 1):
        add(f"conv_dw_{number}/depthwise_kernel", 3, 3, inputs, 1, spread=20.0)
        add(f"conv_dw_{number}_bn/batchnorm_1/mul", inputs)
        add(f"conv_dw_{number}_bn/batchnorm_1/sub", 1, inputs, 1, 1)
        add(f"conv_pw_{number}/convolution/merged_input", 1, 1, inputs, width)
        add(f"conv_pw_{number}_bn/batchnorm_1/sub", width)
        inputs = width
    for name, shape in (("feats", (1024, 256)), ("gender_pred", (256, 1)), ("age_pred", (256, 100))):
        add(f"{name}/kernel", *shape)
        add(f"{name}/bias", shape[1])
    return weights


def write(folder: Path, weights: Weights) -> Path:
    """Write `weights` as TensorFlow.js does: 16 bits each, one after another, and a manifest."""
    half = {"dtype": "float16", "original_dtype": "float32"}
    entries = [{"name": name, "shape": list(value.shape), "dtype": "float32", "quantization": half}
               for name, value in weights.items()]  # fmt: skip
    (folder / "faceres.bin").write_bytes(b"".join(value.astype("<f2").tobytes() for value in weights.values()))
    path = folder / "faceres.json"
    path.write_text(json.dumps({"weightsManifest": [{"paths": ["faceres.bin"], "weights": entries}]}))
    return path
