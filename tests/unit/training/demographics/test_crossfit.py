"""Heads judge faces from what large networks see in them, and never a face that they learnt from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from footfall.errors import ConfigError, DataError
from footfall.types import FloatArray, ImageArray
from tests.unit.training.demographics.faces import synthetic_faces, tiny_config
from training.data.faces import held_out
from training.data.framed import FramedFaces
from training.demographics.crossfit import FitOptions, cross_fitted, held_back_figures
from training.demographics.experts import Expert, Features, described, kept_description, side_by_side
from training.demographics.train import train

OPTIONS = FitOptions(parts=3, hidden=32, epochs=20, batch=16, learning_rate=1e-2)
ASIDE = 0.2


def telling(faces: FramedFaces, width: int = 12) -> Features:
    """Return descriptions of which two numbers tell gender and age, and the others nothing."""
    noise = np.random.default_rng(5).standard_normal((len(faces), width))
    noise[:, 0] += 6.0 * faces.female
    noise[:, 1] += 0.2 * faces.youngest_years
    return noise.astype(np.float16)


def right_genders(p_female: FloatArray, faces: FramedFaces) -> float:
    return float(((p_female > 0.5) == (faces.female == 1)).mean())


def test_heads_judge_faces_of_several_sets() -> None:
    one, other = synthetic_faces(300), synthetic_faces(200)
    unknown = replace(other, youngest_years=np.full(200, -1, np.int16), oldest_years=np.full(200, -1, np.int16))
    said = cross_fitted([one, unknown], [telling(one), telling(other)], ASIDE, OPTIONS)
    assert [len(words.p_female) for words in said] == [300, 200]
    for words, faces in zip(said, (one, other), strict=True):
        assert right_genders(words.p_female, faces) > 0.93
        years = words.ages @ np.arange(101)
        assert np.abs(years - faces.youngest_years).mean() < 12
        assert words.features.shape == (len(faces), OPTIONS.hidden)
    held_back = held_back_figures(said[0], one, ASIDE)
    assert held_back["gender"] > 0.9 and held_back["mae_years"] < 12


def test_no_face_is_judged_by_a_head_that_learnt_from_it_or_from_its_group() -> None:
    faces = synthetic_faces(240)
    groups = np.array([f"person-{row // 4}" for row in range(240)])
    female, ages = (np.repeat(values[::4], 4) for values in (faces.female, faces.youngest_years))
    people = replace(faces, groups=groups, female=female, youngest_years=ages, oldest_years=ages)
    # Four faces of a person look the same, and nothing in them tells gender or age.
    nothing = np.repeat(np.random.default_rng(7).standard_normal((60, 400)), 4, axis=0).astype(np.float16)
    [said] = cross_fitted([people], [nothing], ASIDE, replace(OPTIONS, epochs=30))
    # From a head that learnt from them all would be right, and the years as well.
    assert abs(right_genders(said.p_female, people) - 0.5) < 0.2
    assert np.abs(said.ages @ np.arange(101) - ages).mean() > 15
    aside = held_out(groups, ASIDE)
    assert 30 < aside.sum() < 90
    assert abs(right_genders(said.p_female[aside], people.select(np.flatnonzero(aside))) - 0.5) < 0.3
    assert np.abs(said.ages @ np.arange(101) - ages)[aside].mean() > 15


def test_the_same_is_said_whenever_it_is_asked() -> None:
    faces = synthetic_faces(60)
    first, second = (cross_fitted([faces], [telling(faces)], ASIDE, OPTIONS)[0] for _ in range(2))
    np.testing.assert_array_equal(first.p_female, second.p_female)


def expert(describe: Callable[[ImageArray], FloatArray]) -> Expert:
    return Expert("brightness", 16, 1.4, describe)


def test_experts_describe_every_face_once(tmp_path: Path) -> None:
    faces, shown = synthetic_faces(40), []

    def brightness(pictures: ImageArray) -> FloatArray:
        shown.append(pictures.shape)
        return np.asarray(pictures.mean((1, 2)), np.float32)

    path = tmp_path / "brightness-tiny.npz"
    first = kept_description(expert(brightness), faces, path)
    assert shown == [(32, 16, 16, 3), (8, 16, 16, 3)]
    again = kept_description(expert(brightness), faces, path)
    assert len(shown) == 2
    np.testing.assert_array_equal(first, again)
    assert right_genders((first[:, 1] > 60).astype(np.float32), faces) == 1.0
    assert side_by_side([first, described(expert(brightness), faces)[:, :1]]).shape == (40, 4)
    with pytest.raises(DataError, match="describes other faces"):
        kept_description(expert(brightness), synthetic_faces(48), path)


def test_a_network_that_cannot_describe_as_its_teacher_is_refused(tmp_path: Path) -> None:
    faces = synthetic_faces()
    [said] = cross_fitted([faces], [telling(faces)], ASIDE, OPTIONS)
    with pytest.raises(ConfigError, match=r"set described = 32 in \[network\]"):
        train(tiny_config(), [faces], tmp_path, said=[said])


def test_too_few_faces_for_the_parts_are_refused() -> None:
    faces = synthetic_faces(2)
    with pytest.raises(DataError, match="too few faces to fit heads to 3 parts"):
        cross_fitted([faces], [telling(faces)], 0.0, OPTIONS)
