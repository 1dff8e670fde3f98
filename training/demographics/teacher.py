"""A large network that teaches the small one: dlib's, which knows three million faces, trained on to judge them.

Distillation after Hinton, Vinyals and Dean (2015); features as hints after Romero et al. (FitNets, ICLR 2015).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from footfall.errors import ConfigError, DataError
from footfall.types import FloatArray
from training.arrays import write_arrays
from training.data.faces import batches
from training.data.framed import FramedFaces, framed
from training.demographics.network import AGE_BINS, JudgingNetwork, NetworkOutput, age_head, to_input
from training.dlib_network import FEATURES, DlibTrunk, load_dlib

BATCH = 64


class DemographicsTeacher(JudgingNetwork):
    """dlib's face network without its last layer, and heads of ours; the description is its features."""

    trunk: DlibTrunk

    def __init__(self, dropout: float, trunk: DlibTrunk | None = None) -> None:
        super().__init__()
        self.trunk = trunk or DlibTrunk()
        self.dropout = nn.Dropout(dropout)
        self.age = age_head(FEATURES)
        self.gender = nn.Linear(FEATURES, 1)

    def forward(self, faces: Tensor) -> NetworkOutput:
        features = self.trunk(faces * 127.5 + 127.5)
        kept = self.dropout(features)
        return NetworkOutput(self.age(kept), self.gender(kept)[:, 0], features)


def untaught_teacher(dropout: float) -> DemographicsTeacher:
    """Return the teacher before it has judged a face; raises DataError where dlib's weights are missing."""
    return DemographicsTeacher(dropout, load_dlib().trunk)


@dataclass(frozen=True, slots=True)
class Said:
    """What a teacher says of N faces: `ages` (N, 101), `p_female` (N,) and `features` (N, D), all float32."""

    ages: FloatArray
    p_female: FloatArray
    features: FloatArray


@torch.no_grad()
def ask(teacher: DemographicsTeacher, faces: FramedFaces, size_px: int, frame: float) -> Said:
    """Return what the teacher says of cached `faces` and of their mirror images, averaged, in bfloat16."""
    teacher.eval()
    ages, female, features = (np.zeros((len(faces), size), np.float32) for size in (AGE_BINS, 1, FEATURES))
    for part in batches(len(faces), BATCH):
        seen = to_input(torch.from_numpy(framed(faces.images[part], size_px, frame)))
        for look in (seen, seen.flip(3)):
            with torch.autocast("cpu", torch.bfloat16):
                output = NetworkOutput(*(value.float() for value in teacher(look)))
            ages[part] += 0.5 * functional.softmax(output.age, 1).numpy()
            female[part, 0] += 0.5 * torch.sigmoid(output.gender).numpy()
            features[part] += 0.5 * output.description.numpy()
    return Said(ages, female[:, 0], features)


def write_said(said: Said, path: Path, faces: FramedFaces, only_for: str = "") -> None:
    """Keep what a teacher said of `faces`, in half precision; only the training `only_for` may learn it, if given."""
    parts = {part.name: getattr(said, part.name).astype(np.float16) for part in fields(said)}
    write_arrays(path, {**parts, "about": faces.fingerprint(), "only_for": only_for})


def read_said(path: Path, faces: FramedFaces, learner: str) -> Said:
    """Return what `write_said` wrote of `faces` for the training called `learner`.

    Raises:
        DataError: there is no such file, or it is about other faces.
        ConfigError: it is for another training alone.
    """
    if not path.exists():
        raise DataError(f"no {path}; let the teacher say it with `python -m training demographics ask` or `consult`")
    with np.load(path) as stored:
        if str(stored["about"]) != faces.fingerprint():
            raise DataError(f"{path} is about other faces: let the teacher say it again")
        only_for = str(stored["only_for"])
        if only_for not in ("", learner):
            raise ConfigError(
                f"{path} comes from networks that only {only_for!r} may learn from, not {learner!r}: give its --config"
            )
        return Said(*(stored[part.name].astype(np.float32) for part in fields(Said)))
