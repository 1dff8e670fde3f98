"""What the database layer says to people: reasons in words, addresses without passwords."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from db.failures import masked
from db.writing.registry import storable
from db.writing.reopening import Change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(), ""),
        (Change(visits_added=1), "1 visit arrived late"),
        (
            Change(2) + Change(1, 4),
            "3 visits arrived late; 4 visits withdrawn with a recording that was processed again or removed",
        ),
        (Change(1) + Change(observation=True), "1 visit arrived late; the observed time changed"),
    ],
)
def test_a_reopened_day_says_why(change: Change, words: str) -> None:
    assert change.in_words() == words


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anna:s3cret@host/name",
        "postgresql://host/name?user=anna&password=s3cret",
        "postgresql://host/name?sslpassword=s3cret&passfile=x",
    ],
)
def test_an_address_is_shown_without_its_password(url: str) -> None:
    shown = masked(make_url(url))
    assert "s3cret" not in shown
    assert "host" in shown and "name" in shown


@pytest.mark.parametrize(
    ("text", "stored"), [("Nord", "Nord"), ("a\x00b", "ab"), ("half \ud83d", "half ?"), ("ü" * 300, "ü" * 200)]
)
def test_any_text_becomes_one_that_both_databases_hold(text: str, stored: str) -> None:
    assert storable(text) == stored
