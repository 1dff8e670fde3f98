"""Overview: what happened on a day, beside the same weekday a week before."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from analytics.unique import stays
from dashboard.audited_day import show_who_came
from dashboard.charts.entrances import DIRECTION_NAMES, entrances_chart
from dashboard.charts.hours import hours_chart
from dashboard.charts.stays import stays_chart
from dashboard.charts.trends import UNIQUE_NAME
from dashboard.choose_day import DAY, choose_day
from dashboard.layout import chart_card, empty_state, heading, page_ink
from dashboard.metrics import show_metrics
from dashboard.numbers.comparison import Comparison, compare_day
from dashboard.numbers.day import busy_part
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
from dashboard.share_words import age_sentence, coverage_sentence, gender_sentence
from dashboard.wording import long_day, plain, short_day

REFRESH_S = 30
STAYS_TITLE = "Time in the mall"


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
    _show_shares(reader, day)
    if compared.so_far:
        _show_yesterday(reader, day - DAY)
    show_metrics(reader, compared)
    notes = unique_notes(compared.people.day, wired().config.reid.mode, site.zone)
    if notes and compared.totals.visits:
        st.caption(" ".join(plain(note) for note in notes))
    _show_hours(reader, compared)
    show_inside_by_hour(reader, day)
    _show_entrances(compared)
    _show_stays(compared)


def _show_shares(reader: Reader, day: date) -> None:
    """Say who came, corrected and with limits; nothing where nobody was judged by a network with a table."""
    shares = range_shares(reader, [day])
    lead = [sentence for sentence in (gender_sentence(shares.gender), age_sentence(shares.age)) if sentence]
    if lead:
        words = [*lead, coverage_sentence(shares.gender)]
        st.markdown(" ".join(plain(sentence) for sentence in words if sentence))


def _show_yesterday(reader: Reader, day: date) -> None:
    """Say how the day before ended: in the morning, today has little to tell."""
    if reader.site.first_day is None or day < reader.site.first_day:
        return
    now = wired().clock()
    sentences = brief(compare_day(reader, day, now), gaps_of_day(reader, day, now))
    if sentences:
        st.markdown(f"**Yesterday:** {' '.join(plain(sentence) for sentence in sentences)}")


def _show_hours(reader: Reader, compared: Comparison) -> None:
    site, day = reader.site, compared.day
    hours = busy_part(compared.hours, site.opening(day), site.hours(day))
    day_name, before_name = short_day(day), short_day(compared.before_day)
    columns = {"label": "Hour", "visits": day_name, "compared": before_name, "observed": "Observed"}
    if hours["unique"].notna().any():
        columns["unique"] = UNIQUE_NAME
    table = with_ways(hours[list(columns)].rename(columns=columns), hours["start"], compared.visits, DIRECTION_NAMES)
    chart_card(
        "Visits by hour",
        "hours",
        lambda: hours_chart(hours, day_name, before_name, site.zone.key, page_ink()),
        table,
        formats={"Observed": "percent"},
    )


def _show_entrances(compared: Comparison) -> None:
    entrances = compared.visits.groupby(["entrance", "direction"])["visits"].sum().reset_index()
    if entrances.empty:
        return
    table = (
        entrances.assign(direction=entrances["direction"].map(DIRECTION_NAMES))
        .pivot_table(index="entrance", columns="direction", values="visits", aggfunc="sum", fill_value=0)
        .assign(Total=lambda rows: rows.sum(axis=1))
    )
    people = compared.people.by("entrance", list(table.index))
    if people is not None:
        table = table.assign(**{UNIQUE_NAME: people})
        unique = people.dropna().rename_axis("entrance").reset_index(name="visits").assign(direction="unique")
        entrances = pd.concat([unique, entrances], ignore_index=True)
    table = table.reset_index().rename(columns={"entrance": "Entrance"})
    chart_card("Visits by entrance", "entrances", lambda: entrances_chart(entrances), table)


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
    chart_card(STAYS_TITLE, "stays", lambda: stays_chart(frame), table, note=note, formats={"People": "%.0f"})


if __name__ == "__main__":
    show()
