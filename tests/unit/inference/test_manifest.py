"""Model files: listed, added under a name, refused when they are not what was put there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from footfall.errors import ModelError
from inference import load_attributes, load_detector
from inference.manifest import (
    BUILT_IN_DIRECTORY,
    add_model,
    list_models,
    packaged_model,
    record_built_in,
    resolve_model,
    strays,
)

DETECTOR = BUILT_IN_DIRECTORY / "detector.onnx"


@pytest.fixture(autouse=True)
def own_models_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "models"
    monkeypatch.setenv("FOOTFALL_MODELS_DIR", str(directory))
    return directory


def test_the_built_in_models_are_what_was_recorded() -> None:
    built_in = [entry for entry in list_models() if entry.name == "built-in"]
    assert sorted(entry.kind for entry in built_in) == ["demographics", "detector", "embedding"]
    for entry in built_in:
        entry.verify()


def test_the_network_that_may_be_used_commercially_is_chosen_by_its_name() -> None:
    free, built_in = load_attributes("free"), load_attributes()
    assert free.model_version != built_in.model_version
    with pytest.raises(ModelError, match="there already"):
        add_model(BUILT_IN_DIRECTORY / "demographics.onnx", "free", "demographics")


def test_recording_one_packaged_model_keeps_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    shutil.copytree(BUILT_IN_DIRECTORY, package)
    monkeypatch.setattr("inference.manifest.BUILT_IN_DIRECTORY", package)
    before = list_models()
    shutil.copy(packaged_model("demographics"), packaged_model("demographics", "free"))
    record_built_in("demographics", "free")
    after = list_models()
    assert [(entry.kind, entry.name) for entry in after] == [(entry.kind, entry.name) for entry in before]
    changed = [new.name for new, old in zip(after, before, strict=True) if new.sha256 != old.sha256]
    assert changed == ["free"]


def test_an_added_model_is_used_by_its_name() -> None:
    add_model(DETECTOR, "mine", "detector")
    assert load_detector("mine").model_version == load_detector().model_version


def test_a_name_can_be_given_once() -> None:
    add_model(DETECTOR, "mine", "detector")
    with pytest.raises(ModelError, match="there already"):
        add_model(DETECTOR, "mine", "detector")


@pytest.mark.parametrize("name", ["built-in", "../mine", "Mine", ""])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="a-z"):
        add_model(DETECTOR, name, "detector")


def test_a_file_that_changed_after_it_was_added_is_not_loaded() -> None:
    entry = add_model(DETECTOR, "mine", "detector")
    with entry.path.open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ModelError, match="checksum"):
        load_detector("mine")


def test_a_file_that_is_gone_says_so() -> None:
    add_model(DETECTOR, "mine", "detector").path.unlink()
    with pytest.raises(ModelError, match="is gone"):
        resolve_model("mine", "detector")


def test_a_damaged_list_says_what_to_do(own_models_directory: Path) -> None:
    own_models_directory.mkdir()
    (own_models_directory / "manifest.json").write_text("{")
    with pytest.raises(ModelError, match="delete it"):
        list_models()


def test_a_network_without_the_metadata_is_no_demographics_model(tmp_path: Path) -> None:
    path = tmp_path / "other.onnx"
    shutil.copyfile(DETECTOR, path)
    with pytest.raises(ModelError, match="lacks"):
        load_attributes(path)


def test_models_lie_beside_the_settings_and_those_of_an_earlier_version_are_still_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FOOTFALL_MODELS_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    old = add_model(DETECTOR, "old", "detector")  # without any settings file
    assert old.path.is_relative_to(tmp_path / "home")
    monkeypatch.setenv("FOOTFALL_CONFIG", str(tmp_path / "etc" / "footfall.toml"))
    new = add_model(DETECTOR, "new", "detector")
    assert new.path == tmp_path / "etc" / "models" / "new.onnx"
    assert (new.path.stat().st_mode & 0o777, new.path.parent.stat().st_mode & 0o777) == (0o644, 0o755)
    assert strays() == [old]
    assert resolve_model("old", "detector") == old.path
    moved = add_model(old.path, "old", "detector")
    assert moved.path.parent == new.path.parent
    assert strays() == [] and resolve_model("old", "detector") == moved.path


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FOOTFALL_MODELS_DIR", str(tmp_path / "file" / "models"))
    with pytest.raises(ModelError, match=r"cannot be written .*FOOTFALL_MODELS_DIR"):
        add_model(DETECTOR, "mine", "detector")
