"""Overview: how many came in on a day, when, through which entrance and who, beside the same weekday a week before."""

from __future__ import annotations

from datetime import date
from functools import partial

import streamlit as st

from analytics.unique import stays
from dashboard.audited_day import show_who_came
from dashboard.charts.entrances import DIRECTION_NAMES, WAYS, entrances_chart
from dashboard.charts.hours import hours_chart
from dashboard.charts.stays import stays_chart
from dashboard.charts.trends import UNIQUE_NAME
from dashboard.choose_day import DAY, choose_day
from dashboard.glossary import meaning
from dashboard.layout import chart_card, empty_state, heading, page_ink
from dashboard.metrics import show_metrics
from dashboard.numbers.comparison import Comparison, compare_day
from dashboard.numbers.day import busy_part
from dashboard.numbers.day_row import by_entrance
from dashboard.numbers.gaps import gaps_of_day, nothing_counted, opening_text
from dashboard.numbers.headline import brief, headline
from dashboard.numbers.reading import Reader
from dashboard.numbers.shares import range_shares
from dashboard.numbers.stays import stays_frame
from dashboard.numbers.unique_words import stays_sentence, unique_notes
from dashboard.numbers.ways import with_ways
from dashboard.occupancy import show_inside_by_hour, show_inside_now
from dashboard.page import open_page
from dashboard.serving.wiring import wired
from dashboard.special_days import show_special
from dashboard.who_card import show_who
from dashboard.wording import count, listing, long_day, plain, short_day

REFRESH_S = 30
STAYS_TITLE = "Time in the mall"
PASSAGES_NAME = "All passages"


def show() -> None:
    """Show the page; the part that belongs to today renews itself without touching the rest."""
    reader = open_page()
    day = choose_day(reader.site)
    st.fragment(_show_day, run_every=REFRESH_S if day == reader.site.today() else None)(day)


def _show_day(day: date) -> None:
    reader = open_page(banner=False)
    site = reader.site
    compared = compare_day(reader, day, wired().clock())
    heading(
        "Today so far" if compared.so_far else long_day(day),
        long_day(day) if compared.so_far else "",
        site.label,
        f"local time of {site.zone.key}",
        opening_text(site, day),
    )
    gaps = gaps_of_day(reader, day, wired().clock())
    if compared.totals.visits == 0:
        empty_state(*nothing_counted(day, site, compared.totals.observed_share, gaps, wired().clock()))
    first, *others = [plain(sentence) for sentence in headline(compared, gaps)] or [""]
    st.markdown(" ".join([f"**{first}**", *others]) if first else "")
    show_inside_now(reader, day)
    show_who_came(reader, day)
    show_special(reader, [compared.before_day, day])
    if compared.so_far:
        _show_yesterday(reader, day - DAY)
    # In the order of a phone; a wide window puts who came beside the numbers.
    with st.container(key="day-parts"):
        with st.container(key="numbers"):
            _show_numbers(reader, compared)
        _show_hours(reader, compared)
        show_inside_by_hour(reader, day)
        _show_entrances(compared)
        show_who(range_shares(reader, [day]))
        _show_stays(compared)
        _show_passages(compared)


def _show_yesterday(reader: Reader, day: date) -> None:
    """Say how the day before ended: in the morning, today has little to tell."""
    if reader.site.first_day is None or day < reader.site.first_day:
        return
    now = wired().clock()
    sentences = brief(compare_day(reader, day, now), gaps_of_day(reader, day, now))
    if sentences:
        st.markdown(f"**Yesterday:** {' '.join(plain(sentence) for sentence in sentences)}")


def _show_numbers(reader: Reader, compared: Comparison) -> None:
    show_metrics(reader, compared)
    notes = unique_notes(compared.people.day, wired().config.reid.mode, reader.site.zone)
    if notes and compared.totals.visits:
        st.caption(" ".join(plain(note) for note in notes))


def _show_hours(reader: Reader, compared: Comparison) -> None:
    site, day = reader.site, compared.day
    hours = busy_part(compared.hours, site.opening(day), site.hours(day))
    day_name, before_name = short_day(day), short_day(compared.before_day)
    columns = {"label": "Hour", "came_in": day_name, "compared": before_name}
    if hours["unique"].notna().any():
        columns["unique"] = UNIQUE_NAME
    columns |= {"observed": "Observed"}
    table = with_ways(hours[list(columns)].rename(columns=columns), hours["start"], compared.visits, DIRECTION_NAMES)
    chart_card(
        "Came in by hour",
        "hours",
        partial(hours_chart, hours, day_name, before_name, site.zone.key, page_ink()),
        table,
        formats={"Observed": "percent"},
    )


def _show_entrances(compared: Comparison) -> None:
    shown = by_entrance(compared)
    if shown.empty:
        return
    table = shown.pivot_table(index="entrance", columns="way", values="number", sort=False).rename(columns=WAYS)
    chart_card(
        "Came in by entrance",
        "entrances",
        partial(entrances_chart, shown),
        table.rename_axis(index="Entrance", columns=None).reset_index(),
        note=plain(f"With people going out: {listing(list(compared.without_line))}.") if compared.without_line else "",
    )


def _show_passages(compared: Comparison) -> None:
    """Show who went which way, by entrance: the detail below the footfall."""
    if compared.visits.empty:
        return
    rows = compared.visits.assign(direction=compared.visits["direction"].map(DIRECTION_NAMES))
    table = rows.pivot_table(index="entrance", columns="direction", values="visits", aggfunc="sum", fill_value=0)
    table = table.reindex(columns=list(DIRECTION_NAMES.values()), fill_value=0)
    table = table.assign(**{PASSAGES_NAME: table.sum(axis=1)}).rename_axis(index="Entrance", columns=None)
    if len(table) > 1:
        table.loc["Together"] = table.sum()
    totals = compared.totals
    ways = f"{count(totals.entered)} in, {count(totals.left)} out, {count(totals.unseen)} not seen which way"
    with st.expander(f"Passages in both directions: {count(totals.visits)} ({ways})"):
        st.caption(meaning("passage"))
        st.table(table.map(count).rename(index=plain), border="horizontal")


def _show_stays(compared: Comparison) -> None:
    parts = compared.people.day.parts
    if not parts:
        return
    told = stays([part.stays for part in parts])
    if told.median_minutes is None:
        with st.container(border=True, key="card-stays"):
            st.subheader(STAYS_TITLE, anchor=False)
            st.caption(plain(stays_sentence(told)))
        return
    frame = stays_frame(told.histogram)
    table = frame.rename(columns={"length": "From", "people": "People"})
    note = plain(stays_sentence(told))
    chart_card(STAYS_TITLE, "stays", partial(stays_chart, frame), table, note=note, formats={"People": "%.0f"})


if __name__ == "__main__":
    show()
