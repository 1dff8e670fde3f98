"""The sentence beside the counts of a day: how many visits there were, by what people counted by hand."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboard.numbers.audits import estimate_of, estimate_sentence
from dashboard.numbers.reading import Reader
from dashboard.wording import plain

HELP = (
    "People were counted by hand at the entrance while the camera counted. How many of them it missed, and how many "
    "it counted of nobody, says how many visits there really were; the last two numbers are the limits of the 95 % "
    "interval. Hours in which no camera watched are in neither number. The counts themselves are never changed. "
    "See Audits."
)


def show_who_came(reader: Reader, day: date) -> None:
    """Say how many visits `day` had beside how many were counted; nothing where no audit holds for it."""
    estimate = estimate_of(reader, day)
    if estimate is None or not estimate.counted:
        return
    st.markdown(plain(estimate_sentence(estimate)), help=HELP)
