"""How well embeddings tell people apart: accuracy of pairs, and the share of true pairs accepted at a false rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
import numpy.typing as npt

from footfall.types import FloatArray, ImageArray
from training.data.framed import FramedFaces

Scores = npt.NDArray[np.float32]
FACE_SHARE = 0.65
"""Side of the detector's box of a cached face, in units of the cache's picture: see `at_size`."""


def pair_scores(embeddings: FloatArray, groups: npt.NDArray[np.str_]) -> tuple[Scores, Scores]:
    """Return the similarity of every pair of one person, and of every pair of two, from vectors (N, D)."""
    rows, columns = np.triu_indices(len(embeddings), 1)
    scores = (embeddings @ embeddings.T)[rows, columns]
    same = groups[rows] == groups[columns]
    return scores[same], scores[~same]


def threshold_at(false: Scores, rate: float) -> float:
    """Return the score that the share `rate` of `false` ones exceeds."""
    place = len(false) - 1 - int(rate * len(false))
    return float(np.partition(false, place)[place])


def accepted_at(true: Scores, false: Scores, rate: float) -> float:
    """Return the share of `true` scores above the threshold that the share `rate` of `false` ones exceeds."""
    return float((true > threshold_at(false, rate)).mean())


def pair_accuracy(true: Scores, false: Scores, folds: int = 10) -> float:
    """Return the share of pairs judged right, as many of two people as of one, at the other folds' best threshold."""
    random = np.random.default_rng(0)
    count = min(len(true), len(false))
    right = 0
    pairs = np.stack([random.permutation(true)[:count], random.choice(false, count, replace=False)])
    for fold in range(folds):
        aside = np.arange(count) % folds == fold
        same, other = np.sort(pairs[0, ~aside]), np.sort(pairs[1, ~aside])
        tried = np.concatenate([same, other])
        wrong = np.searchsorted(same, tried, "right") + len(other) - np.searchsorted(other, tried, "right")
        best = tried[wrong.argmin()]
        right += int((pairs[0, aside] > best).sum() + (pairs[1, aside] <= best).sum())
    return right / (2 * count)


def at_size(images: ImageArray, face_px: float) -> ImageArray:
    """Return cached faces, uint8 (N, S, S, 3), as seen when the detector's box is `face_px` wide, enlarged again."""
    side = images.shape[1]
    small_px = max(4, round(face_px / FACE_SHARE))
    if small_px >= side:
        return np.asarray(images)
    small = [cv2.resize(image, (small_px, small_px), interpolation=cv2.INTER_AREA) for image in images]
    return np.asarray([cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR) for image in small], np.uint8)


def quick_figures(
    embed: Callable[[ImageArray], FloatArray], judged: Mapping[str, FramedFaces], most: int = 1000
) -> dict[str, float]:
    """Return the figures to follow a training by, on cached faces of people held back, at most `most` a set.

    LFW: TAR at FAR 1e-3, at full size, 32 and 24 px. CelebA against FairFace at 40 px: TAR at FAR 1e-4.
    """
    figures: dict[str, float] = {}
    if "lfw" in judged:
        faces = judged["lfw"]
        for label, size_px in (("lfw", 1e9), ("lfw_32", 32.0), ("lfw_24", 24.0)):
            scores = pair_scores(embed(at_size(faces.images[:most], size_px)), faces.groups[:most])
            figures[label] = round(accepted_at(*scores, 1e-3), 4)
    if "celeba" in judged and "fairface" in judged:
        people, strangers = judged["celeba"], judged["fairface"]
        one = embed(at_size(people.images[:most], 40.0))
        other = embed(at_size(strangers.images[:most], 40.0))
        true, _ = pair_scores(one, people.groups[:most])
        figures["celeba_40"] = round(accepted_at(true, (one @ other.T).reshape(-1), 1e-4), 4)
    return figures
