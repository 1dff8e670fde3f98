"""The built-in detector: a small anchor-free network with strides 8, 16 and 32.

Separable blocks without activation in between, and one light head per level, as YuNet has them (Wu et al., "YuNet: A
Tiny Millisecond-level Face Detector", 2023); plain strided 3x3 convolutions where resolution is high and channels are
few, for SCRFD's search found the shallow levels worth the computation (Guo et al. 2021); a top-down pyramid; landmarks
have a branch of their own; one score that predicts the box's overlap (generalised focal loss, Li et al. 2020) in place
of separate class and objectness.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES = (8, 16, 32)
INPUT_SCALE = 1 / 128
FACE_OUTPUTS = 1 + 4
LANDMARK_OUTPUTS = 10
PRIOR_SCORE = 0.01


@dataclass(frozen=True, slots=True)
class Widths:
    """Channels of the stem (strides 2 and 4), of the three levels, and of the pyramid."""

    stem: tuple[int, int] = (16, 32)
    levels: tuple[int, int, int] = (64, 96, 128)
    pyramid: int = 64


def plain(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Build convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def separable(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Build YuNet's unit: pointwise, then depthwise 3x3, then batch normalisation and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.Conv2d(outputs, outputs, 3, stride, 1, groups=outputs, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Detector(nn.Module):
    """Maps float32 (B, 3, H, W) BGR 0-255, sides divisible by 32, to (B, cells, 15) raw predictions.

    Cells run over strides 8, 16, 32, row by row. The fifteen numbers are the score's logit, dx, dy, log w, log h
    in strides, and five landmark offsets in strides.
    """

    def __init__(self, widths: Widths | None = None) -> None:
        super().__init__()
        widths = widths or Widths()
        first, second = widths.stem
        low, middle, high = widths.levels
        self.level_8 = nn.Sequential(
            plain(3, first, stride=2),
            plain(first, second, stride=2),
            plain(second, low, stride=2),
            *(separable(low, low) for _ in range(4)),
        )
        self.level_16 = nn.Sequential(plain(low, middle, stride=2), *(separable(middle, middle) for _ in range(4)))
        self.level_32 = nn.Sequential(separable(middle, high, stride=2), *(separable(high, high) for _ in range(2)))
        self.lateral = nn.ModuleList(plain(channels, widths.pyramid, kernel=1) for channels in widths.levels)
        self.merge = nn.ModuleList(separable(widths.pyramid, widths.pyramid) for _ in STRIDES)
        self.head = nn.ModuleList(separable(widths.pyramid, widths.pyramid) for _ in STRIDES)
        self.predict = nn.ModuleList(nn.Conv2d(widths.pyramid, FACE_OUTPUTS, 1) for _ in STRIDES)
        self.mark_head = nn.ModuleList(
            nn.Sequential(*(separable(widths.pyramid, widths.pyramid) for _ in range(2))) for _ in STRIDES
        )
        self.mark = nn.ModuleList(nn.Conv2d(widths.pyramid, LANDMARK_OUTPUTS, 1) for _ in STRIDES)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        for layer in (*self.predict, *self.mark):
            assert isinstance(layer, nn.Conv2d) and layer.bias is not None
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)
            if layer.out_channels == FACE_OUTPUTS:
                nn.init.constant_(layer.bias[:1], -float(torch.logit(torch.tensor(1 - PRIOR_SCORE))))

    def maps(self, scaled: Tensor) -> list[Tensor]:
        """Return the raw maps (B, 15, H/s, W/s) of strides 8, 16, 32 for an image times `INPUT_SCALE`."""
        low = self.level_8(scaled)
        middle = self.level_16(low)
        high = self.level_32(middle)
        top = self.merge[2](self.lateral[2](high))
        centre = self.merge[1](self.lateral[1](middle) + functional.interpolate(top, scale_factor=2.0))
        base = self.merge[0](self.lateral[0](low) + functional.interpolate(centre, scale_factor=2.0))
        branches = zip(self.head, self.predict, self.mark_head, self.mark, (base, centre, top), strict=True)
        return [
            torch.cat([predict(head(level)), mark(mark_head(level))], dim=1)
            for head, predict, mark_head, mark, level in branches
        ]

    def forward(self, image: Tensor) -> Tensor:
        """Return raw predictions (B, cells, 15)."""
        return torch.cat([level.flatten(2).transpose(1, 2) for level in self.maps(image * INPUT_SCALE)], dim=1)


def cell_grid(height: int, width: int) -> Tensor:
    """Return (cells, 3): column, row and stride of every cell of an image, in the order of `Detector`."""
    grids = []
    for stride in STRIDES:
        rows, columns = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
        strides = torch.full_like(rows, stride)
        grids.append(torch.stack([columns, rows, strides], dim=-1).reshape(-1, 3))
    return torch.cat(grids).float()


def decode_boxes(raw: Tensor, grid: Tensor) -> Tensor:
    """Turn raw (B, cells, 15) into boxes (B, cells, 4) xyxy in pixels."""
    stride = grid[:, 2:]
    centre = (grid[:, :2] + raw[..., 1:3]) * stride
    half = raw[..., 3:5].clamp(max=6.0).exp() * stride / 2
    return torch.cat([centre - half, centre + half], dim=-1)


def decode_landmarks(raw: Tensor, grid: Tensor) -> Tensor:
    """Turn raw (B, cells, 15) into landmarks (B, cells, 5, 2) in pixels."""
    points = raw[..., 5:].reshape(*raw.shape[:-1], 5, 2)
    return (points + grid[:, None, :2]) * grid[:, None, 2:]
