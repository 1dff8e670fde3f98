"""Files that any spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.errors import StoreError
from reports.files import harmless, to_csv, to_excel, to_parquet, write_atomically


def table(entrance: str = "North") -> pd.DataFrame:
    """Return two rows with every kind of column, the second with nothing where nothing may be."""
    return pd.DataFrame(
        {
            "entrance": [entrance, "Süd, 2"],
            "day": [date(2026, 3, 2)] * 2,
            "visits": pd.array([3, None], dtype="Int64"),
            "share": [0.3, float("nan")],
            "observed_share": [1.0, 0.9999],
            "complete": [True, False],
        }
    )


def test_csv_is_rfc_4180_with_a_mark_for_excel() -> None:
    assert (
        to_csv(table('The "old" gate'))
        == (
            "\ufeffentrance,day,visits,share,observed_share,complete\r\n"
            '"The ""old"" gate",2026-03-02,3,0.3000,1.0000,yes\r\n'
            '"Süd, 2",2026-03-02,,,0.9999,no\r\n'
        ).encode()
    )


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "\x00=1", "=cmd|' /C calc'!A0"]
)
def test_formulas_are_made_text(text: str) -> None:
    assert harmless(text).startswith("'")


@given(entrance=st.text(st.characters(codec="utf-8")))
def test_any_name_stays_one_cell_that_no_spreadsheet_runs(entrance: str) -> None:
    rows = list(csv.reader(io.StringIO(to_csv(table(entrance)).decode("utf-8-sig"), newline="")))
    assert [len(row) for row in rows] == [6, 6, 6]
    assert not rows[1][0].lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("text", ["North", "0-12", "65+", "a=b", ""])
def test_harmless_text_is_left_alone(text: str) -> None:
    assert harmless(text) == text


def test_parquet_keeps_types_and_names() -> None:
    found = pd.read_parquet(io.BytesIO(to_parquet(table("=1+1"))))
    assert found["entrance"].tolist() == ["=1+1", "Süd, 2"]
    assert found["day"].tolist() == [date(2026, 3, 2)] * 2
    assert found["visits"].isna().tolist() == [False, True]
    assert found["complete"].tolist() == [True, False]


def test_excel_has_numbers_as_numbers_and_no_formula() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(to_excel(table("=1+1")))).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1][0] == "'=1+1" and sheet["A2"].data_type == "s"
    assert rows[1][2:] == [3, 0.3, 1, "yes"]
    assert rows[2][2:] == [None, None, 0.9999, "no"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        write_atomically(path, b"newer")
    assert [found.name for found in tmp_path.iterdir()] == ["report.csv"]
