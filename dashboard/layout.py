"""What pages share on screen: a heading, the banner of simulated data, a chart with its table, empty states."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.charts.drawn import spec_of
from dashboard.charts.style import AnyChart
from dashboard.theme import Ink, ink
from dashboard.wording import plain

SIMULATED_TEXT = (
    "**Simulated data.** These numbers were invented by the program to show what it looks like; nobody was counted."
)


STYLE = """
<style>
.stMainBlockContainer { padding: 2.6rem 2rem 3rem; max-width: 1320px; }
.st-key-metrics { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 0.75rem; }
.st-key-metrics > div { width: auto !important; min-width: 0; }
.st-key-metrics div:has(> [data-testid=stMetricDelta]) { flex-wrap: wrap; row-gap: 0; }
h1 { font-size: 1.9rem !important; padding: 0.2rem 0 0 !important; }
h3 { font-size: 1.1rem !important; padding: 0 0 0.3rem !important; }
.who { display: grid; grid-template-columns: max-content 1fr max-content; gap: 0.35rem 0.6rem; align-items: center; }
.who-space { grid-column: 1 / 4; height: 0.4rem; }
.who-track { position: relative; height: 0.9rem; border-radius: 2px; background: rgba(128, 128, 128, 0.16); }
.who-bar { position: absolute; inset: 0 auto 0 0; border-radius: 2px; }
.who-range { position: absolute; top: calc(50% - 1px); height: 2px; background: currentColor; }
.who-limits, .who-few { font-size: 0.85rem; opacity: 0.75; }
@media (min-width: 1000px) {
  .st-key-day-parts:has(.st-key-card-who) { display: grid; grid-template-columns: 5fr 4fr; gap: 1rem; }
  .st-key-day-parts:has(.st-key-card-who) > * { grid-column: 1 / 3; width: auto !important; min-width: 0; }
  .st-key-day-parts:has(.st-key-card-who) > *:has(.st-key-numbers) { grid-column: 1; grid-row: 1; }
  .st-key-day-parts > *:has(.st-key-card-who) { grid-column: 2 !important; grid-row: 1; }
  .st-key-day-parts:has(.st-key-card-who) .st-key-metrics { grid-template-columns: 1fr 1fr; }
}
@media (max-width: 1500px) {
  .st-key-metrics:has(> div:nth-child(6)) { grid-template-columns: repeat(3, 1fr); }
}
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 4.2rem 0.8rem 2rem; }
  .st-key-metrics, .st-key-metrics:has(> div:nth-child(6)) { grid-template-columns: 1fr 1fr; }
  .st-key-metrics:has(> div:nth-child(odd):last-child) > div:first-child { grid-column: span 2; }
}
</style>
"""


def page_style() -> None:
    """Tighten Streamlit's spacing, so that a day fits on a screen and two numbers side by side on a phone."""
    st.html(STYLE)


def page_ink() -> Ink:
    """Return the chart colours for the theme that the browser shows."""
    return ink(st.context.theme.type)


def heading(title: str, *details: str) -> None:
    """Show the page's title and, small below it, what it is about; `details` are shown as they are."""
    st.title(title, anchor=False)
    st.caption(" · ".join(plain(detail) for detail in details if detail))


def simulated_banner() -> None:
    """Say that the numbers of this page are simulated."""
    st.warning(SIMULATED_TEXT, icon=":material/science:")


def empty_state(title: str, what_to_do: str) -> None:
    """Say why there is nothing to see and what to do about it."""
    st.info(f"**{plain(title)}**  \n{what_to_do}", icon=":material/info:")


def chart_card(
    title: str,
    key: str,
    draw: partial[AnyChart],
    table: pd.DataFrame,
    *,
    note: str = "",
    formats: dict[str, str] | None = None,
) -> None:
    """Show a chart in a frame, with a switch to the same numbers as a table.

    Args:
        title: what the chart shows.
        key: name of this card, unique on the page.
        draw: makes the chart; called only when the chart is shown, and once for the same numbers.
        table: the numbers of the chart with headings for people.
        note: one plain sentence below the title.
        formats: number format by column of `table`, in the way of `st.column_config.NumberColumn`.
    """
    with st.container(border=True, key=f"card-{key}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(title, anchor=False, width="content")
            as_table = st.toggle("Table", key=f"table-{key}", width="content")
        if note:
            st.caption(note)
        if as_table:
            columns = {name: st.column_config.NumberColumn(format=how) for name, how in (formats or {}).items()}
            st.dataframe(table, hide_index=True, width="stretch", column_config=columns, placeholder="–")
        else:
            st.vega_lite_chart(spec=spec_of(draw), width="stretch", key=f"chart-{key}", alt=title)
