"""What the settings of one part mean for another."""

from __future__ import annotations

import pytest

from app.compose import looking_options, tracker_options
from footfall.config import Config


@pytest.mark.parametrize("sure_score", [0.25, 0.5, 0.85, 0.9, 0.95])
def test_a_narrow_look_makes_no_face_sure_and_loses_nobody_whatever_is_called_sure(sure_score: float) -> None:
    config = Config.model_validate({"visits": {"sure_score": sure_score}})
    told = tracker_options(config)
    assert told.low_score <= looking_options(config).narrow_score < told.sure_score
