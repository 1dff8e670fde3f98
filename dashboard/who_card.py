"""The card "Who came" on the overview: bars with the limits of their intervals, drawn without a chart library."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.numbers.shares import RangeShares
from dashboard.numbers.who import Part, Who, who_came
from dashboard.serving.wiring import wired
from dashboard.share_words import coverage_sentence
from dashboard.theme import FEMALE, MALE, VISITS
from dashboard.wording import plain

TITLE = "Who came"
TOO_FEW = "too few to say"
COLOURS = {"female": FEMALE, "male": MALE}
LEAST_SCALE = 0.6
SPACE = '<span class="who-space"></span>'
HELP = (
    "Shares of those who could be judged, corrected for what the network takes for what; the thin line reaches over "
    "the 95% interval. Where it is wider than {points:g} points there are too few to say. Demographics tells more."
)


def show_who(shares: RangeShares) -> None:
    """Show women, men and four ages; nothing where nobody was judged by a network with a table."""
    who = who_came(shares)
    if not (who.genders or who.ages):
        return
    with st.container(border=True, key="card-who", height="stretch"):
        points = round(100 * wired().config.report.max_share_interval, 1)
        st.subheader(TITLE, anchor=False, help=HELP.format(points=points))
        st.html(who_html(who))
        coverage = coverage_sentence(shares.gender or shares.age)
        if coverage:
            st.caption(plain(coverage))


def who_html(who: Who) -> str:
    """Return the bars as HTML, each with its numbers as text; all on one scale."""
    highest = max((part.high or 0.0 for part in (*who.genders, *who.ages)), default=0.0)
    scale = max(LEAST_SCALE, highest)
    blocks = ["".join(_row(part, scale) for part in parts) for parts in (who.genders, who.ages) if parts]
    return f'<div class="who">{SPACE.join(blocks)}</div>'


def _row(part: Part, scale: float) -> str:
    name = f'<span class="who-name">{escape(part.name)}</span>'
    if part.about is None or part.low is None or part.high is None:
        return f'{name}<span class="who-track"></span><span class="who-few">{TOO_FEW}</span>'
    low, high = (100 * edge / scale for edge in (part.low, part.high))
    bar = (
        f'<span class="who-bar" style="width:{100 * part.about / scale:.1f}%;background:'
        f'{COLOURS.get(part.group, VISITS)}"></span>'
        f'<span class="who-range" style="left:{low:.1f}%;width:{high - low:.1f}%"></span>'
    )
    limits = f'<span class="who-limits">{100 * part.low:.0f} to {100 * part.high:.0f}</span>'
    told = f"<span><b>{100 * part.about:.0f}%</b> {limits}</span>"
    return f'{name}<span class="who-track" aria-hidden="true">{bar}</span>{told}'
