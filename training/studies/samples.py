"""Faces and targets of one study run, in memory: small pictures, so that an epoch is arithmetic only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from footfall.errors import DataError
from footfall.types import ImageArray
from training.data.faces import LabelledFaces, held_out
from training.studies.binnings import Binning
from training.studies.config import StudyConfig


@dataclass(frozen=True, slots=True)
class Samples:
    """Pictures uint8 (N, S, S, C), ages in years and gender of each; an unknown label is -1."""

    pictures: ImageArray
    age_years: npt.NDArray[np.int16]
    female: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.age_years)

    def batch(self, rows: npt.NDArray[np.intp]) -> Tensor:
        """Return the pictures of `rows` as float32 (B, C, S, S) in [0, 1]."""
        return torch.from_numpy(self.pictures[rows]).permute(0, 3, 1, 2).float() / 255.0


def samples_of(faces: LabelledFaces, config: StudyConfig) -> Samples:
    """Return the faces that `config` wants, at its size and in its colours.

    Raises:
        DataError: none is left.
    """
    wanted = np.ones(len(faces), bool)
    if config.task != "gender":
        wanted &= (faces.age_years >= config.youngest_years) & (faces.age_years <= config.oldest_years)
        wanted &= faces.age_years >= 0
    if config.task != "age":
        wanted &= faces.female >= 0
    rows = np.flatnonzero(wanted)
    if config.faces:
        rows = np.sort(np.random.default_rng(config.seed).permutation(rows)[: config.faces])
    if not len(rows):
        raise DataError(f"study {config.name}: no face has the labels and ages that it wants")
    pictures = np.stack([_picture(faces.images[row], config) for row in rows])
    return Samples(pictures, faces.age_years[rows], faces.female[rows])


def split(faces: LabelledFaces, config: StudyConfig) -> tuple[Samples, Samples]:
    """Return samples to learn from and held-out ones to stop by; pictures of one group stay on one side."""
    aside = held_out(faces.groups, config.validation_share)
    return tuple(  # type: ignore[return-value]
        samples_of(faces.select(np.flatnonzero(part)), config) for part in (~aside, aside)
    )


@dataclass(frozen=True, slots=True)
class Targets:
    """What a batch should come out as; None where the task does not ask for it."""

    age: Tensor | None
    female: Tensor | None


def targets(samples: Samples, rows: npt.NDArray[np.intp], config: StudyConfig, binning: Binning | None) -> Targets:
    """Return age classes int64 (B,) (or years float32 (B,) in a regression) and gender float32 (B,) of `rows`."""
    age = None
    if config.task != "gender":
        years = samples.age_years[rows]
        age = torch.from_numpy(years.astype(np.float32) if binning is None else binning.classes(years))
    female = None if config.task == "age" else torch.from_numpy(samples.female[rows].astype(np.float32))
    return Targets(age, female)


def shuffled_batches(count: int, size: int, generator: np.random.Generator) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the positions 0 to count - 1 in random order, `size` at a time; a last one of a single face is left out.

    Batch norm cannot learn from one face.
    """
    order = generator.permutation(count)
    for first in range(0, count, size):
        rows = order[first : first + size]
        if len(rows) > 1:
            yield rows


def mirrored(batch: Tensor, generator: np.random.Generator) -> Tensor:
    """Return the batch with about half of its pictures mirrored."""
    chosen = torch.from_numpy(generator.random(len(batch)) < 0.5)
    return torch.where(chosen[:, None, None, None], batch.flip(3), batch)


def _picture(image: ImageArray, config: StudyConfig) -> ImageArray:
    side = (config.input_px, config.input_px)
    area = cv2.INTER_AREA if config.input_px < image.shape[0] else cv2.INTER_LINEAR
    small = cv2.resize(np.asarray(image), side, interpolation=area)
    if not config.colour:
        small = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)[:, :, None]
    return np.asarray(small, np.uint8)
