"""A cache of aligned faces: one uint8 array on disk, memory-mapped, with its labels beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from footfall.errors import DataError
from footfall.types import FloatArray, ImageArray
from training.arrays import select_rows, write_arrays
from training.data.utkface import UtkFace

CACHED_SIZE_PX = 128
# Mean of YuNet's landmarks over the UTKFace training crops, made symmetric; x, y in units of the square:
# eye on the left of the image, eye on the right, nose, left mouth corner, right mouth corner.
UTKFACE_LANDMARKS = np.array(
    [[0.3041, 0.2804], [0.6959, 0.2804], [0.5, 0.5012], [0.3279, 0.6759], [0.6721, 0.6759]], np.float32
)
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class LabelledFaces:
    """Aligned faces and what is known of them.

    `images` uint8 (N, S, S, 3) BGR; `names` (N,) of str; `age_years`, `female` (0 or 1) and `race` are int16 (N,)
    with UNKNOWN (-1) where nobody said; `groups` (N,) of str ties faces that must stay on one side of a split;
    `landmarks` float32 (N, 5, 2) x, y in units of the square.
    """

    names: npt.NDArray[np.str_]
    groups: npt.NDArray[np.str_]
    age_years: npt.NDArray[np.int16]
    female: npt.NDArray[np.int16]
    race: npt.NDArray[np.int16]
    landmarks: FloatArray
    images: ImageArray

    def __len__(self) -> int:
        return len(self.names)

    def select(self, index: npt.NDArray[np.intp]) -> LabelledFaces:
        """Return the faces at `index`, in that order; images are copied out of the cache."""
        return select_rows(self, index)


@dataclass(frozen=True, slots=True)
class FaceRecord:
    """One aligned face on its way into the cache; None where a label is not known."""

    name: str
    group: str
    image: ImageArray
    landmarks: FloatArray
    age_years: int | None = None
    female: bool | None = None
    race: int | None = None


def utkface_record(face: UtkFace, landmarks: FloatArray | None) -> FaceRecord:
    """Return `face` at the cache's size; one minute of the crawl is one group, its faces are often one person's.

    `landmarks` float32 (5, 2) in pixels of the crop; the mean of the data set stands in for None.
    """
    image = cv2.resize(face.image, (CACHED_SIZE_PX, CACHED_SIZE_PX), interpolation=cv2.INTER_AREA)
    places = UTKFACE_LANDMARKS if landmarks is None else landmarks / np.float32(face.image.shape[0])
    label = face.label
    return FaceRecord(
        face.name,
        label.taken[:12],
        np.asarray(image, np.uint8),
        places,
        label.age_years,
        label.female,
        int(label.race),
    )


class Pictured(Protocol):
    """What has a picture, uint8 (S, S, 3) BGR."""

    @property
    def image(self) -> ImageArray: ...


Record = TypeVar("Record", bound=Pictured)


def write_faces(records: Iterable[FaceRecord], path: Path, count: int) -> LabelledFaces:
    """Write up to `count` records to `path` (.npy, labels in .npz beside it) and return them memory-mapped."""

    def labels(rows: list[FaceRecord]) -> dict[str, npt.ArrayLike]:
        if len(rows) != count:
            raise DataError(
                f"{len(rows)} faces came, {count} were expected; remove {path.with_suffix('.part')} and try again"
            )
        return {
            "names": [row.name for row in rows],
            "groups": [row.group for row in rows],
            "age_years": label_column(row.age_years for row in rows),
            "female": label_column(row.female for row in rows),
            "race": label_column(row.race for row in rows),
            "landmarks": np.stack([row.landmarks for row in rows]).astype(np.float32),
        }

    write_cache(records, path, count, labels)
    return read_faces(path)


def write_cache(
    records: Iterable[Record], path: Path, most: int, labels: Callable[[list[Record]], dict[str, npt.ArrayLike]]
) -> None:
    """Write the pictures of at most `most` records to `path` (.npy) and the `labels` of all to the .npz beside it.

    Where `labels` raises, what was at `path` stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (most, CACHED_SIZE_PX, CACHED_SIZE_PX, 3)
    unfinished = path.with_suffix(".part")
    pixels = np.lib.format.open_memmap(unfinished, mode="w+", dtype=np.uint8, shape=shape)
    rows: list[Record] = []
    for row, record in enumerate(records):
        pixels[row] = record.image
        rows.append(record)
    table = labels(rows)
    pixels.flush()
    write_arrays(path.with_suffix(".npz"), table)
    unfinished.replace(path)


def label_column(values: Iterable[int | None]) -> npt.NDArray[np.int16]:
    """Return labels as a cache keeps them, UNKNOWN where nobody said."""
    return np.array([UNKNOWN if value is None else int(value) for value in values], np.int16)


def read_faces(path: Path) -> LabelledFaces:
    """Return the faces cached at `path`, pixels memory-mapped read-only.

    Raises:
        DataError: there is no complete cache.
    """
    try:
        labels = np.load(path.with_suffix(".npz"))
        images = np.load(path, mmap_mode="r")
    except OSError as error:
        raise DataError(f"no face cache at {path}: {error}") from error
    return LabelledFaces(**{part: labels[part] for part in labels.files}, images=images)


def held_out(groups: npt.NDArray[np.str_], share: float) -> npt.NDArray[np.bool_]:
    """Return which faces are held out: about `share` of the groups, by a hash, so the same ones every time."""
    return np.asarray(fractions_of(groups) < share, np.bool_)


def fractions_of(groups: npt.NDArray[np.str_]) -> npt.NDArray[np.float64]:
    """Return the `fraction_of` each face's group, (N,)."""
    fractions = {group: fraction_of(group) for group in np.unique(groups).tolist()}
    return np.array([fractions[group] for group in groups.tolist()], np.float64)


def fraction_of(group: str) -> float:
    """Return where the hash of `group` lies in [0, 1); `held_out` takes those below its share."""
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) / 0x1_0000_0000


def batches(count: int, size: int) -> Iterator[slice]:
    """Yield consecutive slices of at most `size` that cover `count`."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
