"""The labelled photographs that crowds are composed of, decoded once and kept in one file per source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.arrays import write_arrays
from training.detector.samples import Image, Labels, Sample

MASK = "mask"
SINGLE_FACES = ("lfw", "utkface")


@dataclass(frozen=True, slots=True)
class Pool:
    """Photographs of one source: `pixels` is one flat uint8 array (memory-mapped), the rest says what lies where."""

    pixels: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    shapes: NDArray[np.int64]
    labels: tuple[Labels, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def sample(self, index: int) -> Sample:
        """Return photograph `index` with its labels; the pixels are a view, do not write into them."""
        height, width = self.shapes[index]
        start = self.offsets[index]
        pixels = self.pixels[start : start + height * width * 3].reshape(height, width, 3)
        return Sample(pixels, self.labels[index])


@dataclass(frozen=True, slots=True)
class Mixture:
    """Pools taken as one: every photograph counts alike."""

    pools: tuple[Pool, ...]

    def __len__(self) -> int:
        return sum(len(pool) for pool in self.pools)

    def sample(self, index: int) -> Sample:
        """Return photograph `index`, counted through the pools one after the other."""
        for pool in self.pools:
            if index < len(pool):
                return pool.sample(index)
            index -= len(pool)
        raise IndexError(index)


def save_pool(folder: Path, source: str, images: list[Image], labels: list[Labels]) -> None:
    """Write photographs and labels of one source as `source.pixels.npy` and `source.labels.npz`."""
    folder.mkdir(parents=True, exist_ok=True)
    shapes = np.array([image.shape[:2] for image in images], np.int64).reshape(-1, 2)
    sizes = shapes.prod(axis=1) * 3
    flat = np.concatenate([image.reshape(-1) for image in images]) if images else np.zeros(0, np.uint8)
    np.save(folder / f"{source}.pixels.npy", flat)
    table = {
        "shapes": shapes,
        "offsets": np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
        "face_counts": np.array([len(item.boxes) for item in labels], np.int64),
        "ignored_counts": np.array([len(item.ignored) for item in labels], np.int64),
        "boxes": np.concatenate([item.boxes for item in labels]),
        "landmarks": np.concatenate([item.landmarks for item in labels]),
        "ignored": np.concatenate([item.ignored for item in labels]),
    }
    write_arrays(folder / f"{source}.labels.npz", table)


def is_prepared(folder: Path, source: str) -> bool:
    """Say whether `save_pool` wrote the photographs of that source."""
    return (folder / f"{source}.labels.npz").is_file()


def load_pool(folder: Path, source: str) -> Pool:
    """Open the photographs of one source that `save_pool` wrote."""
    with np.load(folder / f"{source}.labels.npz") as stored:
        faces = np.cumsum(stored["face_counts"])[:-1]
        regions = np.cumsum(stored["ignored_counts"])[:-1]
        labels = tuple(
            Labels(*parts)
            for parts in zip(
                np.split(stored["boxes"], faces),
                np.split(stored["landmarks"], faces),
                np.split(stored["ignored"], regions),
                strict=True,
            )
        )
        offsets, shapes = stored["offsets"], stored["shapes"]
    pixels = np.load(folder / f"{source}.pixels.npy", mmap_mode="r")
    return Pool(pixels, offsets, shapes, labels)
