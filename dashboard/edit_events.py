"""The table of holidays, sales and other events; administrators edit it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.numbers.reading import Reader
from dashboard.serving.wiring import wired
from dashboard.wording import plain
from db.events import Event, add_event, change_event, remove_events
from footfall.errors import FootfallError

KINDS = ("holiday", "sale", "event", "closure", "other")
LONG_AGO, FAR_AHEAD = date(2000, 1, 1), date(2100, 1, 1)
SHOWN = ["starts_on", "ends_on", "name", "kind"]


def show_events(reader: Reader) -> None:
    """Show the events of the site, and let administrators add, change and remove them."""
    with st.container(border=True, key="card-events"):
        st.subheader("Events", anchor=False)
        events = reader.events(LONG_AGO, FAR_AHEAD)
        if not reader.person.is_admin:
            _show_table(events)
            return
        st.caption("Marked on the chart above. Change the table, then save; the last row is for a new event.")
        edited = st.data_editor(
            events[SHOWN],
            key="events-editor",
            hide_index=True,
            num_rows="dynamic",
            width="stretch",
            column_config=_columns(),
        )
        if st.button("Save events", type="primary", key="events-save"):
            _save(reader, events, edited)


def _show_table(events: pd.DataFrame) -> None:
    if events.empty:
        st.caption("No event is marked. An administrator can add holidays and sales here.")
        return
    st.dataframe(events[SHOWN], hide_index=True, width="stretch", column_config=_columns())


def _columns() -> dict[str, Any]:
    return {
        "starts_on": st.column_config.DateColumn("First day", required=True, format="DD.MM.YYYY"),
        "ends_on": st.column_config.DateColumn("Last day", format="DD.MM.YYYY", help="Empty: one day"),
        "name": st.column_config.TextColumn("Name", required=True, max_chars=200, width="large"),
        "kind": st.column_config.SelectboxColumn("Kind", options=list(KINDS), default="event", required=True),
    }


def _save(reader: Reader, before: pd.DataFrame, after: pd.DataFrame) -> None:
    reader.person.require_admin()
    engine = wired().engine
    try:
        known = before.to_dict("index")
        for position, row in after.to_dict("index").items():
            event = _event(reader.site.name, row)
            if position not in known:
                add_event(engine, event)
            elif _event(reader.site.name, known[position]) != event:
                change_event(engine, int(known[position]["id"]), event)
        remove_events(engine, [int(number) for number in before.loc[~before.index.isin(after.index), "id"]])
    except FootfallError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    del st.session_state["events-editor"]
    st.toast("Events saved", icon=":material/check:")
    st.rerun()


def _event(site: str, row: Mapping[Hashable, Any]) -> Event:
    starts_on = pd.Timestamp(row["starts_on"]).date()
    ends_on = starts_on if pd.isna(row["ends_on"]) else pd.Timestamp(row["ends_on"]).date()
    return Event(site, starts_on, ends_on, str(row["name"]), str(row["kind"]))
