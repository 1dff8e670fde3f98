"""Judgements of validation faces are those of the reference, on whatever processor this runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from footfall.types import FloatArray, ImageArray
from inference.attributes import AttributeModel
from inference.manifest import resolve_model
from inference.session import OnnxModel
from tests.missing import missing
from training.data.archive import data_directory
from training.data.utkface import read_utkface

EVERY = 8
YEARS, POINTS = 0.1, 0.1


@pytest.fixture(scope="module")
def faces() -> ImageArray:
    """Every eighth validation face, uint8 (N, 200, 200, 3) BGR."""
    archive: Path = data_directory() / "utkface-val.tar"
    if not archive.exists():
        missing(f"{archive} is missing; put the data beside the checkout or name its folder in FOOTFALL_DATA")
    return np.stack([face.image for face in read_utkface((archive,))][::EVERY])


def judged(faces: ImageArray, *, optimised: bool) -> tuple[FloatArray, FloatArray]:
    """Return expected ages in years and probabilities of being female in points."""
    model = AttributeModel(OnnxModel(resolve_model("built-in", "demographics"), optimised=optimised))
    said = model.predict_aligned(faces)
    return np.array([one.age_years for one in said]), np.array([100 * one.p_female for one in said])


def test_no_face_is_another_person_than_the_reference_says(faces: ImageArray) -> None:
    assert len(faces) > 250
    years, points = judged(faces, optimised=True)
    reference_years, reference_points = judged(faces, optimised=False)
    apart_years, apart_points = np.abs(years - reference_years), np.abs(points - reference_points)
    assert apart_years.max() < YEARS
    assert apart_points.mean() < POINTS
    unsure = np.abs(reference_points - 50) < 1.0  # half a last bit may decide where the network itself does not
    np.testing.assert_array_equal((points > 50)[~unsure], (reference_points > 50)[~unsure])
