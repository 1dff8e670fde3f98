"""Charts that are kept by what they were made of."""

from __future__ import annotations

from functools import partial

import altair as alt
import pandas as pd
import pytest
from altair.utils.schemapi import SchemaValidationError

from dashboard.charts.drawn import spec_of
from dashboard.charts.style import AnyChart, finish
from dashboard.numbers.kept import forget_kept
from dashboard.theme import Ink, ink

drawn: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_drawn() -> None:
    drawn.clear()
    forget_kept()


def bars(rows: pd.DataFrame, title: str, colours: Ink) -> AnyChart:
    """Return a chart, and note that it was drawn."""
    drawn.append(title)
    return finish(alt.Chart(rows).mark_bar(color=colours.text).encode(x=alt.X("hour:N", title=title), y="visits:Q"), 90)


def rows(visits: float = 3) -> pd.DataFrame:
    hours = ["09:00", "10:00"]
    return pd.DataFrame({"hour": hours, "visits": [visits, float("nan")], "day": pd.Timestamp("2026-03-02", tz="UTC")})


def test_the_same_numbers_are_drawn_once_and_others_anew() -> None:
    light, dark = ink("light"), ink("dark")
    first = spec_of(partial(bars, rows(), "Hour", light))
    again = spec_of(partial(bars, rows(), "Hour", light))
    assert {name: again[name] for name in ("data", "layer")} == {name: first[name] for name in ("data", "layer")}
    assert drawn == ["Hour"]
    others = [(rows(4), "Hour", light), (rows(), "Time", light), (rows(), "Hour", dark)]
    others.append((rows().rename(columns={"day": "date"}), "Hour", light))
    found = [spec_of(partial(bars, *arguments)) for arguments in others]
    assert len(drawn) == 1 + len(others)
    assert found[0]["data"] != first["data"]


def test_whoever_changes_a_chart_changes_it_for_himself() -> None:
    draw = partial(bars, rows(), "Hour", ink("light"))
    mine = spec_of(draw)
    (frame,) = mine["datasets"].values()
    frame.loc[0, "visits"] = 99
    mine.clear()
    (kept,) = spec_of(draw)["datasets"].values()
    pd.testing.assert_frame_equal(kept, rows())


def test_it_is_the_chart_that_the_library_checks_and_the_library_stays_as_it_was() -> None:
    before = alt.theme.active, alt.data_transformers.active
    found = spec_of(partial(bars, rows(), "Hour", ink("light")))
    assert (alt.theme.active, alt.data_transformers.active) == before
    with pytest.raises(SchemaValidationError):
        alt.Chart(rows()).mark_bar(size="wide")  # type: ignore[arg-type]
    with alt.theme.enable("none"):
        checked = bars(rows(), "Hour", ink("light")).to_dict()
    left_out = {"data", "datasets", "layer"}
    assert {name: found[name] for name in found.keys() - left_out} == {
        name: checked[name] for name in checked.keys() - left_out
    }
    assert found["layer"][0]["encoding"] == checked["layer"][0]["encoding"]
    assert list(found["datasets"]) == [found["data"]["name"]]


def test_what_nobody_can_tell_apart_is_refused() -> None:
    with pytest.raises(TypeError, match="object cannot be kept"):
        spec_of(partial(bars, rows(), object(), ink("light")))  # type: ignore[arg-type]
