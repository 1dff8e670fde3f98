"""What makes the comparison of two days lame, in words on a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from dashboard.numbers.reading import Reader
from dashboard.numbers.special_days import special_words
from dashboard.wording import plain


def show_special(reader: Reader, days: Sequence[date]) -> None:
    """Say which of `days` was a holiday, and on which one alone it rained; nothing where there is nothing to say."""
    words = special_words(reader, days)
    if words:
        st.caption(" ".join(plain(sentence) for sentence in words))
