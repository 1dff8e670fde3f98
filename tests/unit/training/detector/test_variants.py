"""Each detector is trained on its own photographs, and on no others that lie beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from footfall.errors import ConfigError, DataError
from inference.manifest import packaged_model
from training.detector.agree import crowd_set
from training.detector.cli import known_variant, prepare
from training.detector.compose import Composer
from training.detector.looks import store_looks
from training.detector.pool import MASK, load_pool

from .scenes import write_pools
from .test_crowds import FACES, HEADS, OneFace, write_set

PORTRAITS = crowd_set("fairface")


def mask_photographs(folder: Path) -> Path:
    """Return a folder of pools that has mask photographs alone."""
    write_pools(folder)
    for source in ("lfw", "utkface"):
        for file in folder.glob(f"{source}.*"):
            file.unlink()
    return folder


def test_the_free_detector_is_prepared_without_sets_that_may_not_be_sold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTFALL_WILD", str(tmp_path / "wild"))
    monkeypatch.setenv("FOOTFALL_DATA", str(tmp_path / "nothing"))  # neither LFW nor UTKFace is asked for
    write_set(tmp_path / "wild", HEADS, [10] * 24, ["<annotation></annotation>"] * 24)
    write_set(tmp_path / "wild", FACES, list(range(0, 240, 10)), ["0 0.375 0.667 0.25 0.444"] * 24)
    mask_photographs(tmp_path / "runs" / "pools")
    prepare("free", tmp_path / "runs", packaged_model("detector"))
    assert [path.stem for path in (tmp_path / "runs" / "looks").glob("*.npz")] == [FACES.name]


def test_portraits_stand_in_for_faces_that_are_not_prepared(tmp_path: Path) -> None:
    pools, looks = mask_photographs(tmp_path / "pools"), tmp_path / "looks"
    with pytest.raises(DataError, match="LFW and UTKFace, or portraits"):
        Composer.open(pools, 160, looks=looks)
    write_set(tmp_path / "wild", PORTRAITS, list(range(0, 240, 10)), [""] * 24)
    store_looks(PORTRAITS, tmp_path / "wild", looks, OneFace(), OneFace())
    composer = Composer.open(pools, 160, looks=looks)
    drawn = [composer.draw(np.random.default_rng(seed)) for seed in range(12)]
    assert sum(len(sample.labels.boxes) for sample in drawn) > 12
    shown = composer.photographs()
    assert sum(len(pool) for pool in shown) == len(load_pool(pools, MASK)) + len(composer.portraits or ())


def test_an_unknown_detector_is_named() -> None:
    with pytest.raises(ConfigError, match="no detector 'fre' is trained here; there are built-in, free"):
        known_variant("fre")
