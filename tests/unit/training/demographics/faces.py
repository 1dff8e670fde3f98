"""Tiny synthetic faces with labels that can be learnt: women are bright, the old are blue."""

import numpy as np

from training.data.faces import CACHED_SIZE_PX
from training.data.framed import FramedFaces
from training.demographics.config import RunConfig
from training.demographics.network import NetworkOptions


def synthetic_faces(count: int = 48) -> FramedFaces:
    random = np.random.default_rng(3)
    female, age_years = random.integers(0, 2, count), random.choice([5, 30, 70], count)
    images = random.integers(0, 40, (count, CACHED_SIZE_PX, CACHED_SIZE_PX, 3)).astype(np.uint8)
    images += (female * 90).astype(np.uint8)[:, None, None, None]
    images[..., 0] += (age_years * 1.5).astype(np.uint8)[:, None, None]
    names = np.array([f"face-{row}" for row in range(count)])
    ages = age_years.astype(np.int16)
    return FramedFaces(names, names, ages, ages, female.astype(np.int16), np.array([""] * count), images)


def tiny_config(epochs: int = 4) -> RunConfig:
    return RunConfig(
        sets=("tiny",), shares=(1.0,), sizes_px=(32,), epochs=(epochs,), batch=16, warmup_steps=2, held_out=0.2,
        calibration=0.1, validate_every=2,
        network=NetworkOptions(stem=8, widths=(8, 16), depths=(1, 2)),
    )  # fmt: skip
