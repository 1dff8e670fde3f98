"""What is shown of groups: everything when nothing is to be hidden, and sums that admit what they lack."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from analytics.demographics import released, share_of

STARTS = (0, 18)
HOURS = [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (10, 11)]


def hourly(*rows: tuple[datetime, str, str, int], camera: str = "north") -> pd.DataFrame:
    """Return rows as db.queries.hourly gives them."""
    columns = ["hour_start", "gender", "age_group", "visits"]
    frame = pd.DataFrame(rows, columns=columns).assign(
        site="mall", entrance="North", camera=camera, day=date(2026, 3, 2)
    )
    return frame.astype({"hour_start": "datetime64[us, UTC]"})


def test_without_a_threshold_every_group_is_shown_empty_ones_too() -> None:
    cells = released(hourly((HOURS[0], "female", "18+", 3), (HOURS[1], "female", "18+", 4)), STARTS, 0)
    day = cells[cells["hour_start"].isna()]
    assert len(day) == 9 and len(cells) == 27
    assert day["visits"].sum() == 7 and not cells["visits"].isna().any()
    assert cells[cells["hour_start"] == HOURS[1]]["visits"].sum() == 4


def test_groups_of_earlier_settings_are_shown_too() -> None:
    cells = released(hourly((HOURS[0], "female", "25-34", 3)), STARTS, 0)
    assert set(cells["age_group"]) == {"0-17", "18+", "25-34", "unknown"}


def test_sums_say_when_something_is_hidden_in_them() -> None:
    cells = released(
        hourly(
            *((hour, gender, age, 40) for hour in HOURS for gender in ("female", "male") for age in ("0-17", "18+"))
        ).assign(visits=[2, 40, 40, 40, 40, 40, 40, 40]),
        STARTS,
        5,
    )
    cells["hidden"] = cells["visits"].isna()
    day = cells[cells["hour_start"].isna()].groupby("gender").agg({"visits": "sum", "hidden": "any"})
    hours = cells[cells["hour_start"].notna()].groupby("hour_start").agg({"visits": "sum", "hidden": "any"})
    assert day.reset_index().values.tolist() == [["female", 122, False], ["male", 160, False], ["unknown", 0, False]]
    assert hours["hidden"].tolist() == [True, True]
    assert hours["visits"].max() < 160


def test_nothing_gives_an_empty_table_with_the_same_columns() -> None:
    empty = released(hourly().astype({"visits": "int64"}), STARTS, 5)
    assert empty.empty
    assert empty.columns.tolist() == [
        "site",
        "entrance",
        "camera",
        "day",
        "hour_start",
        "gender",
        "age_group",
        "visits",
    ]


@pytest.mark.parametrize(
    ("part", "whole", "share"), [(1, 3, 0.3333), (2, 3, 0.6667), (1, 20_000, 0.0), (3, 20_000, 0.0002), (0, 0, None)]
)
def test_shares_round_half_to_even(part: int, whole: int, share: float | None) -> None:
    assert share_of(part, whole) == share
