"""What a person wears, as numbers: colours above and below, and how coarse the cloth is, from the torso under a face.

Histograms are compared as Bhattacharyya did: roots of shares, whose dot product is 1 for the same mixture of colours
and 0 where nothing is shared. Light is taken out as a grey world would have it (Buchsbaum, 1980), from the whole frame.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from footfall.types import FloatArray, ImageArray

TORSO_BELOW_CHIN, TORSO_HEIGHT, TORSO_WIDTH = 0.4, 3.0, 2.2
"""Where the torso begins, how high it is (in face heights) and how wide (in face widths)."""
LEAST_VISIBLE = 1 / 3
GRID_ROWS, GRID_COLUMNS = 36, 24
FRAME_STEP = 8
MIDDLE_GREY = 0.45
GAIN_LIMITS = (0.4, 3.0)
"""A frame that is full of one colour must not turn everything into its opposite."""
CHROMA_BINS, CHROMA_REACH = 7, 45.0
LIGHTNESS_BINS, LIGHTEST = 5, 100.0
DIRECTIONS, FLAT_BELOW = 4, 6.0
"""Texture: edges by direction, and the even parts, which have less contrast than this in lightness."""
COLOUR_WEIGHT = 0.8
COLOUR_BINS = CHROMA_BINS * CHROMA_BINS * LIGHTNESS_BINS
_LAST_BINS = np.array([LIGHTNESS_BINS, CHROMA_BINS, CHROMA_BINS]) - 2
_STRIDES = np.array([CHROMA_BINS**2, CHROMA_BINS, 1])
_CORNERS = np.array(list(np.ndindex(2, 2, 2))) @ _STRIDES
SIGNATURE_WIDTH = 2 * COLOUR_BINS + 2 * (DIRECTIONS + 1)

Floats = npt.NDArray[np.float32]


def clothing_signature(image_bgr: ImageArray, boxes: FloatArray) -> FloatArray:
    """Return float32 (N, D): a signature for the person under each face of `boxes` (N, 4) xyxy px, one length for all.

    `image_bgr` is the full frame, uint8 (H, W, 3). The dot product of two signatures, in [0, 1], is how alike the
    clothes are. A row is NaN where less than a third of the torso is in the picture.
    """
    signatures = np.full((len(boxes), SIGNATURE_WIDTH), np.nan, np.float32)
    gains = _grey_world_gains(image_bgr) if len(boxes) else np.ones(3, np.float32)
    for row, box in enumerate(np.asarray(boxes, np.float32)):
        patch = _torso(image_bgr, box)
        if patch is not None:
            signatures[row] = _describe(patch[0], patch[1], gains)
    return signatures


def _grey_world_gains(image_bgr: ImageArray) -> Floats:
    mean = image_bgr[::FRAME_STEP, ::FRAME_STEP].reshape(-1, 3).mean(0) / 255.0
    return np.asarray(np.clip(MIDDLE_GREY / np.maximum(mean, 0.02), *GAIN_LIMITS), np.float32)


def _torso(image_bgr: ImageArray, box: FloatArray) -> tuple[ImageArray, Floats] | None:
    """Return the torso on a grid, uint8 (36, 24, 3), and float32 (36, 24) weights, 0 outside the picture."""
    width, height = float(box[2] - box[0]), float(box[3] - box[1])
    if not (width >= 2 and height >= 2):
        return None
    left = (box[0] + box[2] - TORSO_WIDTH * width) / 2
    top = box[3] + TORSO_BELOW_CHIN * height
    cells = np.array([TORSO_WIDTH * width / GRID_COLUMNS, TORSO_HEIGHT * height / GRID_ROWS])
    picture = np.array(image_bgr.shape[1::-1])
    first = np.ceil(np.maximum(-np.array([left, top]) / cells, 0)).astype(int)
    last = np.floor(np.minimum((picture - [left, top]) / cells, [GRID_COLUMNS, GRID_ROWS])).astype(int)
    seen = np.maximum(last - first, 0)
    if seen.prod() < LEAST_VISIBLE * GRID_ROWS * GRID_COLUMNS:
        return None
    start = np.round([left, top] + first * cells).astype(int)
    end = np.maximum(np.round([left, top] + last * cells).astype(int), start + 1)
    crop = image_bgr[start[1] : end[1], start[0] : end[0]]
    patch = np.zeros((GRID_ROWS, GRID_COLUMNS, 3), np.uint8)
    weights = np.zeros((GRID_ROWS, GRID_COLUMNS), np.float32)
    inside = (slice(first[1], last[1]), slice(first[0], last[0]))
    patch[inside] = cv2.resize(crop, (int(seen[0]), int(seen[1])), interpolation=cv2.INTER_AREA)
    weights[inside] = np.sin(np.pi * (np.arange(first[0], last[0]) + 0.5) / GRID_COLUMNS)  # arms and background less
    return patch, weights


def _describe(patch: ImageArray, weights: Floats, gains: Floats) -> FloatArray:
    balanced = np.clip(patch.astype(np.float32) / 255.0 * gains, 0, 1)
    lab = cv2.cvtColor(balanced, cv2.COLOR_BGR2Lab)
    chroma = np.tanh(lab[..., 1:] / CHROMA_REACH)  # fine near grey, where most clothes are
    places = np.concatenate(
        [lab[..., :1] / LIGHTEST * (LIGHTNESS_BINS - 1), (chroma + 1) / 2 * (CHROMA_BINS - 1)], axis=2
    )
    parts = []
    for half in (slice(0, GRID_ROWS // 2), slice(GRID_ROWS // 2, GRID_ROWS)):
        colours = _soft_histogram(places[half].reshape(-1, 3), weights[half].reshape(-1))
        texture = _texture(np.ascontiguousarray(lab[half, :, 0]), weights[half])
        parts += [COLOUR_WEIGHT * colours, (1 - COLOUR_WEIGHT) * texture]
    signature = np.concatenate(parts)
    return np.asarray(np.sqrt(signature / signature.sum()), np.float32)


def _soft_histogram(places: Floats, weights: Floats) -> Floats:
    """Return how much weight lies in each bin; a pixel gives to the eight bins around it what it is near to each."""
    low = np.clip(places.astype(np.intp), 0, _LAST_BINS)
    high = np.clip(places - low, 0, 1).astype(np.float32)
    near = np.stack([1 - high, high])  # (2, N, 3): the share of the lower and of the upper bin on each axis
    share = near[:, None, None, :, 0] * near[None, :, None, :, 1] * near[None, None, :, :, 2] * weights
    bins = (low @ _STRIDES)[None, :] + _CORNERS[:, None]
    histogram = np.bincount(bins.reshape(-1), share.reshape(-1), COLOUR_BINS)
    return _shares(histogram, float(weights.sum()))


def _texture(lightness: Floats, weights: Floats) -> Floats:
    """Return the shares of even cloth and of edges by direction, float32 (5,)."""
    across = cv2.Sobel(lightness, cv2.CV_32F, 1, 0, scale=0.25)
    down = cv2.Sobel(lightness, cv2.CV_32F, 0, 1, scale=0.25)
    strength = np.hypot(across, down)
    direction = np.arctan2(down, across) % np.pi
    bins = 1 + np.floor(direction / np.pi * DIRECTIONS + 0.5).astype(int) % DIRECTIONS
    even = strength < FLAT_BELOW
    histogram = np.bincount(np.where(even, 0, bins).reshape(-1), weights.reshape(-1), DIRECTIONS + 1)
    return _shares(histogram, float(weights.sum()))


def _shares(histogram: npt.NDArray[np.generic], total: float) -> Floats:
    """Return `histogram` with the sum of one; a half that cannot be seen counts nothing."""
    return np.asarray(histogram, np.float32) / np.float32(max(total, 1e-9))
