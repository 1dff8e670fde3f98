"""Audits: what people counted by hand beside what the cameras counted, and the page to count on."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from analytics.audit_words import LIGHT_CHANGES, narrowing_sentence, recall_sentence
from dashboard.layout import empty_state, heading
from dashboard.numbers.audits import audit_table, audits_of, confusion_table, places
from dashboard.numbers.reading import Reader
from dashboard.page import open_page
from dashboard.serving.paths import AUDIT_PATH
from dashboard.serving.wiring import address
from dashboard.wording import listing, plain
from reports.audit_words import told
from reports.audits import CheckedAudit

GENDERS = {"female": "woman", "male": "man", "unknown": "unknown"}
EMPTY = (
    "Somebody stands at an entrance for a quarter of an hour and taps everybody who comes in or goes out; the page "
    "then says how many of them the camera counted."
)


def show() -> None:
    """Show the page."""
    reader = open_page()
    heading("Audits", reader.site.label, "counted by hand beside the cameras, without a picture")
    _show_way_to_count(reader)
    found = audits_of(reader)
    if not found:
        empty_state("Nobody has counted by hand yet", EMPTY)
        return
    _show_places(found)
    with st.container(border=True, key="card-audits"):
        st.subheader("All audits", anchor=False)
        st.dataframe(
            audit_table(found),
            hide_index=True,
            width="stretch",
            placeholder="–",
            column_config={"Day": st.column_config.DateColumn(format="DD.MM.YYYY")},
        )
        st.caption(LIGHT_CHANGES)
    _show_one(found)


def _show_way_to_count(reader: Reader) -> None:
    if not reader.person.may_audit:
        st.caption("To count by hand yourself, ask an administrator for the role auditor.")
        return
    st.link_button("Count by hand", address(AUDIT_PATH), icon=":material/touch_app:", type="primary")
    st.caption("Best opened on a phone: sign in there, then open this page.")


def _show_places(found: list[CheckedAudit]) -> None:
    known = places(found)
    if not known:
        return
    with st.container(border=True, key="card-places"):
        st.subheader("What they say together", anchor=False)
        for place in known:
            name = place.entrance + (f", only {place.camera}" if place.camera else "")
            audits = f"{place.audits} audit{'' if place.audits == 1 else 's'}"
            parts = (recall_sentence(place.tally, place.cameras), narrowing_sentence(place.tally))
            sentences = " ".join(part for part in parts if part)
            minutes = f"{place.tally.seconds / 60:.0f} minutes"
            hours = "in the hour of " if len(place.hours) == 1 else "in the hours of "
            hours += listing([f"{hour}:00" for hour in place.hours])
            st.markdown(f"**{plain(name)}** ({audits}, {minutes}, {hours}): {plain(sentences)}")


def _show_one(found: list[CheckedAudit]) -> None:
    with st.container(border=True, key="card-audit"):
        st.subheader("One audit", anchor=False)
        number = st.selectbox(
            "Audit", range(len(found)), format_func=lambda position: _name(found[position]), key="audit", width=420
        )
        one = found[number]
        text = told(one)
        if text["headline"]:
            st.markdown(f"**{plain(text['headline'])}**")
        if one.void:
            st.warning(plain(f"It does not count: {one.void}."), icon=":material/block:")
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in text["sentences"]))
        if one.comparison is not None:
            _show_confusion("Woman or man", one.comparison.genders)
            _show_confusion("Age", one.comparison.ages)


def _show_confusion(title: str, counts: Mapping[str, Mapping[str, int]]) -> None:
    if not counts:
        return
    st.markdown(f"**{title}**, of those who were tapped with it and counted by the camera")
    st.dataframe(confusion_table(counts, GENDERS), hide_index=True, width="content")


def _name(one: CheckedAudit) -> str:
    start = one.audit.started_at.astimezone(one.stored.zone)
    return f"{start:%d.%m.%Y %H:%M}, {one.audit.entrance}, {one.audit.auditor}"


if __name__ == "__main__":
    show()
