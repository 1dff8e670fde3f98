"""Aligned faces with what lies around them, a cache a data set: one memory-mapped uint8 array, labels beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from footfall.errors import DataError
from footfall.types import FloatArray, ImageArray
from inference.alignment import align_face
from training.arrays import select_rows
from training.data.faces import CACHED_SIZE_PX, UTKFACE_LANDMARKS, label_column, write_cache

# Where the cache has a face's landmarks: UTKFace's framing at two thirds of the size and a little lower, so that hair,
# chin and room to move, turn and shrink a face are in the picture.
CACHED_LANDMARKS: FloatArray = (np.array([0.5, 0.52917]) + 2 / 3 * (UTKFACE_LANDMARKS - 0.5)).astype(np.float32)


def frame_landmarks(frame: float) -> FloatArray:
    """Return the landmarks float32 (5, 2), in units of its square, of the middle part that a network sees of the cache.

    The cache shows `frame` times as much.
    """
    return np.asarray(0.5 + (CACHED_LANDMARKS - 0.5) * frame, np.float32)


@dataclass(frozen=True, slots=True)
class FramedFaces:
    """Aligned faces and what is known of them.

    `images` uint8 (N, S, S, 3) BGR, landmarks at CACHED_LANDMARKS; `names` (N,) of str; `youngest_years` and
    `oldest_years` (equal for an exact age) and `female` (0 or 1) are int16 (N,) with UNKNOWN (-1) where nobody said;
    `groups` (N,) of str ties faces that must stay on one side of a split; `origins` (N,) of str are the data set's own.
    """

    names: npt.NDArray[np.str_]
    groups: npt.NDArray[np.str_]
    youngest_years: npt.NDArray[np.int16]
    oldest_years: npt.NDArray[np.int16]
    female: npt.NDArray[np.int16]
    origins: npt.NDArray[np.str_]
    images: ImageArray

    def __len__(self) -> int:
        return len(self.names)

    def fingerprint(self) -> str:
        """Return what tells these faces, in this order, from others: a hash of their names."""
        return hashlib.sha256("\n".join(self.names.tolist()).encode()).hexdigest()

    def select(self, index: npt.NDArray[np.intp]) -> FramedFaces:
        """Return the faces at `index`, in that order; images are copied out of the cache."""
        return select_rows(self, index)


@dataclass(frozen=True, slots=True)
class FramedRecord:
    """One aligned face on its way into the cache; None where a label is not known."""

    name: str
    group: str
    image: ImageArray
    youngest_years: int | None = None
    oldest_years: int | None = None
    female: bool | None = None
    origin: str = ""


def cached_crop(image_bgr: ImageArray, landmarks: FloatArray) -> ImageArray:
    """Return the face at `landmarks` float32 (5, 2) px as the cache keeps it, uint8 (S, S, 3) BGR."""
    return align_face(image_bgr, landmarks, CACHED_LANDMARKS, CACHED_SIZE_PX)


def framed(faces: ImageArray, size_px: int, frame: float) -> ImageArray:
    """Return cached `faces`, uint8 (N, S, S, 3), as a network that sees `frame` times less of them is shown them."""
    template = frame_landmarks(frame)
    return np.stack([align_face(face, CACHED_LANDMARKS * len(face), template, size_px) for face in faces])


def write_framed(records: Iterable[FramedRecord], path: Path, most: int) -> FramedFaces:
    """Write at most `most` records to `path` (.npy, labels in .npz beside it) and return them memory-mapped."""

    def labels(rows: list[FramedRecord]) -> dict[str, npt.ArrayLike]:
        if not rows:
            raise DataError(f"no face came for {path}; see that the data set's folder has pictures of faces")
        return {
            "names": [row.name for row in rows],
            "groups": [row.group for row in rows],
            "youngest_years": label_column(row.youngest_years for row in rows),
            "oldest_years": label_column(row.oldest_years for row in rows),
            "female": label_column(row.female for row in rows),
            "origins": [row.origin for row in rows],
        }

    write_cache(records, path, most, labels)
    return read_framed(path)


def read_framed(path: Path) -> FramedFaces:
    """Return the faces cached at `path`, pixels memory-mapped read-only.

    Raises:
        DataError: there is no complete cache.
    """
    try:
        labels = np.load(path.with_suffix(".npz"))
        images = np.load(path, mmap_mode="r")
    except OSError as error:
        raise DataError(f"no face cache at {path}: {error}; run `python -m training demographics prepare`") from error
    return FramedFaces(**{part: labels[part] for part in labels.files}, images=images[: len(labels["names"])])
