"""Observed shares never look better than they are."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics.completeness import completeness, is_complete, observed_share


@pytest.mark.parametrize(
    ("seen", "opened", "share", "complete"),
    [
        (36_000.0, 36_000.0, 1.0, True),
        (sum([0.1] * 36_000) * 10, 36_000.0, 1.0, True),  # the noise of adding up is not a gap
        (35_999.0, 36_000.0, 0.9999, True),
        (35_640.0, 36_000.0, 0.99, True),
        (35_639.0, 36_000.0, 0.9899, False),
        (0.0, 36_000.0, 0.0, False),
        (0.0, 0.0, None, True),
        (40_000.0, 36_000.0, 1.0, True),
    ],
)
def test_a_share_is_cut_and_judged(seen: float, opened: float, share: float | None, complete: bool) -> None:
    assert observed_share(seen, opened) == share
    assert is_complete(share) is complete


def test_a_place_weighs_its_cameras_by_their_opening_time() -> None:
    observation = pd.DataFrame(
        {"site": ["a", "a", "b"], "open_s": [3600.0, 7200.0, 0.0], "observed_open_s": [3600.0, 0.0, 0.0]}
    )
    found = completeness(observation, ["site"])
    assert found["observed_share"].fillna(-1).tolist() == [0.3333, -1]
    assert found["complete"].tolist() == [False, True]
