"""Demographics: who came, by gender and age group, over a range of days."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.charts.people import (
    GENDER_NAMES,
    gender_shares_chart,
    group_hours_chart,
    pyramid_chart,
    shares_chart,
    shown_counts,
    unknown_gender_chart,
)
from dashboard.charts.trends import UNIQUE_NAME, WEEKDAY_NAMES
from dashboard.choose_range import choose_range
from dashboard.layout import chart_card, empty_state, heading, page_ink
from dashboard.numbers.groups import DayFilter, GroupVisits, group_visits
from dashboard.numbers.reading import Reader
from dashboard.numbers.shares import range_shares
from dashboard.numbers.unique import unique_days
from dashboard.numbers.unique_groups import group_unique
from dashboard.numbers.unique_words import unique_groups_note
from dashboard.page import open_page
from dashboard.portrait import gender_shares, group_shares, portrait
from dashboard.serving.wiring import wired
from dashboard.share_words import age_sentence, coverage_sentence, gender_sentence, notes, shares_frame
from dashboard.wording import count, day_range, plain

MOST_DAYS = 92
VISITS_NAME = "Visits"
LABELS_HELP = (
    "The network takes some people for others, so that labels added up mislead. The shares above are corrected for "
    "what it takes for what, with the limits of the 95 % interval; this shows the labels as they were counted, and the "
    "visits of unknown gender or age among them. The charts below count labels."
)


def show() -> None:
    """Show the page."""
    reader = open_page()
    title = st.container()
    reader, chosen = _filters(reader)
    now, before = group_visits(reader, chosen), group_visits(reader, chosen.before(), with_hours=False)
    with title:
        heading(
            "Demographics",
            day_range(chosen.first_day, chosen.last_day),
            reader.site.label,
            f"local time of {reader.site.zone.key}",
        )
    if now.total == 0:
        empty_state("No visits in this choice", "Choose other days, weekdays or entrances above.")
        return
    _show_portrait(reader, chosen, now, before)
    if now.anything_hidden:
        st.caption(
            f"Counts below {wired().config.report.small_cell} are hidden, and some others with them, so that nobody "
            "can compute them; “≥” marks sums with hidden parts. Totals are complete."
        )
    _show_people(reader, chosen, now)
    _show_hours(reader, now)
    _show_shares(now, before, day_range(chosen.before().first_day, chosen.before().last_day))


def _filters(reader: Reader) -> tuple[Reader, DayFilter]:
    site = reader.site
    entrances = sorted(reader.cameras()["entrance"].unique())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first, last = choose_range(site, "people", most_days=MOST_DAYS)
        chosen = st.multiselect("Entrances", entrances, key="people-entrances", placeholder="All", width=220)
        weekdays = st.pills(
            "Weekdays", range(7), selection_mode="multi", format_func=WEEKDAY_NAMES.__getitem__, help="None chosen: all"
        )
        open_only = st.toggle("Opening hours only", key="people-open", width="content")
    wanted = frozenset(weekdays) or frozenset(range(7))
    return replace(reader, entrances=tuple(chosen) or None), DayFilter(first, last, wanted, open_only)


def _show_portrait(reader: Reader, chosen: DayFilter, now: GroupVisits, before: GroupVisits) -> None:
    """Lead with the corrected shares; a switch, or the lack of them, shows the labels counted."""
    shares = range_shares(reader, chosen.days()) if not chosen.open_only else None
    lead = [] if shares is None else [gender_sentence(shares.gender), age_sentence(shares.age)]
    lead = [sentence for sentence in lead if sentence]
    labels = " ".join(plain(sentence) for sentence in portrait(now, before))
    if shares is None or not lead:
        st.markdown(labels)
        if chosen.open_only:
            st.caption("Labels counted: corrected shares are of whole days.")
        return
    st.markdown(f"**{count(now.total)} visits.** " + " ".join(plain(sentence) for sentence in lead))
    st.caption(
        " ".join(plain(words) for words in (coverage_sentence(shares.gender), *notes(shares, now.days)) if words)
    )
    if st.toggle("Labels counted", key="people-labels", help=LABELS_HELP):
        st.markdown(labels)
        return
    frame = shares_frame(shares)
    numbers = ["About", "From", "To"]
    frame[numbers] *= 100
    formats = {name: st.column_config.NumberColumn(format="%.0f%%") for name in numbers}
    st.dataframe(frame, hide_index=True, column_config=formats, key="people-shares", placeholder="too few to say")


def _show_people(reader: Reader, chosen: DayFilter, now: GroupVisits) -> None:
    labels, ink = list(now.labels), page_ink()
    counted, people, note = VISITS_NAME, now.by_group, "Visits whose gender was judged."
    told = unique_days(reader, chosen.first_day, chosen.last_day).values()
    if any(day.unique is not None for day in told):
        counted = st.segmented_control(
            "Count", (VISITS_NAME, UNIQUE_NAME), default=VISITS_NAME, required=True, key="people-count"
        )
    if counted == UNIQUE_NAME:
        unique = group_unique(reader, chosen, now)
        people, note = unique.by_group, unique_groups_note(unique)
    left, right = st.columns([5, 3])
    table = people.assign(gender=people["gender"].map(GENDER_NAMES), shown=shown_counts(people)).pivot(
        index="age_group", columns="gender", values="shown"
    )
    table = table.reindex(labels)[list(GENDER_NAMES.values())].reset_index(names="Age (years)")
    with left:
        chart_card(
            "Age and gender",
            "pyramid",
            lambda: pyramid_chart(people, labels, ink, counted),
            table,
            note=note,
        )
    unknown = table[["Age (years)", GENDER_NAMES["unknown"]]]
    with right:
        chart_card(
            "Gender not known",
            "unknown",
            lambda: unknown_gender_chart(people, labels, ink, counted),
            unknown,
            note=f"Not judged below {wired().config.attributes.gender_from_age_years} years.",
        )


def _show_hours(reader: Reader, now: GroupVisits) -> None:
    table = now.by_hour.assign(shown=shown_counts(now.by_hour)).pivot(index="age_group", columns="hour", values="shown")
    table = table.reindex(list(now.labels)).reset_index(names="Age (years)")
    chart_card(
        "Age by hour",
        "age-hours",
        lambda: group_hours_chart(now.by_hour, list(now.labels), now.hours, reader.site.zone.key, page_ink()),
        table,
        note="A yellow strip on top marks hours that were not fully observed on some day; × stands for hidden counts.",
    )


def _show_shares(now: GroupVisits, before: GroupVisits, before_name: str) -> None:
    ages = group_shares(now, before)
    columns = {"group": "Age (years)", "share": "This range", "before": before_name, "change": "Change (pp)"}
    formats = {"This range": "percent", before_name: "percent", "Change (pp)": "%+.1f"}
    chart_card(
        "Share of each age group",
        "age-shares",
        lambda: shares_chart(ages, list(now.labels), before_name, page_ink()),
        ages.rename(columns=columns),
        note=_compared_with(before, before_name),
        formats=formats,
    )
    genders = gender_shares(now, before, before_name)
    chart_card(
        "Share of each gender",
        "gender-shares",
        lambda: gender_shares_chart(genders),
        genders.assign(gender=genders["gender"].map(GENDER_NAMES)).rename(
            columns={"range": "Range", "gender": "Gender", "share": "Share", "visits": "Visits"}
        ),
        formats={"Share": "percent"},
    )


def _compared_with(before: GroupVisits, name: str) -> str:
    if before.total == 0:
        return "There is no earlier range to compare with."
    return f"Beside the range before, {name}: {count(before.total)} visits on {before.days} days."


if __name__ == "__main__":
    show()
