"""Tiny synthetic faces with labels that can be learnt: women are bright, the old are blue."""

import numpy as np

from training.data.faces import CACHED_SIZE_PX, UNKNOWN, UTKFACE_LANDMARKS, LabelledFaces
from training.demographics.config import RunConfig
from training.demographics.network import NetworkOptions


def synthetic_faces(count: int = 48) -> LabelledFaces:
    random = np.random.default_rng(3)
    female, age_years = random.integers(0, 2, count), random.choice([5, 30, 70], count)
    images = random.integers(0, 40, (count, CACHED_SIZE_PX, CACHED_SIZE_PX, 3)).astype(np.uint8)
    images += (female * 90).astype(np.uint8)[:, None, None, None]
    images[..., 0] += (age_years * 1.5).astype(np.uint8)[:, None, None]
    return LabelledFaces(
        names=np.array([f"face-{row}" for row in range(count)]),
        groups=np.array([f"group-{row}" for row in range(count)]),
        age_years=age_years.astype(np.int16),
        female=female.astype(np.int16),
        race=np.full(count, UNKNOWN, np.int16),
        landmarks=np.tile(UTKFACE_LANDMARKS, (count, 1, 1)),
        images=images,
    )


def tiny_config(epochs: int = 4) -> RunConfig:
    network = NetworkOptions(stem=8, widths=(8, 16), depths=(1, 2))
    return RunConfig(
        sizes_px=(32,), epochs=(epochs,), batch=16, warmup_steps=2, held_out=0.2, validate_every=2, network=network
    )
