"""What is printed of unique visitors is what the report and the pages say."""

from __future__ import annotations

from datetime import date

import pytest

from app.cli.counted import print_unique
from tests.integration.conftest import part


def test_unique_visitors_are_printed_in_whole_people_whose_range_holds_all_of_the_interval(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_unique([part(date(2026, 3, 2), arrivals=100, staff=4, unique=80.5, low=75.6, high=84.2)])
    assert "100 came in, 81 unique (75 to 85), 4 arrivals of staff" in capsys.readouterr().out
