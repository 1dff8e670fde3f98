"""The choice of a day and of a range of days; kept while the visitor goes from page to page."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import streamlit as st

from dashboard.numbers.reading import Site

DAY_KEY = "chosen_day"
INPUT_KEY = "day-input"
DAY = timedelta(days=1)


def usual_day(site: Site) -> date:
    """Return the day that a page opens with: the last one with visits, else today."""
    today = site.today()
    return min(site.last_day, today) if site.last_day else today


def choose_day(site: Site) -> date:
    """Show a date with arrows beside it and return the chosen day; `?day=2026-11-21` in the address sets it."""
    today = site.today()
    first = min(site.first_day or today, today)
    _take_from_address()
    day: date = max(first, min(st.session_state.get(DAY_KEY, usual_day(site)), today))
    st.session_state[INPUT_KEY] = day
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            "◀", key="day-before", help="The day before", disabled=day <= first, on_click=_keep, args=(day - DAY,)
        )
        st.date_input(
            "Day",
            key=INPUT_KEY,
            min_value=first,
            max_value=today,
            format="DD.MM.YYYY",
            label_visibility="collapsed",
            width=150,
            on_change=_keep_input,
        )
        st.button("▶", key="day-after", help="The day after", disabled=day >= today, on_click=_keep, args=(day + DAY,))
        st.button("Today", key="day-today", disabled=day == today, on_click=_keep, args=(today,))
    return day


def _keep(day: date) -> None:
    st.session_state[DAY_KEY] = day
    st.query_params.pop("day", None)


def _keep_input() -> None:
    if st.session_state[INPUT_KEY] is not None:
        _keep(st.session_state[INPUT_KEY])


def _take_from_address() -> None:
    asked = st.query_params.get("day")
    if asked is None or st.session_state.get("asked_day") == asked:
        return
    st.session_state["asked_day"] = asked
    with suppress(ValueError):
        st.session_state[DAY_KEY] = date.fromisoformat(asked)
