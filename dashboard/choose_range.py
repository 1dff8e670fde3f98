"""The choice of a range of days."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from dashboard.numbers.reading import Site
from dashboard.wording import day_range

LENGTHS = {"Last 7 days": 7, "Last 4 weeks": 28, "Last 13 weeks": 91, "Last 12 months": 364}
OWN = "Own range"


def choose_range(
    site: Site, key: str, *, usual: str = "Last 4 weeks", most_days: int | None = None
) -> tuple[date, date]:
    """Show a choice of usual ranges and, for an own one, two dates; return the first and last day.

    The usual ranges end with the last day that is over, so that an unfinished day never looks like a bad one.
    """
    end = min(site.today() - timedelta(days=1), site.last_day or site.today())
    first_day = min(site.first_day or end, end)
    names = [name for name, days in LENGTHS.items() if most_days is None or days <= most_days]
    name = st.selectbox("Days", [*names, OWN], index=names.index(usual), key=f"{key}-range", width=170)
    if name != OWN:
        start = max(first_day, end - timedelta(days=LENGTHS[name] - 1))
        return start, end
    chosen = st.date_input(
        "From and to",
        value=(max(first_day, end - timedelta(days=27)), end),
        min_value=first_day,
        max_value=site.today(),
        format="DD.MM.YYYY",
        key=f"{key}-dates",
        width=230,
    )
    days = chosen if isinstance(chosen, tuple) else (chosen,)
    if len(days) != 2:
        st.info("Choose the last day of the range, too.", icon=":material/date_range:")
        st.stop()
    first, last = days
    if most_days is not None and (last - first).days >= most_days:
        first = last - timedelta(days=most_days - 1)
        st.caption(f"At most {most_days} days at once: {day_range(first, last)}.")
    return first, last
