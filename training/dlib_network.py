"""dlib's face network as a torch module: read from its own file, 76 ms a face there, a few here.

The architecture is that of dlib's dnn_face_recognition_ex.cpp (Davis King; weights in the public domain), a ResNet
with 29 convolutions (He et al., CVPR 2016) trained by a metric loss.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from footfall.errors import DataError
from footfall.types import FloatArray, ImageArray

CHIP_PX = 150
FEATURES = 256
DESCRIPTOR = 128
MEAN_RGB = (122.782, 117.001, 104.298)
WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"
_LAYER = re.compile(rb"\x01[\x04\x05\x07](con_4|affine_|fc_2)")


def packaged_weights() -> Path:
    """Return the weights of the package face-recognition-models, which is data and need not be imported.

    Raises:
        DataError: it is not installed.
    """
    spec = find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise DataError("dlib's weights are missing: pip install face-recognition-models")
    return Path(next(iter(spec.submodule_search_locations))) / "models" / WEIGHTS


class _Residual(nn.Module):
    """ReLU(input + two convolutions); with `down`, the input is averaged 2x2 and zeros fill what it lacks."""

    def __init__(self, inputs: int, outputs: int, down: bool) -> None:
        super().__init__()
        stride, padding = (2, 0) if down else (1, 1)
        self.first = nn.Conv2d(inputs, outputs, 3, stride, padding)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.down = down

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(torch.relu(self.first(x)))
        if not self.down:
            return torch.relu(y + x)
        x = functional.avg_pool2d(x, 2)
        rows, columns = (max(x.shape[side], y.shape[side]) for side in (2, 3))
        return torch.relu(_padded(x, y.shape[1], rows, columns) + _padded(y, y.shape[1], rows, columns))


def _padded(x: Tensor, channels: int, rows: int, columns: int) -> Tensor:
    return functional.pad(x, (0, columns - x.shape[3], 0, rows - x.shape[2], 0, channels - x.shape[1]))


class DlibTrunk(nn.Module):
    """Everything but the last layer: float (N, 3, 150, 150) BGR 0-255 → features (N, 256)."""

    mean_bgr: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 7, 2)
        widths = [32] * 3 + [64] * 4 + [128] * 3 + [FEATURES] * 4
        down = [False] * 3 + [True, False, False, False] + [True, False, False] + [True, False, False] + [True]
        inputs = [32, *widths[:-1]]
        self.blocks = nn.Sequential(
            *(_Residual(*shape) for shape in zip(inputs, widths, down, strict=True)),
        )
        self.register_buffer("mean_bgr", torch.tensor(MEAN_RGB[::-1]))

    def forward(self, chips: Tensor) -> Tensor:
        x = ((chips - self.mean_bgr[:, None, None]) / 256.0).flip(1)
        x = functional.max_pool2d(torch.relu(self.stem(x)), 3, 2)
        features: Tensor = self.blocks(x).mean((2, 3))
        return features


class DlibNetwork(nn.Module):
    """uint8 (N, 150, 150, 3) BGR chips → descriptors float32 (N, 128), as dlib computes them (not of unit length)."""

    head: nn.Module

    def __init__(self) -> None:
        super().__init__()
        self.trunk = DlibTrunk()
        self.head = nn.Linear(FEATURES, DESCRIPTOR, bias=False)

    def forward(self, chips: Tensor) -> Tensor:
        descriptors: Tensor = self.head(self.trunk(chips.permute(0, 3, 1, 2).float()))
        return descriptors


def load_dlib(path: Path | None = None) -> DlibNetwork:
    """Return dlib's network with the weights in `path`; each affine layer is folded into the convolution before it.

    Raises:
        DataError: the file is missing or is not that network.
    """
    source = path or packaged_weights()
    try:
        layers = list(_layers(source.read_bytes()))
    except OSError as error:
        raise DataError(f"{source}: cannot be read: {error.strerror}") from None
    network = DlibNetwork()
    convolutions = [part for part in network.modules() if isinstance(part, nn.Conv2d)]
    if len(layers) != 2 * len(convolutions) + 1:
        raise DataError(f"{source}: {len(layers)} layers, not those of dlib's face network")
    with torch.no_grad():
        for convolution, values, affine in zip(convolutions, layers[:-1:2], layers[1:-1:2], strict=True):
            gain, shift = torch.from_numpy(affine).chunk(2)
            weight, bias = torch.from_numpy(values[: -len(gain)]), torch.from_numpy(values[-len(gain) :])
            convolution.weight.copy_(weight.reshape(convolution.weight.shape) * gain[:, None, None, None])
            assert convolution.bias is not None
            convolution.bias.copy_(bias * gain + shift)
        assert isinstance(network.head, nn.Linear)
        network.head.weight.copy_(torch.from_numpy(layers[-1]).reshape(FEATURES, DESCRIPTOR).T)
    return network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def load_features() -> DlibNetwork:
    """Return dlib's network without its last layer: it says FEATURES numbers of a face; raises as `load_dlib` does."""
    network = load_dlib()
    network.head = nn.Identity()
    return network


def _layers(content: bytes) -> Iterator[FloatArray]:
    """Yield the parameters of every convolution, affine layer and the last layer, from the input on.

    A layer is its name, for the last one its two widths, then a tensor: a version, four sizes, the numbers. dlib
    writes an integer as the count of its bytes and the bytes, the lowest first.
    """
    at = 0
    while found := _LAYER.search(content, at):
        at = found.end()
        for _ in range(2 if found[1] == b"fc_2" else 0):
            _, at = _integer(content, at)
        _, at = _integer(content, at)
        count = 1
        for _ in range(4):
            size, at = _integer(content, at)
            count *= size
        yield np.frombuffer(content, "<f4", count, at).astype(np.float32)
        at += 4 * count


def _integer(content: bytes, at: int) -> tuple[int, int]:
    length = content[at] & 0x0F
    return int.from_bytes(content[at + 1 : at + 1 + length], "little"), at + 1 + length


@torch.no_grad()
def describe(teacher: DlibNetwork, chips: ImageArray) -> FloatArray:
    """Return what the teacher says of `chips`, uint8 (N, 150, 150, 3) BGR, float32 (N, 128), in bfloat16."""
    with torch.autocast("cpu", torch.bfloat16):
        return np.asarray(teacher(torch.from_numpy(chips)).float().numpy(), np.float32)
