"""The people of the benchmark of unique visitors: held back from the embedding's training and from the calibration."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference import load_embedding
from training.arrays import kept, select_rows
from training.data.framed import FramedFaces, read_framed
from training.embedding.days import Dress, Embed, Looks, Town, look_at, strangers, visitors
from training.embedding.people import in_benchmark

FACES = Path(".cache/embedding")
CACHE = Path(".cache/unique")
VIEWS = 4
SEED = 2026
COME_AGAIN = {"glint-24": (3, 5), "celeba": (3, 5), "bollywood-100": (3, 5), "lfw": (1, 1)}
"""How many photographs one visit has; LFW has too few of most people, so each of its visits has one."""
STAFF = "glint-24"
"""Only its people have photographs enough for a day of passing again and again, and larger than 64 px."""
COME_ONCE = ("fairface", "lfw")
MOST = 70  # photographs of one person


def prepare(embed: Embed, version: str, faces: Path = FACES, cache: Path = CACHE) -> dict[str, Looks]:
    """Return the views of every set, computed once for each `version` of the network (five minutes)."""
    looks = {}
    for name in {**COME_AGAIN, "fairface": (1, 1)}:
        path = cache / f"{name}-{version}.npz".replace(" ", "-")
        found = kept(path, Looks, partial(_look_at_set, name, faces, embed))
        looks[name] = select_rows(found, in_benchmark(name, found.groups))
    return looks


def _look_at_set(name: str, faces: Path, embed: Embed) -> Looks:
    random = np.random.default_rng(SEED)
    cached = read_framed(faces / f"{name}.npy")
    return look_at(cached, _rows(name, cached, random), embed, random, VIEWS)


def prepare_built_in() -> dict[str, Looks]:
    """Return the same by the network that ships."""
    network = load_embedding()
    return prepare(network.embed, network.model_version)


def draw_town(random: np.random.Generator, looks: dict[str, Looks], dress: Dress) -> Town:
    """Return who can come again, with the visits they can make, who comes once, and who may be staff."""
    people = [
        visits
        for name, number in COME_AGAIN.items()
        if name != STAFF
        for visits in visitors(random, looks[name], number)
    ]
    once = []
    for name in COME_ONCE:
        one = looks[name]
        names, counts = np.unique(one.groups, return_counts=True)
        alone = np.isin(one.groups, names[counts == 1])
        once += strangers(random, select_rows(one, alone))
    return Town(people, once, dress, visitors(random, looks[STAFF], COME_AGAIN[STAFF]))


def _rows(name: str, faces: FramedFaces, random: np.random.Generator) -> npt.NDArray[np.intp]:
    rows = random.permutation(np.flatnonzero(in_benchmark(name, faces.groups)))
    return np.concatenate([rows[faces.groups[rows] == group][:MOST] for group in np.unique(faces.groups[rows])])
