"""The embedding network: the demographics network's plain stack, then a pooling that weighs each place of the map.

The pooling is the global depthwise convolution of MobileFaceNets (Chen et al., CCBR 2018): an average would give the
corners of the picture the weight of the eyes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.demographics.network import plain_stack


@dataclass(frozen=True, slots=True)
class EmbeddingOptions:
    """Widths and depths as in the demographics network's trunk; `expanded` channels are pooled into `width` numbers."""

    stem: int = 32
    widths: tuple[int, ...] = (64, 112, 224)
    depths: tuple[int, ...] = (2, 3, 3)
    expanded: int = 512
    width: int = 128


class EmbeddingNetwork(nn.Module):
    """Faces float (N, 3, S, S) BGR in [-1, 1] → embeddings (N, D) of unit length.

    The pooling's weights are those of a map of `size_px`; another S, to train on small pictures first, stretches them.
    """

    def __init__(self, options: EmbeddingOptions, size_px: int) -> None:
        super().__init__()
        self.trunk = nn.Sequential(*plain_stack(options.stem, options.widths, options.depths))
        self.halvings = 1 + len(options.widths)
        map_px = self.map_px(size_px)
        self.expand = nn.Conv2d(options.widths[-1], options.expanded, 1, bias=False)
        self.expand_norm = nn.BatchNorm2d(options.expanded)
        self.pool = nn.Conv2d(options.expanded, options.expanded, map_px, groups=options.expanded, bias=False)
        nn.init.constant_(self.pool.weight, 1.0 / map_px**2)  # begins as an average
        self.pool_norm = nn.BatchNorm2d(options.expanded)
        self.head = nn.Linear(options.expanded, options.width)

    def forward(self, faces: Tensor) -> Tensor:
        features = torch.relu(self.expand_norm(self.expand(self.trunk(faces))))
        pooled = (features * self.pooling(features.shape[2])).sum((2, 3), keepdim=True)
        return functional.normalize(self.head(self.pool_norm(pooled).flatten(1)).float())

    def map_px(self, size_px: int) -> int:
        """Return the side of the last map for pictures of `size_px`."""
        return -(-size_px // (1 << self.halvings))

    def pooling(self, map_px: int) -> Tensor:
        """Return the weight of each place of a map of `map_px` squared, (C, map, map)."""
        weight, own_px = self.pool.weight[:, 0], self.pool.weight.shape[-1]
        if map_px == own_px:
            return weight
        stretched = functional.interpolate(weight[None], (map_px, map_px), mode="bilinear", align_corners=False)[0]
        return stretched * (own_px / map_px) ** 2
