"""The judgement of a visit from several faces."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.types import Attributes, Gender
from tests.unit.tracking.steps import at
from tracking.ages import age_group_label, age_group_mass, likeliest_age_group, per_mille
from tracking.fusion import BestFaces, FaceSample, JudgementOptions, judge

OPTIONS = JudgementOptions()
STARTS = OPTIONS.age_group_starts


def sample(p_female: float = 0.9, age: int = 30, quality: float = 0.8, face_px: float = 60.0) -> FaceSample:
    """Return one face that is judged to be of exactly one age."""
    certain = np.zeros(101, np.float32)
    certain[age] = 1.0
    return FaceSample(Attributes(p_female, float(age), certain, quality), face_px)


@pytest.mark.parametrize(
    ("age", "label"),
    [
        (0, "0-12"),
        (12.9, "0-12"),
        (13, "13-17"),
        (17.99, "13-17"),
        (18, "18-24"),
        (64.5, "55-64"),
        (65, "65+"),
        (100, "65+"),
    ],
)
def test_an_age_belongs_to_the_group_it_has_reached(age: float, label: str) -> None:
    assert age_group_label(age, STARTS) == label


def test_one_group_holds_everybody() -> None:
    assert age_group_label(40, (0,)) == "0+"
    with pytest.raises(ValueError, match="below the first"):
        age_group_label(4, (10, 20))


@given(st.floats(0, 110), st.floats(0, 110))
def test_older_people_are_never_in_a_younger_group(age: float, other: float) -> None:
    labels = [age_group_label(start, STARTS) for start in STARTS]
    younger, older = sorted((age, other))
    assert labels.index(age_group_label(younger, STARTS)) <= labels.index(age_group_label(older, STARTS))


def test_distributions_are_averaged_by_quality() -> None:
    result = judge([sample(0.9, 30, quality=0.75), sample(0.5, 50, quality=0.25)], OPTIONS)
    assert result.p_female == pytest.approx(0.8)
    assert result.age_years == pytest.approx(35)
    assert (result.gender, result.age_group, result.samples) == (Gender.FEMALE, "25-34", 2)
    assert result.quality == pytest.approx(0.5)


def spread(**shares: float) -> FaceSample:
    """Return one face whose age is doubtful: shares of a whole by age, like y30=0.5."""
    ages = np.zeros(101, np.float32)
    for year, share in shares.items():
        ages[int(year[1:])] = share
    return FaceSample(Attributes(0.9, float(ages @ np.arange(101)), ages, 0.8), 60.0)


def test_the_old_are_not_pulled_to_the_middle_by_a_doubt() -> None:
    face = spread(y70=0.6, y40=0.4)
    result = judge([face, face], OPTIONS)
    assert result.age_years == pytest.approx(58)
    assert result.age_group == "65+"


def test_the_faces_of_a_visit_are_added_up_before_the_group_is_chosen() -> None:
    faces = [spread(y20=0.4, y30=0.35, y40=0.25), spread(y40=0.4, y30=0.35, y20=0.25)]
    assert [judge([face], OPTIONS).age_group for face in faces] == ["18-24", "35-44"]
    assert judge(faces, OPTIONS).age_group == "25-34"


def test_a_child_whom_a_doubt_makes_older_on_average_has_no_gender() -> None:
    result = judge([spread(y8=0.7, y40=0.3)], OPTIONS)
    assert (result.gender, result.p_female, result.age_group) == (Gender.UNKNOWN, None, "0-12")


def test_of_two_groups_alike_the_younger_one_is_taken_and_no_age_may_lie_below_the_first() -> None:
    years, halves = np.array([20.0, 30.0]), np.array([0.5, 0.5])
    assert likeliest_age_group(age_group_mass(years, halves, STARTS), STARTS) == "18-24"
    with pytest.raises(ValueError, match="below the first"):
        age_group_mass(years, halves, (25, 35))


def test_a_visit_keeps_how_likely_each_age_group_is() -> None:
    result = judge([sample(age=30, quality=0.75), sample(age=50, quality=0.25)], OPTIONS)
    assert result.age_shares == (0, 0, 0, 750, 0, 250, 0, 0)
    assert judge([sample(face_px=28)], OPTIONS).age_shares is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12).filter(lambda masses: sum(masses) > 1e-6))
def test_shares_per_mille_sum_to_a_thousand_and_are_off_by_less_than_one(masses: list[float]) -> None:
    shares = per_mille(np.array(masses))
    assert sum(shares) == 1000
    exact = 1000 * np.array(masses) / sum(masses)
    assert np.abs(np.array(shares) - exact).max() < 1 + 1e-6


def test_one_sure_face_outweighs_the_vote_of_two_doubtful_ones() -> None:
    faces = [sample(p_female=0.02), sample(p_female=0.55), sample(p_female=0.55)]
    assert judge(faces, OPTIONS).gender is Gender.MALE


def test_what_a_network_was_not_taught_stays_unknown() -> None:
    nothing = np.full(101, np.nan, np.float32)
    gender_only = FaceSample(Attributes(0.9, float("nan"), nothing, 0.8), 60.0)
    judgement = judge([gender_only, gender_only], OPTIONS)
    assert (judgement.gender, judgement.age_group, judgement.age_years) == (Gender.FEMALE, "unknown", None)
    age_only = FaceSample(replace(sample(age=30).attributes, p_female=float("nan")), 60.0)
    judgement = judge([age_only], OPTIONS)
    assert (judgement.gender, judgement.p_female, judgement.age_group) == (Gender.UNKNOWN, None, "25-34")


def test_no_face_is_unknown() -> None:
    result = judge([], OPTIONS)
    assert (result.gender, result.age_group, result.age_years, result.p_female, result.samples, result.quality) == (
        Gender.UNKNOWN,
        "unknown",
        None,
        None,
        0,
        0.0,
    )


def test_a_face_below_the_floor_of_quality_is_not_used() -> None:
    assert judge([sample(quality=0.2)], OPTIONS).samples == 0
    assert judge([sample(quality=0.2), sample(quality=0.3)], OPTIONS).samples == 1


def test_between_the_two_floors_of_size_gender_is_known_and_age_is_not() -> None:
    result = judge([sample(face_px=28)], OPTIONS)
    assert (result.gender, result.age_group, result.age_years) == (Gender.FEMALE, "unknown", None)
    assert judge([sample(face_px=23)], OPTIONS).samples == 0


def test_age_rests_on_large_faces_only_where_there_are_some() -> None:
    assert judge([sample(age=60, face_px=28), sample(age=30, face_px=40)], OPTIONS).age_years == pytest.approx(30)


def test_a_child_has_no_gender() -> None:
    result = judge([sample(0.99, age=9)], OPTIONS)
    assert (result.gender, result.p_female, result.age_group) == (Gender.UNKNOWN, None, "0-12")


def test_a_child_too_far_away_for_an_age_has_no_gender_either() -> None:
    result = judge([sample(0.99, age=9, face_px=28)], OPTIONS)
    assert (result.gender, result.p_female, result.age_group) == (Gender.UNKNOWN, None, "unknown")


def test_gender_of_children_can_be_switched_on() -> None:
    assert judge([sample(0.99, age=9)], replace(OPTIONS, gender_from_age_years=0)).gender is Gender.FEMALE


@pytest.mark.parametrize(
    ("p_female", "gender"), [(0.59, "unknown"), (0.41, "unknown"), (0.61, "female"), (0.39, "male")]
)
def test_doubtful_gender_is_unknown_but_the_probability_is_kept(p_female: float, gender: str) -> None:
    result = judge([sample(p_female)], OPTIONS)
    assert result.gender == gender
    assert result.p_female == pytest.approx(p_female)


@given(st.permutations([sample(0.9, 30, 0.9), sample(0.3, 20, 0.5), sample(0.7, 60, 0.4, 28.0)]))
def test_the_order_of_faces_changes_nothing(faces: list[FaceSample]) -> None:
    expected = judge([sample(0.9, 30, 0.9), sample(0.3, 20, 0.5), sample(0.7, 60, 0.4, 28.0)], OPTIONS)
    result = judge(faces, OPTIONS)
    assert result.p_female == pytest.approx(expected.p_female)
    assert result.age_years == pytest.approx(expected.age_years)


def runs(qualities: list[float], fps: float = 10.0, options: JudgementOptions = OPTIONS) -> tuple[BestFaces, list[int]]:
    """Return the faces kept of a person with these qualities, and the frames in which the network ran."""
    faces, used = BestFaces(options), []
    for index, quality in enumerate(qualities):
        if faces.wants(quality, 60.0, at(index / fps)):
            faces.add(sample(quality=quality, age=20 + index % 50))
            used.append(index)
    return faces, used


def test_a_visit_costs_few_runs_however_long_it_is() -> None:
    _, used = runs([0.8] * 600)
    assert len(used) == OPTIONS.faces_per_visit


def test_better_faces_replace_worse_ones_within_twice_the_budget() -> None:
    faces, used = runs([min(0.3 * 1.1**index, 1.0) for index in range(60)])
    assert OPTIONS.faces_per_visit < len(used) <= 2 * OPTIONS.faces_per_visit
    assert faces.judge().samples == OPTIONS.faces_per_visit
    assert faces.judge().quality > 0.6


def test_neighbouring_frames_are_not_both_judged() -> None:
    _, used = runs([0.8] * 30, fps=30)
    assert min(later - earlier for earlier, later in pairwise(used)) >= 5


def test_faces_below_the_floors_cost_no_run() -> None:
    faces = BestFaces(OPTIONS)
    assert not faces.wants(0.2, 60.0, at(0))
    assert not faces.wants(0.9, 20.0, at(0))
    assert faces.wants(0.9, 30.0, at(0))
