"""Weights of an earlier export as the start of a new training, instead of random ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from footfall.errors import DataError
from footfall.types import ImageArray
from training.demographics.network import DemographicsNetwork, PlainBlock, WeighedPlaces, to_input

FRESH = -1


@torch.no_grad()
def start_from(path: Path, network: DemographicsNetwork, faces: ImageArray, kept: Sequence[int] = ()) -> None:
    """Give `network` the weights of the export at `path`, a plain stack in fp32 or int8.

    Where `network` weighs the last places and the export averages them, it begins with their average.

    `kept` are the numbers of the export's blocks that the network's blocks begin as, in order, all if empty: a block
    with a shortcut can be left out, and what comes after it sees nearly what it saw before.

    An export has its norms fused into the convolutions. `faces`, uint8 (N, S, S, 3) BGR, show what each convolution
    gives, and the norm after it is set so that it does to these faces what the export does.

    Raises:
        DataError: the file is no export of a network of this shape.
    """
    stored = StoredWeights(path)
    blocks = [part for part in network.trunk if isinstance(part, PlainBlock)]
    start_blocks(stored, blocks, faces, kept)
    if stored.has("pool.weight"):
        if not isinstance(network.pool, WeighedPlaces):
            raise DataError(f"{path} weighs its last places: set weighed = true in [network], or start from another")
        network.pool.weight.copy_(stored.take("pool.weight", network.pool.weight))
    for name, head in (("age", network.age), ("gender", network.gender)):
        head.weight.copy_(stored.take(f"{name}.weight", head.weight))
        head.bias.copy_(stored.take(f"{name}.bias", head.bias))


@torch.no_grad()
def start_blocks(
    stored: StoredWeights, blocks: Sequence[PlainBlock], faces: ImageArray, kept: Sequence[int] = ()
) -> None:
    """Give each of `blocks` the weights of the block that `kept` names, as `start_from` does for a whole network.

    A block for which `kept` says FRESH has no forerunner: it begins by changing nothing, which needs a shortcut.

    Raises:
        DataError: the file has no such block of this shape.
    """
    x = to_input(torch.from_numpy(faces))
    for number, block in zip(kept or range(len(blocks)), blocks, strict=True):
        convolution, norm = block.convolution, block.norm
        if number == FRESH:
            norm.weight.zero_()
            continue
        weight = stored.take(f"trunk.{number}.0.weight", convolution.weight).clone()
        if block.shortcut:
            diagonal = torch.arange(len(weight))
            weight[diagonal, diagonal, 1, 1] -= 1.0
        convolution.weight.copy_(weight)
        y = convolution(x)
        variance, mean = torch.var_mean(y, (0, 2, 3), correction=0)
        assert norm.running_mean is not None and norm.running_var is not None
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.copy_(stored.take(f"trunk.{number}.0.bias", norm.bias) + mean)
        x = block.eval()(x)


class StoredWeights:
    """Every weight of an exported file by its name in the network; raises DataError for what is no such file."""

    def __init__(self, path: Path) -> None:
        self._path, self._weights = path, _stored_weights(path)

    def has(self, name: str) -> bool:
        """Return whether there is a weight `name`."""
        return name in self._weights

    def take(self, name: str, like: Tensor) -> Tensor:
        """Return the weight `name`, or raise DataError when there is none of the shape of `like`."""
        if name not in self._weights or self._weights[name].shape != like.shape:
            shape = tuple(like.shape)
            raise DataError(f"{self._path} has no {name} of shape {shape}; start from an export of the same [network]")
        return self._weights[name]


def _stored_weights(path: Path) -> dict[str, Tensor]:
    """Return every weight of the file by its name in the network, eight-bit ones as the numbers they stand for."""
    try:
        model = onnx.load(path)
    except Exception as error:  # a missing file and a bad one raise unrelated types
        raise DataError(f"{path}: not an ONNX file that can be read ({str(error)[:120]})") from None
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    weights = {}
    for name, value in values.items():
        if name.endswith("_quantized"):
            plain = name.removesuffix("_quantized")
            scale = values.get(f"{plain}_scale", values.get(f"{name}_scale"))
            if scale is not None:
                value = value.astype(np.float32) * scale.reshape(-1, *[1] * (value.ndim - 1))
                weights[plain] = torch.from_numpy(value)
        elif name.endswith(".half"):
            weights[name.removesuffix(".half")] = torch.from_numpy(value.astype(np.float32))
        elif value.dtype == np.float32:
            weights.setdefault(name, torch.from_numpy(value.copy()))
    return weights
