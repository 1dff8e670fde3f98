"""Plain 3x3 convolutions with fusable shortcuts, after RepVGG (Ding et al., CVPR 2021): fast on any processor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

AGE_BINS = 101


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """Widths of the stem and of each stage, blocks in each stage; every stage begins by halving the picture.

    `described` is how many numbers the network also describes a face with while a teacher is copied (ADR 26).
    `weighed` replaces the last stage, which then has one block: its filters stay within the map, 5x5 places become 3x3,
    and each channel weighs these by itself instead of averaging them (MobileFaceNets, Chen et al., CCBR 2018).
    """

    stem: int = 32
    widths: tuple[int, ...] = (64, 112, 224, 320)
    depths: tuple[int, ...] = (2, 3, 3, 1)
    dropout: float = 0.1
    described: int = 0
    weighed: bool = False


class NetworkOutput(NamedTuple):
    """Raw outputs: `age` (N, 101), `gender` (N,), the log-odds of female, and a `description` (N, D) of the face."""

    age: Tensor
    gender: Tensor
    description: Tensor = torch.zeros(0, 0)


class JudgingNetwork(nn.Module):
    """What can be trained to judge faces: float (N, 3, S, S) BGR in [-1, 1] in, NetworkOutput out."""

    trunk: nn.Module
    age: nn.Linear
    gender: nn.Linear

    def __call__(self, faces: Tensor) -> NetworkOutput:
        """Return what the network says of `faces`."""
        output: NetworkOutput = super().__call__(faces)
        return output


class PlainBlock(nn.Module):
    """ReLU(BatchNorm(3x3 convolution) + input where shapes agree); one convolution once fused.

    RepVGG's 1x1 branch is left out: on a CPU it costs a fifth of the training time.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, padding: int = 1) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, stride, padding, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.shortcut = inputs == outputs and stride == padding == 1

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.convolution(x))
        return torch.relu(y + x if self.shortcut else y)

    def fused(self) -> nn.Module:
        """Return the same function in evaluation as one convolution and a ReLU."""
        convolution = fuse_conv_bn_eval(self.convolution.eval(), self.norm.eval())
        if self.shortcut:
            diagonal = torch.arange(convolution.out_channels)
            with torch.no_grad():
                convolution.weight[diagonal, diagonal, 1, 1] += 1.0
        return nn.Sequential(convolution, nn.ReLU())


class WeighedPlaces(nn.Conv2d):
    """One number a channel from a map of 3x3 places, (N, C, 3, 3) → (N, C, 1, 1); begins as their average."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, 3, groups=channels, bias=False)
        nn.init.constant_(self.weight, 1 / 9)


class DemographicsNetwork(JudgingNetwork):
    """Trunk, one number a channel, linear heads.

    Input float (N, 3, S, S) BGR in [-1, 1]: any S from 32, or such that the last stage of a `weighed` one gets 5x5
    places (65 to 80 for the default four stages).
    """

    trunk: nn.Sequential

    def __init__(self, options: NetworkOptions) -> None:
        super().__init__()
        self.trunk = nn.Sequential(*demographics_trunk(options))
        self.pool = WeighedPlaces(options.widths[-1]) if options.weighed else nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(options.dropout)
        self.age = age_head(options.widths[-1])
        self.gender = nn.Linear(options.widths[-1], 1)
        self.description = nn.Linear(options.widths[-1], options.described) if options.described else None

    def forward(self, faces: Tensor) -> NetworkOutput:
        features = self.pool(self.trunk(faces)).flatten(1)
        kept = self.dropout(features)
        description = features[:, :0] if self.description is None else self.description(features)
        return NetworkOutput(self.age(kept), self.gender(kept)[:, 0], description)


def age_head(features: int) -> nn.Linear:
    """Return the last layer of ages; neighbouring years begin alike, as the loss wants them."""
    head = nn.Linear(features, AGE_BINS)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return head


def demographics_trunk(options: NetworkOptions) -> list[nn.Module]:
    """Return the blocks of the network that `options` describe."""
    if not options.weighed:
        return plain_stack(options.stem, options.widths, options.depths)
    before, last = options.widths[-2:]
    stages = plain_stack(options.stem, options.widths[:-1], options.depths[:-1])
    return [*stages, PlainBlock(before, last, stride=1, padding=0)]


def plain_stack(stem: int, widths: Sequence[int], depths: Sequence[int]) -> list[nn.Module]:
    """Return the blocks of a trunk: a stem, then stages, each of which halves the picture (see NetworkOptions)."""
    blocks: list[nn.Module] = [PlainBlock(3, stem, 2)]
    inputs = stem
    for width, depth in zip(widths, depths, strict=True):
        blocks.append(PlainBlock(inputs, width, 2))
        blocks += [PlainBlock(width, width, 1) for _ in range(depth - 1)]
        inputs = width
    return blocks


def to_input(faces: Tensor) -> Tensor:
    """Return uint8 (N, S, S, 3) as the network's input: float (N, 3, S, S) in [-1, 1], channels last."""
    return faces.permute(0, 3, 1, 2).float().sub_(127.5).div_(127.5)
