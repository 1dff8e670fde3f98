"""Tiny synthetic people: everybody has a colour, and the teacher's descriptor is that colour."""

import numpy as np

from training.augment import AugmentOptions
from training.data.faces import CACHED_SIZE_PX
from training.data.framed import FramedFaces
from training.embedding.config import EmbeddingConfig
from training.embedding.losses import LossOptions
from training.embedding.network import EmbeddingOptions
from training.embedding.prepare import TaughtFaces

WIDTH = 6


def synthetic_people(people: int = 20, photographs: int = 4) -> TaughtFaces:
    random = np.random.default_rng(3)
    colours = np.repeat(random.integers(0, 200, (people, 3)), photographs, axis=0)
    count = len(colours)
    images = random.integers(0, 40, (count, CACHED_SIZE_PX, CACHED_SIZE_PX, 3)) + colours[:, None, None]
    groups = np.repeat([f"person-{number}" for number in range(people)], photographs)
    nobody = np.full(count, -1, np.int16)
    names = np.array([f"face-{row}" for row in range(count)])
    faces = FramedFaces(names, groups, nobody, nobody, nobody, np.array([""] * count), images.astype(np.uint8))
    looks = (colours - 100.0) / 60 + random.normal(0, 0.05, (2, count, 3))
    descriptors = np.concatenate([np.abs(looks) * 0.5, looks], axis=2).transpose(1, 0, 2).astype(np.float32)
    return TaughtFaces(faces, descriptors)


def tiny_config(epochs: int = 4) -> EmbeddingConfig:
    still = AugmentOptions(colour_probability=0, grey_probability=0, shrink_probability=0.2, erase_probability=0)
    return EmbeddingConfig(
        sets=("lfw",), sizes_px=(32,), epochs=(epochs,), cooldown_epochs=1, batch=16, warmup_steps=2,
        learning_rate=1e-2, ema_decay=0.8, augment=still, loss=LossOptions(strangers=32),
        network=EmbeddingOptions(stem=8, widths=(8, 16), depths=(1, 2), expanded=16, width=WIDTH),
    )  # fmt: skip
