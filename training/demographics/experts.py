"""Large networks of others, left as they are, describe faces; what they see in them, heads of ours judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from footfall.errors import DataError
from footfall.types import FloatArray, ImageArray
from training.arrays import write_arrays
from training.data.faces import batches
from training.data.framed import FramedFaces, framed
from training.dlib_network import CHIP_PX, describe, load_features
from training.faceres_network import PICTURE_PX, describer, load_faceres

BATCH = 32
Features = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Expert:
    """A network that describes pictures of `size_px`, uint8 (N, S, S, 3) BGR → float32 (N, D), `frame` as `framed`."""

    name: str
    size_px: int
    frame: float
    describe: Callable[[ImageArray], FloatArray]


def experts(faceres: Path, threads: int) -> list[Expert]:
    """Return HSE-FaceRes, whose model.json lies at `faceres`, and dlib's face network.

    How much each sees around a face was chosen by how many genders of FairFace's held-back faces a head told right
    that was fitted to 5,000 (HSE-FaceRes, of 1.0 to 1.6) or 12,000 (dlib, of 1.1 to 1.7) others.

    Raises:
        DataError: the weights of one are missing.
    """
    return [
        Expert("faceres", PICTURE_PX, 1.4, describer(load_faceres(faceres), threads)),
        Expert("dlib", CHIP_PX, 1.5, partial(describe, load_features())),
    ]


def described(expert: Expert, faces: FramedFaces) -> Features:
    """Return how `expert` describes each of the cached `faces`, (N, D)."""
    seen = (framed(faces.images[part], expert.size_px, expert.frame) for part in batches(len(faces), BATCH))
    return np.concatenate([expert.describe(pictures).astype(np.float16) for pictures in seen])


def kept_description(expert: Expert, faces: FramedFaces, path: Path) -> Features:
    """Return what `described` says, from `path` if the same was written there before.

    Raises:
        DataError: `path` is about other faces, or about other looks at them.
    """
    about = f"{expert.size_px} px, {expert.frame}, {faces.fingerprint()}"
    if not path.exists():
        write_arrays(path, {"features": described(expert, faces), "about": about})
    with np.load(path) as stored:
        if str(stored["about"]) != about:
            raise DataError(f"{path} describes other faces, or other looks at them: delete it")
        features: Features = stored["features"]
    return features


def side_by_side(parts: Sequence[Features]) -> Features:
    """Return the descriptions by several experts of the same faces as one, (N, sum of D)."""
    return np.concatenate(parts, axis=1)
