"""Answers that are kept: what becomes of a question that finds none."""

from __future__ import annotations

import gc
import weakref

import pytest

from dashboard.numbers.kept import kept
from footfall.errors import StoreError


class Question:
    """Something that can be asked, and is gone when nobody holds it any more."""


def test_a_question_without_an_answer_is_not_remembered() -> None:
    @kept(1)
    def answer(question: Question) -> None:
        raise StoreError("the database is away")

    asked = Question()
    with pytest.raises(StoreError):
        answer(asked)
    gone = weakref.ref(asked)
    del asked
    gc.collect()
    assert gone() is None
