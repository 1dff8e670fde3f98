"""All sites: a league table for whoever looks after several, with what needs a look; a click leads to a site."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

import streamlit as st

from dashboard.accounts.access import require_person
from dashboard.layout import empty_state, heading, simulated_banner
from dashboard.numbers.all_sites import SiteLine, Span, all_sites
from dashboard.numbers.ground import ground
from dashboard.numbers.reading import visible_sites
from dashboard.wording import NOT_SHOWN, count, percent

REFRESH_S = 30
BY_LOOK, BY_FOOTFALL = "What needs a look", "Footfall"
STYLE = """
<style>
.league { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.league th { text-align: right; font-weight: 600; font-size: 0.85rem; opacity: 0.75; padding: 0.4rem 0.7rem; }
.league td { text-align: right; padding: 0.6rem 0.7rem; vertical-align: top; }
.league tr { border-bottom: 1px solid rgba(128, 128, 128, 0.3); }
.league th:first-child, .league td:first-child, .league th:last-child, .league td:last-child { text-align: left; }
.league .site a { font-weight: 600; color: inherit; }
.league b { font-size: 1.05rem; }
.league small { display: block; opacity: 0.75; }
.league ul { margin: 0; padding-left: 1rem; }
.league .look li::marker { content: "▲ "; color: #E69F00; }
@media (max-width: 640px) {
  .league thead { display: none; }
  .league tr { display: grid; grid-template-columns: 1fr 1fr; padding: 0.6rem 0; }
  .league td { text-align: left; padding: 0.25rem 0.2rem; }
  .league td:empty { display: none; }
  .league td::before { content: attr(data-name); display: block; font-size: 0.8rem; opacity: 0.75; }
  .league .site, .league .look { grid-column: span 2; }
  .league .site a { font-size: 1.1rem; }
}
</style>
"""


def show() -> None:
    """Show the page; it renews itself."""
    st.html(STYLE)
    st.fragment(_show_league, run_every=REFRESH_S)()


def _show_league() -> None:
    person = require_person()
    sites = visible_sites(person)
    if any(site.simulated for site in sites):
        simulated_banner()
    heading("All sites", "who came in", "each at its own local time")
    lines = all_sites(person)
    if not lines:
        empty_state("No site yet", "Describe your mall in footfall.toml and start `footfall run`.")
        return
    order = st.segmented_control("Sort by", [BY_LOOK, BY_FOOTFALL], default=BY_LOOK, required=True, key="league-order")
    if order == BY_FOOTFALL:
        lines = sorted(lines, key=lambda line: -(line.week.came_in or 0))
    st.html(league_table(lines))
    least = percent(ground().config.comparison.min_observed_share)
    st.caption(
        "Changes compare with the same weekdays a week before, today up to the last whole hour. Where less than "
        f"{least} of the opening time was observed on either side, a word stands in place of a percentage."
    )


def league_table(lines: list[SiteLine]) -> str:
    """Return the table as HTML; labels of sites and cameras come from a file and are text in it."""
    names = ("Site", "Today so far", "Yesterday", "Last 7 days", "Observed", "Needs a look")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f'<table class="league"><thead><tr>{head}</tr></thead><tbody>{"".join(map(_row, lines))}</tbody></table>'


def _row(line: SiteLine) -> str:
    address = f"./?site={quote(line.name)}"
    until = f" until {line.until}" if line.until and line.today.change is not None else ""
    looks = "".join(f"<li>{escape(look)}</li>" for look in line.looks)
    cells = (
        ("site", "", f'<a href="{address}" target="_self">{escape(line.label)}</a>'),
        ("", "Today so far", f"<b>{count(line.so_far)}</b>{_change(line.today, until)}"),
        ("", "Yesterday", f"<b>{count(line.yesterday.came_in)}</b>{_change(line.yesterday)}"),
        ("", "Last 7 days", f"<b>{count(line.week.came_in)}</b>{_change(line.week)}"),
        ("", "Observed, 7 days", percent(line.week.observed)),
        ("look", "Needs a look" if looks else "", f"<ul>{looks}</ul>" if looks else ""),
    )
    return f"<tr>{''.join(_cell(*cell) for cell in cells)}</tr>"


def _cell(kind: str, name: str, content: str) -> str:
    return f'<td class="{kind}" data-name="{name}">{content}</td>'


def _change(span: Span, scope: str = "") -> str:
    if span.came_in is None:
        return ""
    if span.change is None:
        return f"<small>{escape(span.why_not or NOT_SHOWN)}</small>"
    text = f"{100 * span.change:+.0f}%".replace("-", "−").replace("−0%", "+0%")
    return f"<small>{text} on {count(span.before)}{scope}</small>"


if __name__ == "__main__":
    show()
