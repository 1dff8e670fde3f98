"""Weights of an earlier export as the start of a new training, instead of random ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from footfall.errors import DataError
from training.detector.network import FACE_OUTPUTS, INPUT_SCALE, Detector

STEM = "level_8.0.0"


@torch.no_grad()
def start_from(path: Path, network: Detector, images: Tensor) -> None:
    """Give `network` the weights of the export at `path`; blocks that the export lacks begin as identities.

    An export has its norms fused into the convolutions. `images`, float32 (N, 3, H, W) BGR 0-255, show what each
    convolution gives, and its norm is set so that it does to these pictures what the export does. A file without a
    branch for landmarks lends it the branch for faces.

    Raises:
        DataError: the file is no export of a network of this shape.
    """
    stored = _stored_convolutions(path)
    _divide_heads(stored)
    modules = dict(network.named_modules())
    norms: dict[str, nn.BatchNorm2d] = {}
    for name, module in modules.items():
        if not isinstance(module, nn.Conv2d):
            continue
        weight, bias = stored.get(name, (None, None))
        weight = _identity(module) if weight is None else weight
        if weight.shape != module.weight.shape:
            raise DataError(
                f"{path}: {name} is {tuple(weight.shape)}, not {tuple(module.weight.shape)}; another network"
            )
        module.weight.copy_(weight / INPUT_SCALE if name == STEM else weight)
        follower = modules.get(_next(name))
        if isinstance(follower, nn.BatchNorm2d):
            norms[name] = follower
            _pass_through(follower, bias)
        elif module.bias is not None and bias is not None:
            module.bias.copy_(bias)
    _fit_norms(network, norms, images)


def _next(name: str) -> str:
    parent, _, index = name.rpartition(".")
    return f"{parent}.{int(index) + 1}" if index.isdigit() else ""


def _identity(convolution: nn.Conv2d) -> Tensor:
    """Return weights that hand on what comes in: the diagonal of a pointwise, the middle of a depthwise one."""
    weight = torch.zeros_like(convolution.weight)
    if convolution.groups > 1:
        weight[:, 0, 1, 1] = 1.0
    else:
        diagonal = torch.arange(min(weight.shape[:2]))
        weight[diagonal, diagonal] = 1.0
    return weight


def _pass_through(norm: nn.BatchNorm2d, bias: Tensor | None) -> None:
    assert norm.running_mean is not None and norm.running_var is not None
    norm.running_mean.zero_()
    norm.running_var.fill_(1 - norm.eps)
    norm.weight.fill_(1.0)
    norm.bias.copy_(torch.zeros_like(norm.bias) if bias is None else bias)


def _fit_norms(network: Detector, norms: dict[str, nn.BatchNorm2d], images: Tensor) -> None:
    """Set each norm's statistics to those of `images` without changing what it does in evaluation."""
    seen: dict[nn.BatchNorm2d, tuple[Tensor, Tensor]] = {}

    def remember(norm: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(norm, nn.BatchNorm2d)
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3), correction=0)
        seen[norm] = (variance, mean)

    hooks = [norm.register_forward_pre_hook(remember) for norm in norms.values()]
    network.eval()
    network(images)
    for hook in hooks:
        hook.remove()
    for norm, (variance, mean) in seen.items():
        assert norm.running_mean is not None and norm.running_var is not None
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.add_(mean)


def _stored_convolutions(path: Path) -> dict[str, tuple[Tensor, Tensor | None]]:
    """Return weight and bias of each convolution of the file, by its name in the network."""
    try:
        model = onnx.load(path)
    except Exception as error:  # a missing file and a bad one raise unrelated types
        raise DataError(f"{path}: not an ONNX file that can be read ({str(error)[:120]})") from None
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found: dict[str, tuple[Tensor, Tensor | None]] = {}
    for node in model.graph.node:
        if node.op_type == "Identity" and node.input[0] in values:  # of two equal tensors the exporter writes one
            values[node.output[0]] = values[node.input[0]]
    for node in model.graph.node:
        if node.op_type != "Conv":
            continue
        parts = [torch.from_numpy(np.array(values[name])) for name in node.input[1:] if name in values]
        name = node.name.removesuffix("/Conv").rpartition("/")[2]
        found[name] = (parts[0], parts[1] if len(parts) > 1 else None)
    if STEM not in found:
        raise DataError(f"{path}: not an export of this detector; start from a file that `train` wrote")
    return found


def _divide_heads(stored: dict[str, tuple[Tensor, Tensor | None]]) -> None:
    """Divide heads of an export that predicts faces and landmarks in one convolution, in place."""
    for level in range(3):
        weight, bias = stored[f"predict.{level}"]
        if f"mark.{level}" in stored or bias is None:
            continue
        stored[f"predict.{level}"] = (weight[:FACE_OUTPUTS], bias[:FACE_OUTPUTS])
        stored[f"mark.{level}"] = (weight[FACE_OUTPUTS:], bias[FACE_OUTPUTS:])
        for part in range(2):
            stored[f"mark_head.{level}.0.{part}"] = stored[f"head.{level}.{part}"]
