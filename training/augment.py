"""What happens to a face between the mall's entrance and the network: framing, CCTV optics, compression, light.

Written for one core that also trains: one warp does rotation, scale, shift, flip and resize together, and most
other steps touch a face only now and then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from footfall.types import ImageArray

# How far a tight crop may cut in from left, right, top and bottom, in shares of the cached face; UTKFace's crops do.
TIGHTEST = (0.17, 0.17, 0.2, 0.14)


@dataclass(frozen=True, slots=True)
class AugmentOptions:
    """Strengths and probabilities; the defaults are the built-in network's.

    `rotation_deg`, `scale`, `shift` (share of the face) are standard deviations, as errors of landmarks are, and so is
    `squeeze`, the difference between the two directions, as when a face is seen from above or from the side;
    `frame` is how much more than the network's picture the face to be changed shows; `tight_probability` is how often
    what lies around a face is replaced by its border repeated, as in a face that was cut out;
    `smallest_px` is the smallest face that a degraded crop is shrunk to before it is enlarged again.
    """

    rotation_deg: float = 7.0
    scale: float = 0.09
    shift: float = 0.035
    squeeze: float = 0.05
    frame: float = 1.2
    tight_probability: float = 0.2
    shrink_probability: float = 0.45
    smallest_px: float = 16.0
    blur_probability: float = 0.15
    compress_probability: float = 0.25
    noise_probability: float = 0.2
    colour_probability: float = 0.6
    grey_probability: float = 0.08
    erase_probability: float = 0.2


class FaceAugmenter:
    """Turns cached faces into training pictures; all randomness comes from the generator it is given."""

    def __init__(self, options: AugmentOptions, generator: np.random.Generator) -> None:
        self._options = options
        self._random = generator
        self._noise_bank = generator.standard_normal((256, 256, 3), dtype=np.float32)

    def __call__(self, faces: Sequence[ImageArray] | ImageArray, size_px: int) -> ImageArray:
        """Return uint8 (N, size, size, 3) pictures of N `faces`, uint8 (S, S, 3) BGR, each changed on its own."""
        out = np.empty((len(faces), size_px, size_px, 3), np.uint8)
        for row, face in enumerate(faces):
            out[row] = self._one(face, size_px)
        return out

    def _one(self, face: ImageArray, size_px: int) -> ImageArray:
        options, chance = self._options, self._random.random(6)
        image = self._reframe(face, size_px)
        if chance[0] < options.colour_probability:
            image = self._relight(image)
        if chance[1] < options.blur_probability:
            image = self._move(image)
        if chance[2] < options.shrink_probability:
            image = self._shrink_and_compress(image, chance[3] < options.compress_probability)
        elif chance[3] < options.compress_probability:
            image = self._compress(image)
        if chance[4] < options.noise_probability:
            image = self._add_noise(image)
        if chance[5] < options.erase_probability:
            image = self._erase(image)
        return image

    def _reframe(self, face: ImageArray, size_px: int) -> ImageArray:
        options, side = self._options, face.shape[0]
        angle = np.deg2rad(self._random.normal(0.0, options.rotation_deg))
        zoom = options.frame * size_px / side * np.exp(self._random.normal(0.0, options.scale))
        squeeze = np.exp(self._random.normal(0.0, options.squeeze) / 2.0)
        mirror = -1.0 if self._random.random() < 0.5 else 1.0
        turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turn *= np.array([[mirror * squeeze, 1.0 / squeeze]])
        centre = np.full(2, (side - 1) / 2.0)
        offset = (size_px - 1) / 2.0 + self._random.normal(0.0, options.shift * size_px, 2) - turn @ centre
        if self._random.random() < options.tight_probability:
            left, right, top, bottom = (side * np.array(TIGHTEST) * self._random.random(4)).astype(int)
            face = face[top : side - bottom, left : side - right]
            offset += turn @ np.array([left, top], np.float64)
        matrix = np.concatenate([turn, offset[:, None]], axis=1)
        # As the program aligns faces: what lies beyond the picture is its border, repeated.
        warped = cv2.warpAffine(
            np.ascontiguousarray(face),
            matrix,
            (size_px, size_px),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(warped, np.uint8)

    def _relight(self, image: ImageArray) -> ImageArray:
        """Apply gamma, contrast, brightness and a colour cast as one table a channel; now and then drop colour."""
        if self._random.random() < self._options.grey_probability:
            grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
            image = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
        gamma, contrast = np.exp(self._random.normal(0.0, 0.25)), np.exp(self._random.normal(0.0, 0.15))
        cast = np.exp(self._random.normal(0.0, 0.07, 3))
        bright = self._random.normal(0.0, 0.06)
        level = np.linspace(0.0, 1.0, 256)[:, None] ** gamma
        table = ((level - 0.5) * contrast + 0.5 + bright) * cast[None, :] * 255.0
        return np.asarray(cv2.LUT(image, np.clip(table, 0, 255).astype(np.uint8)[:, None, :]), np.uint8)

    def _move(self, image: ImageArray) -> ImageArray:
        """Blur along a random direction (motion) or, as often, in all directions (focus)."""
        if self._random.random() < 0.5:
            sigma = self._random.uniform(0.4, 0.02 * image.shape[0])
            return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)
        length = int(self._random.integers(3, max(4, image.shape[0] // 10)))
        kernel = np.zeros((length, length), np.float32)
        angle, middle = self._random.uniform(0.0, np.pi), (length - 1) / 2.0
        reach = middle * np.array([np.cos(angle), np.sin(angle)])
        ends = np.rint([middle - reach, middle + reach]).astype(int)
        cv2.line(kernel, tuple(ends[0].tolist()), tuple(ends[1].tolist()), 1.0)
        return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)

    def _shrink_and_compress(self, image: ImageArray, compress: bool) -> ImageArray:
        """Shrink to a distant face, compress there as a camera does, enlarge again."""
        size = image.shape[0]
        low = self._options.smallest_px
        small_px = round(float(np.exp(self._random.uniform(np.log(low), np.log(max(size, low + 1))))))
        small = np.asarray(cv2.resize(image, (small_px, small_px), interpolation=cv2.INTER_AREA), np.uint8)
        if compress:
            small = self._compress(small)
        way = cv2.INTER_LINEAR if self._random.random() < 0.7 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(small, (size, size), interpolation=way), np.uint8)

    def _compress(self, image: ImageArray) -> ImageArray:
        quality = int(self._random.integers(20, 81))
        _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)

    def _add_noise(self, image: ImageArray) -> ImageArray:
        size = image.shape[0]
        top, left = self._random.integers(0, 256 - size + 1, 2)
        noise = self._noise_bank[top : top + size, left : left + size] * np.float32(self._random.uniform(1.0, 12.0))
        return np.asarray(cv2.add(image, noise, dtype=cv2.CV_8U), np.uint8)

    def _erase(self, image: ImageArray) -> ImageArray:
        """Cover a rectangle with one colour, a third of the time the lower face, as a mask does."""
        size = image.shape[0]
        if self._random.random() < 0.33:
            top, bottom = int(size * self._random.uniform(0.42, 0.6)), size
            left, right = int(size * self._random.uniform(0.0, 0.2)), int(size * self._random.uniform(0.8, 1.0))
        else:
            height, width = (size * self._random.uniform(0.1, 0.4, 2)).astype(int)
            top, left = self._random.integers(0, (size - height, size - width))
            bottom, right = top + height, left + width
        image = image.copy()
        image[top:bottom, left:right] = self._random.integers(0, 256, 3, dtype=np.uint8)
        return image
