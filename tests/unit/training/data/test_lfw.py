"""LFW: genders come from a table, and a row that says something else is named."""

from pathlib import Path

import pytest

from footfall.errors import DataError
from training.data.lfw import read_genders


def test_genders_by_file(tmp_path: Path) -> None:
    table = tmp_path / "genders.csv"
    table.write_text("file,gender\nAda/Ada_0001.jpg,1\nBob/Bob_0001.jpg,0\n", encoding="utf-8")
    assert read_genders(table) == {"Ada/Ada_0001.jpg": True, "Bob/Bob_0001.jpg": False}


def test_other_gender_is_refused_by_file_name(tmp_path: Path) -> None:
    table = tmp_path / "genders.csv"
    table.write_text("file,gender\nAda/Ada_0001.jpg,f\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"Ada/Ada_0001\.jpg"):
        read_genders(table)


def test_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"genders\.csv"):
        read_genders(tmp_path / "genders.csv")
