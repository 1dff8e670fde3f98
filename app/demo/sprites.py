"""Pictures with transparency, placed at fractions of a pixel into a frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from footfall.types import ImageArray

SMALLEST_LEVEL_PX = 24
OPAQUE = 255


@dataclass(frozen=True, slots=True)
class Sprite:
    """One picture in halving sizes. `levels` are uint8 (H, W, 4) BGRA with colour multiplied by alpha.

    `anchor` is the point (x, y) of the largest level that `paste` puts at the wanted pixel.
    """

    levels: tuple[ImageArray, ...]
    anchor: tuple[float, float]

    @classmethod
    def of(cls, picture: ImageArray, anchor: tuple[float, float]) -> Sprite:
        """Return the sprite of `picture` (premultiplied BGRA) with its smaller sizes made once."""
        levels = [picture]
        while min(levels[-1].shape[:2]) >= 2 * SMALLEST_LEVEL_PX and len(levels) < 4:
            height, width = levels[-1].shape[:2]
            smaller = cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
            levels.append(np.asarray(smaller, np.uint8))
        return cls(tuple(levels), anchor)


def paste(
    frame: ImageArray,
    sprite: Sprite,
    at: tuple[float, float],
    scale: float,
    roll_deg: float = 0.0,
    blur_px: tuple[float, float] = (0.0, 0.0),
) -> None:
    """Draw `sprite` into `frame` in place: its anchor at pixel `at`, `scale` times its size, turned by `roll_deg`.

    `blur_px` is how far it moves in x and y while the shutter is open.
    """
    level = min(len(sprite.levels) - 1, max(0, int(np.log2(1.15 / scale)) if scale < 0.575 else 0))
    picture, factor = sprite.levels[level], scale * 2.0**level
    anchor_x, anchor_y = sprite.anchor[0] / 2**level, sprite.anchor[1] / 2**level
    turned = cv2.getRotationMatrix2D((anchor_x, anchor_y), roll_deg, factor)
    turned[:, 2] += (at[0] - anchor_x, at[1] - anchor_y)
    height, width = picture.shape[:2]
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]) @ turned.T
    margin = 2 + int(max(blur_px) / 2)
    left, top = np.maximum(np.floor(corners.min(0)).astype(int) - margin, 0)
    right, bottom = np.ceil(corners.max(0)).astype(int) + margin
    right, bottom = min(int(right), frame.shape[1]), min(int(bottom), frame.shape[0])
    if left >= right or top >= bottom:
        return
    turned[:, 2] -= (left, top)
    layer = cv2.warpAffine(picture, turned, (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    kernel = (max(1, round(blur_px[0])), max(1, round(blur_px[1])))
    if kernel != (1, 1):
        layer = cv2.blur(layer, kernel, borderType=cv2.BORDER_REPLICATE)
    blend(frame[top:bottom, left:right], np.asarray(layer, np.uint8))


def blend(region: ImageArray, layer: ImageArray) -> None:
    """Lay the premultiplied BGRA `layer` over `region` (BGR, same height and width), in place."""
    seen_through = cv2.bitwise_not(layer[:, :, 3])
    kept = cv2.multiply(region, cv2.merge([seen_through] * 3), scale=1 / OPAQUE)
    cv2.add(kept, cv2.cvtColor(layer, cv2.COLOR_BGRA2BGR), dst=region)


def premultiplied(colour: ImageArray, alpha: ImageArray) -> ImageArray:
    """Return BGRA uint8 (H, W, 4) of `colour` (H, W, 3) BGR seen through `alpha` (H, W)."""
    weighed = cv2.multiply(colour, cv2.merge([alpha] * 3), scale=1 / OPAQUE)
    return np.asarray(cv2.merge([*cv2.split(weighed), alpha]), np.uint8)
