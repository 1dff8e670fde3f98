"""Who is held back from the embedding's training, so that every benchmark of unique visitors tests on strangers.

By a hash of the person's group (`training.data.faces.held_out`), so the same people on every computer. A folder's name
is written as LFW writes names: whoever glint-24 or bollywood-100 share with LFW's held-back people is held back there,
too. CelebA has numbers instead of names: its celebrities may be in LFW, glint-24 or bollywood-100, on either side.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.data.faces import held_out

SHARES = {
    "lfw": 0.2,
    "celeba": 0.25,
    "glint-24": 0.25,
    "bollywood-100": 0.2,
    "adience-3": 0.0,
    "fairface": 0.1,
    "all-age-faces": 0.1,
    "utkface": 0.1,
    "web-gender": 0.0,
}
"""Held back of the groups of each set. Every face of FairFace, All-Age-Faces and web-gender is its own group."""
BENCHMARK_PARTS = {"lfw": 0.5, "celeba": 2 / 3, "glint-24": 2 / 3, "bollywood-100": 2 / 3, "fairface": 1.0}
"""Of those held back the part that the benchmark of unique visitors has; the others calibrate pairs."""
WITH_IDENTITIES = ("lfw", "celeba", "glint-24", "bollywood-100", "adience-3")
"""The sets whose groups are people."""


def held_back(name: str, groups: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
    """Return which of `groups`, those of the faces of the set `name`, the training of the embedding does not see."""
    return held_out(groups, SHARES[name])


def in_benchmark(name: str, groups: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
    """Return which of `groups` are for the benchmark of unique visitors: a part of those held back."""
    return held_out(groups, SHARES[name] * BENCHMARK_PARTS.get(name, 0.0))
