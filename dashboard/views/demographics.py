"""Demographics: who came, by gender and age group, over a range of days."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard.charts.people import (
    GENDER_NAMES,
    gender_shares_chart,
    group_hours_chart,
    pyramid_chart,
    shares_chart,
    shown_counts,
)
from dashboard.charts.trends import UNIQUE_NAME, WEEKDAY_NAMES
from dashboard.choose_range import choose_range
from dashboard.corrected_cards import show_corrected, show_hours
from dashboard.layout import chart_card, empty_state, heading, page_ink
from dashboard.numbers.came_in import without_line_sentence
from dashboard.numbers.came_range import came_in_range
from dashboard.numbers.groups import DayFilter, GroupVisits, group_visits
from dashboard.numbers.reading import Reader
from dashboard.numbers.shares import RangeShares, range_shares
from dashboard.numbers.unique import unique_days
from dashboard.numbers.unique_groups import group_unique
from dashboard.numbers.unique_words import unique_groups_note
from dashboard.page import open_page
from dashboard.portrait import gender_shares, group_shares, portrait
from dashboard.serving.wiring import wired
from dashboard.share_words import (
    age_sentence,
    coverage_sentence,
    gender_sentence,
    notes,
    spread_sentence,
)
from dashboard.wording import count, day_range, listing, plain

MOST_DAYS = 92
VISITS_NAME = "Visits"
LABELS_HELP = (
    "The network takes some people for others, so that labels added up mislead. The shares are corrected for what it "
    "takes for what, with the limits of the 95 % interval; this shows the labels as they were counted."
)
SPREAD_HELP = (
    "Some visits cannot be judged. Off: they are left apart, in none of the shares (labels have a bar of their own for "
    "them). On: they are spread over the groups as if they were like the others; the limits of corrected shares then "
    "cover whatever they are."
)


def show() -> None:
    """Show the page."""
    reader = open_page()
    title = st.container()
    reader, chosen = _filters(reader)
    now = group_visits(reader, chosen, with_hours=False)
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
    before_name = day_range(chosen.before().first_day, chosen.before().last_day)
    shares = RangeShares(None, None) if chosen.open_only else range_shares(reader, chosen.days(), with_hours=True)
    labels, spread = _show_portrait(reader, chosen, now, shares)
    if labels:
        now = group_visits(reader, chosen)
    if now.anything_hidden:
        st.caption(
            f"Counts below {wired().config.report.small_cell} are hidden, and some others with them, so that nobody "
            "can compute them; “≥” marks sums with hidden parts. Totals are complete."
        )
    if not labels:
        earlier = range_shares(reader, chosen.before().days())
        show_corrected(shares, earlier, before_name, spread=spread)
        show_hours(reader, chosen)
    _show_people(reader, chosen, now)
    if labels:
        _show_hours(reader, now)
        before = group_visits(reader, chosen.before(), with_hours=False)
        _show_shares(now, before, before_name, spread and not now.anything_hidden)


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


def _show_portrait(reader: Reader, chosen: DayFilter, now: GroupVisits, shares: RangeShares) -> tuple[bool, bool]:
    """Lead with who came in and the corrected shares; return whether labels are to be shown, and the unknown spread."""
    came = came_in_range(reader, chosen)
    lead = [sentence for sentence in (gender_sentence(shares.gender), age_sentence(shares.age)) if sentence]
    labels = not lead
    words, small = st.container(), st.container()
    with st.container(horizontal=True, gap="medium"):
        if lead:
            labels = st.toggle("Labels counted", key="people-labels", help=LABELS_HELP, width="content")
        spread = st.toggle("Spread the unknown", key="people-spread", help=SPREAD_HELP, width="content")
    said = portrait(now, group_visits(reader, chosen.before(), with_hours=False)) if labels else lead
    words.markdown(
        f"**{count(came.came_in)} came in{_where(reader)}.** " + " ".join(plain(sentence) for sentence in said)
    )
    if labels:
        why = "Labels counted: corrected shares are of whole days." if chosen.open_only else ""
        details = [why, *(["Nothing is spread: some counts are hidden."] if spread and now.anything_hidden else [])]
    else:
        told = spread_sentence(shares.gender) if spread else coverage_sentence(shares.gender)
        details = [told, *notes(shares, now.days)]
    small.caption(" ".join(plain(detail) for detail in (without_line_sentence(came.without_line), *details) if detail))
    return labels, spread


def _where(reader: Reader) -> str:
    return f" at {plain(listing(list(reader.entrances)))}" if reader.entrances else ""


def _show_people(reader: Reader, chosen: DayFilter, now: GroupVisits) -> None:
    labels, ink = list(now.labels), page_ink()
    years = wired().config.attributes.gender_from_age_years
    counted, people, note = VISITS_NAME, now.by_group, "Labels as they were counted."
    told = unique_days(reader, chosen.first_day, chosen.last_day).values()
    if any(day.unique is not None for day in told):
        counted = st.segmented_control(
            "Count", (VISITS_NAME, UNIQUE_NAME), default=VISITS_NAME, required=True, key="people-count"
        )
    if counted == UNIQUE_NAME:
        unique = group_unique(reader, chosen, now)
        people, note = unique.by_group, unique_groups_note(unique)
    table = people.assign(gender=people["gender"].map(GENDER_NAMES), shown=shown_counts(people)).pivot(
        index="age_group", columns="gender", values="shown"
    )
    table = table.reindex(labels)[list(GENDER_NAMES.values())].reset_index(names="Age (years)")
    children = f" Below {years} years gender is not judged: children are one bar across." if years else ""
    chart_card(
        "Age and gender",
        "pyramid",
        partial(pyramid_chart, people, labels, ink, counted, years),
        table,
        note=f"{note}{children}",
    )


def _show_hours(reader: Reader, now: GroupVisits) -> None:
    table = now.by_hour.assign(shown=shown_counts(now.by_hour)).pivot(index="age_group", columns="hour", values="shown")
    table = table.reindex(list(now.labels)).reset_index(names="Age (years)")
    chart_card(
        "Age by hour",
        "age-hours",
        partial(group_hours_chart, now.by_hour, list(now.labels), now.hours, reader.site.zone.key, page_ink()),
        table,
        note="A yellow strip on top marks hours that were not fully observed on some day; × stands for hidden counts.",
    )


def _show_shares(now: GroupVisits, before: GroupVisits, before_name: str, spread: bool) -> None:
    ages = group_shares(now, before, spread=spread)
    columns = {"group": "Age (years)", "share": "This range", "before": before_name, "change": "Change (pp)"}
    formats = {"This range": "percent", before_name: "percent", "Change (pp)": "%+.1f"}
    chart_card(
        "Share of each age group",
        "age-shares",
        partial(shares_chart, ages, list(ages["group"]), before_name, page_ink()),
        ages.rename(columns=columns),
        note=_compared_with(before, before_name),
        formats=formats,
    )
    genders = gender_shares(now, before, before_name, spread=spread)
    chart_card(
        "Share of each gender",
        "gender-shares",
        partial(gender_shares_chart, genders),
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
