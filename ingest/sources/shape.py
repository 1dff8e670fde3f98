"""The shape of pictures as the container says: square pixels, upright, never mirrored.

Lines, landmarks and face sizes are in pixels of the picture as people see it, so what a player does to show it is
done here: first the pixels are made square (sample aspect ratio), then the picture is turned (display matrix).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import cv2
import numpy as np
from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from footfall.types import ImageArray

LARGEST_SIDE_PX = 8192
SQUARE = Fraction(1)
WIDEST_PIXEL = Fraction(4)
"""No camera has pixels more than four times as wide as high, or as high as wide: such a ratio is damage."""
SIDEWAYS_SHARE = 0.1
"""How far from the axes a display matrix may point (a tenth: six degrees) and still be a quarter turn."""
SAME_SHAPE = 0.02


@dataclass(frozen=True, slots=True)
class Turn:
    """One of the eight ways to lay a picture: rows and columns exchanged first, then each axis reversed or not."""

    swaps_axes: bool = False
    flips_x: bool = False
    flips_y: bool = False

    def apply(self, image: ImageArray) -> ImageArray:
        """Return uint8 (H, W, 3), or (W, H, 3) when axes are exchanged."""
        turned: Any = cv2.transpose(image) if self.swaps_axes else image
        if self.flips_x or self.flips_y:
            turned = cv2.flip(turned, -1 if self.flips_x and self.flips_y else int(self.flips_x))
        return cast(ImageArray, np.ascontiguousarray(turned))


AS_IT_IS = Turn()


def turn_of(matrix: bytes) -> Turn | None:
    """Return what a display matrix asks for, or None when it is none of the eight ways to lay a picture.

    `matrix` is libav's: nine int32 a b u c d v x y w, by which the point (p, q) goes to (a p + c q, b p + d q). Its
    lengths are left out: a container's different lengths are its sample aspect ratio already.
    """
    if len(matrix) < 36:
        return None
    a, b, _, c, d, *_ = np.frombuffer(matrix[:36], np.int32).astype(np.float64).tolist()
    if _points_along(a, b) and _points_along(d, c):
        return Turn(False, a < 0, d < 0)
    if _points_along(b, a) and _points_along(c, d):
        return Turn(True, c < 0, b < 0)
    return None


def square_size(width: int, height: int, pixel_aspect: Fraction) -> tuple[int, int]:
    """Return width and height with square pixels: the shorter axis is stretched, unless that is too large to hold."""
    stretched = (round(width * pixel_aspect), height) if pixel_aspect > 1 else (width, round(height / pixel_aspect))
    if max(stretched) <= LARGEST_SIDE_PX:
        return stretched
    shrunk = (width, round(height / pixel_aspect)) if pixel_aspect > 1 else (round(width * pixel_aspect), height)
    return max(shrunk[0], 1), max(shrunk[1], 1)


def ratio_of(pixel_aspect: str | None) -> Fraction | None:
    """Return a setting like '16:15' as a number, None as None."""
    return None if pixel_aspect is None else Fraction(*(int(part) for part in pixel_aspect.split(":")))


class Shaper:
    """Gives pictures of one stream the shape that it declares, or the `pixel_aspect` that the settings say instead.

    `say` is told, once, about a declaration that cannot be meant.
    """

    def __init__(self, pixel_aspect: Fraction | None, say: Callable[[str], None]) -> None:
        self._given = pixel_aspect
        self._say = say
        self._said: set[str] = set()
        self._reformatter = VideoReformatter()

    def size_of(self, frame: VideoFrame, declared: Fraction | None) -> tuple[int, int]:
        """Return width and height, px, of the upright `frame` with square pixels; `declared` is its aspect ratio."""
        width, height = square_size(frame.width, frame.height, self._aspect(declared))
        return (height, width) if self._turn(frame).swaps_axes else (width, height)

    def to_bgr(self, frame: VideoFrame, declared: Fraction | None) -> ImageArray:
        """Return the upright picture with square pixels, uint8 (H, W, 3) BGR."""
        size = square_size(frame.width, frame.height, self._aspect(declared))
        # One for all frames, on this thread: a frame would set up its own, with a thread for each processor.
        bgr = self._reformatter.reformat(
            frame, width=size[0], height=size[1], format="bgr24", interpolation="BILINEAR", threads=1
        )
        image = bgr.to_ndarray()
        return self._turn(frame).apply(cast(ImageArray, image))

    def _aspect(self, declared: Fraction | None) -> Fraction:
        if self._given is not None:
            return self._given
        if declared is None or declared <= 0:
            return SQUARE
        if not 1 / WIDEST_PIXEL <= declared <= WIDEST_PIXEL:
            self._once(f"pixels of {declared.numerator}:{declared.denominator} cannot be meant and are taken as square")
            return SQUARE
        return declared

    def _turn(self, frame: VideoFrame) -> Turn:
        # Not `frame.side_data`: the frame would keep it, it keeps the frame, and the picture waits for the collector.
        matrix = cast(Any, SideDataContainer)(frame).get(Type.DISPLAYMATRIX)
        if matrix is None:
            return AS_IT_IS
        turn = turn_of(bytes(matrix))
        if turn is None:
            self._once("its display matrix is no quarter turn and no mirror; the picture is taken as it is stored")
        return turn or AS_IT_IS

    def _once(self, words: str) -> None:
        if words not in self._said:
            self._said.add(words)
            self._say(words)


def fitted(image: ImageArray, size: tuple[int, int]) -> ImageArray:
    """Return `image`, uint8 (H, W, 3), scaled into `size` (width, height); one of another shape gets black margins."""
    height, width = image.shape[:2]
    if (width, height) == size:
        return image
    scale = min(size[0] / width, size[1] / height)
    if abs(size[0] / width / (size[1] / height) - 1) <= SAME_SHAPE:
        return cast(ImageArray, cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    inner = (max(round(width * scale), 1), max(round(height * scale), 1))
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    canvas[top : top + inner[1], left : left + inner[0]] = cv2.resize(image, inner, interpolation=cv2.INTER_AREA)
    return canvas


def _points_along(along: float, across: float) -> bool:
    return along != 0 and abs(across) <= SIDEWAYS_SHARE * abs(along)
