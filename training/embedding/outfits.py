"""What people wear, drawn by a model of colours, and a picture of it below a face in a mall's light.

Shares and spreads are guesses at a European street; `dark` is how many coats and trousers are black, grey or navy. Two
people may wear the same: uniforms, and many black coats.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from footfall.types import FloatArray, ImageArray
from training.embedding.seen import Light

# Hue, saturation and value of OpenCV (0-180, 0-255, 0-255), spread of each, and the share among dark or other clothes.
DARK = (
    ((0, 20, 28), (60, 14, 10), 0.5),
    ((110, 110, 55), (6, 30, 14), 0.3),
    ((0, 12, 75), (60, 10, 16), 0.2),
)
OTHER = (
    ((0, 12, 215), (60, 10, 20), 0.2),
    ((0, 12, 140), (60, 10, 22), 0.14),
    ((14, 90, 150), (4, 30, 30), 0.17),
    ((106, 120, 130), (7, 35, 28), 0.17),
    ((176, 170, 140), (5, 35, 35), 0.1),
    ((40, 90, 95), (12, 35, 28), 0.1),
    ((155, 100, 160), (10, 40, 35), 0.06),
    ((26, 160, 190), (6, 40, 30), 0.06),
)
UNIFORM = (120, 200, 40)  # BGR of the one uniform of the mall
FRAME_PX = (150, 128)  # height and width of the picture; the face is FACE_PX wide
FACE_PX = 24


@dataclass(frozen=True, slots=True)
class Outfit:
    """Colours BGR float32 (3,): coat, what shows where it is open (or None), trousers, pattern; and its geometry."""

    coat: FloatArray
    inner: FloatArray | None
    trousers: FloatArray
    ink: FloatArray
    pattern: int
    period_px: int
    hem: float


def draw_outfit(random: np.random.Generator, dark: float = 0.5, uniform: float = 0.02) -> Outfit:
    """Return somebody's clothes; the share `uniform` of all wears the uniform."""
    coat = np.array(UNIFORM, np.float32) if random.random() < uniform else _colour(random, dark)
    inner = _colour(random, 0.3) if random.random() < 0.35 else None
    pattern = int(random.choice(4, p=[0.72, 0.12, 0.08, 0.08]))  # plain, stripes across, down, checks
    hem = float(random.uniform(0.45, 1.05))
    return Outfit(coat, inner, _colour(random, 0.65), _colour(random, 0.3), pattern, int(random.integers(4, 14)), hem)


def changed(random: np.random.Generator, outfit: Outfit) -> Outfit:
    """Return the same person with the coat taken off, or put on."""
    return (
        draw_outfit(random)
        if outfit.inner is None
        else Outfit(outfit.inner, None, outfit.trousers, outfit.ink, 0, outfit.period_px, outfit.hem * 0.8)
    )


def see_outfit(
    random: np.random.Generator, outfit: Outfit, background: ImageArray, light: Light
) -> tuple[ImageArray, FloatArray]:
    """Return a picture uint8 (H, W, 3) BGR of the clothes before `background` (H, W, 3), and the face's box (1, 4)."""
    image = background.astype(np.float32)
    height, width = FRAME_PX
    middle, chin = width / 2 + random.normal(0, 3.0), 20 + FACE_PX
    half = FACE_PX * random.uniform(0.95, 1.15)
    left, right = int(middle - half), int(middle + half)
    top, hem = chin + 4, chin + 4 + int(outfit.hem * 3.4 * FACE_PX)
    image[top:, left:right] = outfit.trousers
    image[top:hem, left:right] = _cloth(outfit, min(hem, height) - top, right - left)
    if outfit.inner is not None:
        open_px = int(FACE_PX * random.uniform(0.15, 0.4))
        image[top:hem, int(middle) - open_px : int(middle) + open_px] = outfit.inner
    if random.random() < 0.2:  # a bag, a scarf, a child carried
        x, y = int(random.uniform(left, right)), int(random.uniform(top, height))
        image[y : y + FACE_PX, max(0, x - 8) : x + 8] = _colour(random, 0.5)
    shade = 1.0 + random.normal(0, 0.12) * np.linspace(-1, 1, width)[None, :, None]
    image *= shade * (1.0 + random.normal(0, 0.1) * np.linspace(-1, 1, height)[:, None, None])
    seen = light(np.clip(cv2.GaussianBlur(image, (0, 0), 0.8), 0, 255).astype(np.uint8))
    seen = np.clip(seen + random.normal(0, random.uniform(2, 8), seen.shape), 0, 255).astype(np.uint8)
    box = np.array([middle - FACE_PX / 2, 20, middle + FACE_PX / 2, chin]) + random.normal(0, 1.2, 4)
    return seen, box.astype(np.float32)[None]


def draw_background(random: np.random.Generator) -> ImageArray:
    """Return an entrance uint8 (H, W, 3) BGR: floor, wall, glass and things, none of them of strong colour."""
    image = np.empty((*FRAME_PX, 3), np.float32)
    image[:] = _near(random, (20, 20, 150), (40, 15, 40))
    image[FRAME_PX[0] // 2 :] = _near(random, (20, 25, 120), (40, 15, 40))
    for _ in range(8):
        y, x = random.integers(0, FRAME_PX[0]), random.integers(0, FRAME_PX[1])
        image[y : y + random.integers(5, 50), x : x + random.integers(5, 40)] = _near(
            random, (60, 60, 120), (60, 50, 60)
        )
    return np.clip(cv2.GaussianBlur(image, (0, 0), 2.0), 0, 255).astype(np.uint8)


def _colour(random: np.random.Generator, dark: float) -> FloatArray:
    family = DARK if random.random() < dark else OTHER
    shares = np.array([share for _, _, share in family])
    middle, spread, _ = family[int(random.choice(len(family), p=shares / shares.sum()))]
    return _near(random, middle, spread)


def _near(random: np.random.Generator, middle: tuple[int, ...], spread: tuple[int, ...]) -> FloatArray:
    hsv = np.array(middle) + random.normal(0.0, 1.0, 3) * np.array(spread)
    hsv[0] %= 180
    pixel = np.clip(hsv, 0, [179, 255, 255]).astype(np.uint8)[None, None]
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR)[0, 0], np.float32)


def _cloth(outfit: Outfit, height: int, width: int) -> FloatArray:
    rows, columns = np.indices((height, width)) // outfit.period_px % 2
    printed = {0: np.zeros_like(rows), 1: rows, 2: columns, 3: rows ^ columns}[outfit.pattern][..., None]
    return np.asarray(np.where(printed, outfit.ink, outfit.coat), np.float32)
