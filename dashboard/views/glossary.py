"""Glossary: what the words of pages and reports mean."""

from __future__ import annotations

import streamlit as st

from dashboard.glossary import TERMS
from dashboard.layout import heading
from dashboard.page import open_page
from dashboard.wording import plain


def show() -> None:
    """Show every word with its meaning."""
    open_page()
    heading("Glossary", "the words of pages, reports and messages")
    for term in TERMS:
        also = f" ({plain(term.also)})" if term.also else ""
        st.markdown(f"**{plain(term.name.capitalize())}**{also}  \n{plain(term.meaning)}")


if __name__ == "__main__":
    show()
