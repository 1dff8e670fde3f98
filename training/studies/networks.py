"""The networks of the client's documents and of the papers behind them. Inputs are float32 (N, C, S, S) in [0, 1]."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from footfall.errors import DataError
from training.studies.backbones import BACKBONES, transfer_trunk
from training.studies.config import StudyConfig


class StudyNetwork(nn.Module):
    """A trunk and a head each for age and gender, as far as the task asks for them.

    `forward` returns a dict: "age" float32 (N, classes), or (N,) years in a regression; "gender" float32 (N,) logits
    of being female.
    """

    def __init__(self, trunk: nn.Module, head: Callable[[int], nn.Module], config: StudyConfig, classes: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.regression = config.regression
        self.age_head = head(classes) if config.task != "gender" else None
        self.gender_head = head(1) if config.task != "age" else None

    def forward(self, faces: Tensor) -> dict[str, Tensor]:
        """Return the raw outputs of the heads."""
        features = self.trunk(faces)
        outputs: dict[str, Tensor] = {}
        if self.age_head is not None:
            age = self.age_head(features)
            # Years are learnt around the middle of life and in tens, so that the first steps are not spent on scale.
            outputs["age"] = age.squeeze(1) * 10.0 + 35.0 if self.regression else age
        if self.gender_head is not None:
            outputs["gender"] = self.gender_head(features).squeeze(1)
        return outputs


def build_network(config: StudyConfig, classes: int) -> StudyNetwork:
    """Return the network that `config` names, with random weights unless it names pretrained ones.

    Raises:
        DataError: there is no such network, or its pretrained weights are not there.
    """
    torch.manual_seed(config.seed)
    channels = 3 if config.colour else 1
    if config.network in BACKBONES:
        trunk, width = transfer_trunk(config, channels)
        return StudyNetwork(trunk, lambda outputs: dense_head(width, 256, outputs, dropout=0.3), config, classes)
    builders = {
        "base": base_cnn,
        "two-output": two_output_cnn,
        "two-output-regularised": regularised_cnn,
        "levi-hassner": levi_hassner,
        "celeba": celeba_cnn,
    }
    if config.network not in builders:
        raise DataError(f"no network {config.network!r}; there are {', '.join([*builders, *BACKBONES])}")
    trunk, width, hidden, dropout = builders[config.network](channels, config.input_px)
    return StudyNetwork(trunk, lambda outputs: dense_head(width, hidden, outputs, dropout), config, classes)


Parts = tuple[nn.Module, int, int, float]
"""A trunk that ends flat, its width, the width of each head's hidden layer, and the heads' dropout."""


def dense_head(width: int, hidden: int, outputs: int, dropout: float) -> nn.Module:
    """Return dense, ReLU, dropout, dense."""
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, outputs))


def base_cnn(channels: int, input_px: int) -> Parts:
    """Return the base CNN: four 3x3 convolutions with pooling, a global average for any input, one dense layer."""
    del input_px
    blocks = [_conv_pool(a, b) for a, b in ((channels, 32), (32, 64), (64, 128), (128, 256))]
    return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten()), 256, 132, 0.0


def two_output_cnn(channels: int, input_px: int) -> Parts:
    """Return the two-output CNN: shared convolutions, a dense head with dropout for each of age and gender."""
    blocks = [_conv_pool(a, b) for a, b in ((channels, 32), (32, 64), (64, 128), (128, 256))]
    trunk = nn.Sequential(*blocks, nn.Flatten())
    return trunk, _width(trunk, channels, input_px), 256, 0.3


def regularised_cnn(channels: int, input_px: int) -> Parts:
    """Return the two-output CNN with batch norm and spatial dropout in its convolutions; train it with weight decay."""
    blocks = [
        nn.Sequential(
            nn.Conv2d(a, b, 3, padding=1, bias=False),
            nn.BatchNorm2d(b),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout2d(0.1),
        )
        for a, b in ((channels, 32), (32, 64), (64, 128), (128, 256))
    ]
    trunk = nn.Sequential(*blocks, nn.Flatten())
    return trunk, _width(trunk, channels, input_px), 256, 0.5


def levi_hassner(channels: int, input_px: int) -> Parts:
    """Return the network of Levi and Hassner (2015): 96x7x7, 256x5x5, 384x3x3, two dense layers of 512, dropout."""
    convolutions = nn.Sequential(
        nn.Conv2d(channels, 96, 7, stride=4),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.LocalResponseNorm(5),
        nn.Conv2d(96, 256, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.LocalResponseNorm(5),
        nn.Conv2d(256, 384, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.Flatten(),
    )
    dense = nn.Linear(_width(convolutions, channels, input_px), 512)
    return nn.Sequential(convolutions, dense, nn.ReLU(), nn.Dropout(0.5)), 512, 512, 0.5


def celeba_cnn(channels: int, input_px: int) -> Parts:
    """Return the gender CNN for CelebA: three convolutions with batch norm, then dense 128."""
    blocks = [
        nn.Sequential(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2))
        for a, b in ((channels, 32), (32, 64), (64, 128))
    ]
    trunk = nn.Sequential(*blocks, nn.Flatten())
    return trunk, _width(trunk, channels, input_px), 128, 0.5


@torch.no_grad()
def _width(trunk: nn.Module, channels: int, input_px: int) -> int:
    """Return how many features a trunk gives for one picture; its statistics stay as they are."""
    return int(trunk.eval()(torch.zeros(1, channels, input_px, input_px)).shape[1])


def _conv_pool(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
