"""The calibration that ships: read from its file, bounded, and never surer of one person as scores fall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.errors import ModelError
from reid.pair_model import LEAST, Cue, load_pair_model
from reid.site import fit_site

MODEL = load_pair_model()


@pytest.mark.parametrize("cue", [MODEL.faces, MODEL.clothes])
@given(factor=st.floats(0.7, 1.7), shift=st.floats(-0.5, 0.5))
def test_ratios_rise_with_the_score_and_are_bounded(cue: Cue, factor: float, shift: float) -> None:
    ratios = np.log(cue.ratios(factor, shift))
    assert (np.diff(ratios) >= 0).all()
    assert ratios[0] >= LEAST - 1e-5
    assert ratios[-1] <= cue.most + 1e-5


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.4])
def test_how_far_the_tail_of_a_site_reaches_is_found_from_its_pairs(factor: float) -> None:
    cue = MODEL.faces
    strangers, same = 1_000_000 * cue.stretched(factor) * cue.step, 300 * cue.same * cue.step
    site = fit_site(cue, strangers + same, 1400)
    assert site.factor == pytest.approx(factor, rel=0.05)
    assert site.share == pytest.approx(300 / 1_000_300, rel=0.25)


def test_a_file_that_is_no_calibration_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "pairs.json"
    damaged.write_text('{"version": "1"}', encoding="utf-8")
    with pytest.raises(ModelError, match="calibration"):
        load_pair_model(damaged)
    with pytest.raises(ModelError, match="reinstall"):
        load_pair_model(tmp_path / "absent.json")
