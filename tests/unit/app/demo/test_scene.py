"""The sample scene: the same options give the same scene, and the truth is what the pictures show."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from app.demo.faces import ASSETS, ATLAS_NAME, LABELS_NAME, load_faces
from app.demo.scene import (
    SceneOptions,
    SceneTruth,
    people_who_came_in,
    plan,
    render,
    render_frames,
    settings_text,
)
from app.demo.walks import plan_walkers
from footfall.config import load_config
from footfall.errors import ConfigError, ModelError, SourceError
from footfall.types import Direction, Gender, ImageArray
from inference import load_detector

SMALL = SceneOptions(people=3, people_per_minute=60, size=(640, 360), fps=5)


def digest(options: SceneOptions, count: int = 8) -> str:
    sha = hashlib.sha256()
    for planes in render_frames(options, count):
        sha.update(planes.tobytes())
    return sha.hexdigest()


def picture(options: SceneOptions, frame: int) -> ImageArray:
    *_, planes = render_frames(options, frame + 1)
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), np.uint8)


def test_the_same_options_give_the_same_scene() -> None:
    assert plan(SMALL) == plan(SMALL)
    assert digest(SMALL) == digest(SMALL)


def test_another_seed_gives_other_people() -> None:
    other = dataclasses.replace(SMALL, seed=2)
    assert plan(other).people != plan(SMALL).people
    assert digest(other) != digest(SMALL)


def test_people_of_an_earlier_scene_come_again_and_are_known_by_name() -> None:
    earlier = SceneOptions(people=40, seed=3, fps=5)
    later = plan(SceneOptions(people=40, seed=4, fps=5, earlier=earlier, again_share=0.4))
    before = {person.person: person for person in plan(earlier).people}
    again = [person for person in later.people if person.person in before]
    assert len(again) == len({person.person for person in again}) == 16
    for person in again:
        known = before[person.person]
        assert (person.gender, person.age_years) == (known.gender, known.age_years)
    both = [plan(earlier), later]
    came_in = [person.person for scene in both for person in scene.people if person.direction is Direction.IN]
    assert people_who_came_in(both) == len(set(came_in)) < len(came_in)


def test_nobody_else_of_the_later_scene_wears_a_face_of_the_earlier() -> None:
    earlier = SceneOptions(people=60, seed=3)
    labels = load_faces().labels
    before = {walker.person: walker for walker in plan_walkers(earlier, labels)}
    later = plan_walkers(SceneOptions(people=60, seed=4, earlier=earlier, again_share=0.25), labels)
    worn = {walker.face for walker in before.values()}
    facing = [walker for walker in later if walker.shows_face]
    strangers = [walker for walker in facing if walker.person not in before]
    assert len(strangers) == 45
    assert not worn & {walker.face for walker in strangers}
    for walker in facing:
        if walker.person in before:
            assert (walker.face, walker.look_seed) == (before[walker.person].face, before[walker.person].look_seed)


def test_the_file_is_deterministic_and_has_the_promised_length(tmp_path: Path) -> None:
    options = dataclasses.replace(SMALL, people=1)
    truth = render(options, tmp_path / "first.mp4")
    render(options, tmp_path / "second.mp4")
    assert (tmp_path / "first.mp4").read_bytes() == (tmp_path / "second.mp4").read_bytes()
    with av.open(str(tmp_path / "first.mp4")) as container:
        frames = [frame for frame in container.decode(video=0)]
    assert len(frames) == truth.frames
    assert (frames[0].width, frames[0].height) == (640, 360)


def test_everybody_asked_for_shows_a_face_and_comes_once() -> None:
    truth = plan(SceneOptions(people=60, people_per_minute=40, seed=5, fps=5))
    assert sorted(person.id for person in truth.people) == list(range(60))
    assert truth.from_behind == 9
    assert all(0 <= person.entered_at_s < person.left_at_s < truth.duration_s for person in truth.people)
    assert {person.gender for person in truth.people} == {Gender.FEMALE, Gender.MALE}
    ways = [person.direction for person in truth.people]
    assert ways.count(Direction.IN) > 15 and ways.count(Direction.OUT) > 8 and ways.count(Direction.NONE) <= 3


def test_people_per_minute_sets_how_densely_they_come() -> None:
    sparse = plan(SceneOptions(people=20, people_per_minute=10, fps=4))
    dense = plan(SceneOptions(people=20, people_per_minute=60, fps=4))
    assert sparse.duration_s > 100 > 40 > dense.duration_s


def test_light_and_noise_change_the_picture() -> None:
    calm = dataclasses.replace(SMALL, noise=0)
    bright, dim = picture(calm, 0), picture(dataclasses.replace(calm, light=0.4), 0)
    assert dim.mean() < 0.6 * bright.mean()
    grain = picture(dataclasses.replace(SMALL, noise=8), 0).astype(float) - bright
    assert 5 < grain.std() < 11


def test_the_poster_is_there_only_when_wanted() -> None:
    with_poster, without = plan(SMALL), plan(dataclasses.replace(SMALL, poster=False))
    assert with_poster.poster is not None and without.poster is None
    x1, y1, x2, y2 = (round(value) for value in with_poster.poster)
    shown = picture(SMALL, 0)[y1:y2, x1:x2].astype(float)
    bare = picture(dataclasses.replace(SMALL, poster=False), 0)[y1:y2, x1:x2]
    assert np.abs(shown - bare).mean() > 20


def test_obstacles_hide_faces() -> None:
    options = SceneOptions(people=60, people_per_minute=20, seed=3, fps=4)
    causes = {occlusion.by.split()[0] for occlusion in plan(options).occlusions}
    assert causes == {"column", "plant", "person"}
    without = plan(dataclasses.replace(options, obstacles=False))
    assert {occlusion.by.split()[0] for occlusion in without.occlusions} == {"person"}


def test_a_detector_finds_faces_where_the_truth_says() -> None:
    options = SceneOptions(people=12, people_per_minute=60, seed=4, fps=2)
    truth, detector = plan(options), load_detector()
    found = expected = 0
    for number, planes in enumerate(render_frames(options, truth.frames)):
        boxes = detector.detect(np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), np.uint8)).boxes
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        for face in truth.faces_at(number).values():
            if face.visible > 0.95 and face.box[3] - face.box[1] > 30:
                expected += 1
                x1, y1, x2, y2 = face.box
                inside = (centres[:, 0] > x1) & (centres[:, 0] < x2) & (centres[:, 1] > y1) & (centres[:, 1] < y2)
                found += bool(inside.any())
    assert expected > 50
    assert found >= 0.9 * expected


def test_the_truth_survives_a_file(tmp_path: Path) -> None:
    truth = plan(SMALL)
    truth.save(tmp_path / "truth.json")
    assert SceneTruth.load(tmp_path / "truth.json") == truth


@pytest.mark.parametrize("content", [None, "{", "{}", '{"people": [1]}'])
def test_a_file_that_is_no_truth_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "truth.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=r"truth\.json.*render the scene again"):
        SceneTruth.load(path)


def test_the_settings_are_a_valid_configuration(tmp_path: Path) -> None:
    truth = plan(SMALL)
    path = tmp_path / "footfall.toml"
    path.write_text(settings_text(truth, tmp_path / "scene.mp4"), encoding="utf-8")
    camera = load_config(path).camera("entrance")
    assert camera.line == ((0.5, 0.0), (0.5, 1.0))
    assert truth.poster is not None
    (left, top), _, (right, bottom), _ = camera.ignore[0]
    assert left * 640 < truth.poster[0] and right * 640 > truth.poster[2]
    assert top * 360 < truth.poster[1] and bottom * 360 > truth.poster[3]
    bare = settings_text(plan(dataclasses.replace(SMALL, poster=False)), tmp_path / "scene.mp4")
    assert tomllib.loads(bare)["cameras"]["entrance"]["ignore"] == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"people": 0}, "people"),
        ({"size": (641, 360)}, "size must be even"),
        ({"size": (100, 100)}, "size must lie"),
        ({"light": 0.0}, "light"),
        ({"noise": -1.0}, "noise"),
        ({"fps": 0}, "fps"),
    ],
)
def test_an_option_out_of_range_is_named(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        SceneOptions(**wrong)  # type: ignore[arg-type]


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot write"):
        render(SMALL, tmp_path / "missing" / "scene.mp4")


def test_the_faces_are_small_many_and_balanced() -> None:
    atlas = load_faces()
    women = [label.age_years for label in atlas.labels if label.gender is Gender.FEMALE]
    men = [label.age_years for label in atlas.labels if label.gender is Gender.MALE]
    assert len(women) == len(men) and len(women) + len(men) == len(atlas.tiles) >= 100
    assert min(women + men) < 10 and max(women) > 60 and max(men) > 60

    assert sum(file.stat().st_size for file in ASSETS.iterdir()) < 3_000_000


def test_damaged_assets_are_named(tmp_path: Path) -> None:
    (tmp_path / LABELS_NAME).write_text('{"tile_px": 128, "columns": 12, "faces": []}', encoding="utf-8")
    with pytest.raises(ModelError, match=ATLAS_NAME):
        load_faces(tmp_path)
    (tmp_path / ATLAS_NAME).write_bytes(b"no picture")
    with pytest.raises(ModelError, match="do not fit"):
        load_faces(tmp_path)
