"""In a crowd an audit does not take who was missed for counted: the interval of the recall holds what is true."""

from __future__ import annotations

import numpy as np

from analytics.audits import recall_of, wilson
from benchmarks.audits import MISTAKES, RECALL, one_audit

AUDITS = 12


def test_in_a_crowd_the_interval_holds_what_pairing_alone_does_not() -> None:
    rng = np.random.default_rng(3)
    tallies = [one_audit(rng, 30)[0] for _ in range(AUDITS)]
    rates = [rate for rate in map(recall_of, tallies) if rate is not None]
    assert len(rates) >= AUDITS - 2
    assert sum(rate.low <= RECALL <= rate.high for rate in rates) >= len(rates) - 1
    assert abs(np.mean([rate.estimate for rate in rates]) - RECALL) < 0.012
    paired = [wilson(tally.matched, tally.tapped) for tally in tallies]
    assert sum(rate.low <= RECALL <= rate.high for rate in paired) < AUDITS - 4


def test_of_wrong_taps_some_are_missing_and_some_are_twice() -> None:
    rng = np.random.default_rng(3)
    careful, hasty = (one_audit(rng, 12, share)[0] for share in (0.0, 20 * MISTAKES))
    assert careful.missed + careful.false < (hasty.missed + hasty.false) / 2
