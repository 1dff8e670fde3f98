"""Pictures without faces, drawn: what a detector must not take for one."""

from __future__ import annotations

import cv2
import numpy as np

from training.detector.samples import Floats, Image, Sample

SKIN_BGR = ((140, 180, 230), (110, 150, 205), (80, 115, 175), (55, 80, 130), (40, 55, 90))


def skin_colour(rng: np.random.Generator) -> tuple[int, int, int]:
    """Return a BGR colour close to human skin, for hands and decoys."""
    base = np.array(SKIN_BGR[rng.integers(len(SKIN_BGR))]) + rng.integers(-20, 21, 3)
    blue, green, red = (int(value) for value in np.clip(base, 0, 255))
    return blue, green, red


def any_colour(rng: np.random.Generator) -> tuple[int, int, int]:
    """Return any BGR colour."""
    blue, green, red = (int(value) for value in rng.integers(0, 256, 3))
    return blue, green, red


def draw_texture(rng: np.random.Generator, width: int, height: int) -> Image:
    """Draw smooth noise of a random coarseness, uint8 (height, width, 3) BGR."""
    coarse = int(rng.integers(2, 33))
    size = (max(2, width // coarse), max(2, height // coarse))
    noise = rng.normal(rng.integers(40, 216), rng.integers(5, 70), (size[1], size[0], 3))
    if rng.random() < 0.5:
        noise = noise.mean(axis=2, keepdims=True) + rng.integers(-40, 41, 3)
    small = np.clip(noise, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def draw_stripes(rng: np.random.Generator, image: Image) -> None:
    """Draw parallel lines: tiles, blinds, shelves."""
    height, width = image.shape[:2]
    step, thickness = int(rng.integers(4, 40)), int(rng.integers(1, 6))
    colour = any_colour(rng)
    crossed = rng.random() < 0.4
    for x in range(0, width, step):
        cv2.line(image, (x, 0), (x + int(step * 0.3), height), colour, thickness)
    for y in range(0, height if crossed else 0, step):
        cv2.line(image, (0, y), (width, y), colour, thickness)


def draw_shapes(rng: np.random.Generator, image: Image) -> None:
    """Draw ellipses, boxes, rings and letters, half of them skin-coloured or dark as eyes and hair are."""
    height, width = image.shape[:2]
    for _ in range(int(rng.integers(4, 25))):
        centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        axes = (int(rng.integers(2, max(3, width // 6))), int(rng.integers(2, max(3, height // 5))))
        colour = skin_colour(rng) if rng.random() < 0.5 else any_colour(rng)
        kind = rng.integers(4)
        if kind == 0:
            cv2.ellipse(image, centre, axes, float(rng.integers(180)), 0, 360, colour, -1, cv2.LINE_AA)
        elif kind == 1:
            cv2.rectangle(image, centre, (centre[0] + axes[0], centre[1] + axes[1]), colour, -1)
        elif kind == 2:
            cv2.circle(image, centre, min(axes), colour, int(rng.integers(1, 5)), cv2.LINE_AA)
        else:
            letters = "".join(chr(int(code)) for code in rng.integers(33, 126, int(rng.integers(1, 8))))
            size = float(rng.uniform(0.3, 1.8))
            cv2.putText(image, letters, centre, int(rng.integers(8)), size, colour, int(rng.integers(1, 4)))


def scatter_lights(rng: np.random.Generator, image: Image, faces: Floats) -> None:
    """Draw bright discs beside the faces (N, 4): lamps out of focus, which look like the round of a head."""
    height, width = image.shape[:2]
    for _ in range(int(rng.integers(1, 7))):
        centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        radius = int(np.exp(rng.uniform(np.log(3), np.log(24))))
        reach = np.array([*centre, *centre]) + np.array([-radius, -radius, radius, radius])
        if ((faces[:, :2] < reach[2:]) & (faces[:, 2:] > reach[:2])).all(axis=1).any():
            continue
        tint = rng.integers(0, 3)
        colour = tuple(int(value) for value in rng.integers(120 if tint else 220, 256, 3))
        cv2.circle(image, centre, radius, (colour[0] // 3 if tint == 1 else colour[0], *colour[1:]), -1, cv2.LINE_AA)
        low, high = np.maximum(reach[:2] - 3, 0), reach[2:] + 4
        patch = image[low[1] : high[1], low[0] : high[0]]
        if patch.size:
            cv2.GaussianBlur(patch, (0, 0), float(rng.uniform(0.5, 2.5)), dst=patch)


def draw_clutter(rng: np.random.Generator, width: int, height: int) -> Image:
    """Draw a face-free scene, uint8 (height, width, 3) BGR."""
    image = draw_texture(rng, width, height)
    if rng.random() < 0.5:
        draw_stripes(rng, image)
    if rng.random() < 0.8:
        draw_shapes(rng, image)
    return image


def shuffle_pieces(rng: np.random.Generator, sample: Sample) -> Image:
    """Cut a photograph into pieces smaller than its faces and shuffle them: skin and eyes, but no face."""
    height, width = sample.image.shape[:2]
    piece = int(rng.integers(16, 33))
    rows, columns = height // piece, width // piece
    tiles = sample.image[: rows * piece, : columns * piece].reshape(rows, piece, columns, piece, 3)
    tiles = tiles.transpose(0, 2, 1, 3, 4).reshape(rows * columns, piece, piece, 3)
    tiles = tiles[rng.permutation(len(tiles))].reshape(rows, columns, piece, piece, 3)
    return np.ascontiguousarray(tiles.transpose(0, 2, 1, 3, 4).reshape(rows * piece, columns * piece, 3))
