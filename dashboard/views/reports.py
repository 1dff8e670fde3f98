"""Reports: the daily CSV as the job writes it, ranges of days to download, and what was written when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.accounts.access import current_person, still_may_see
from dashboard.choose_day import choose_day
from dashboard.choose_range import choose_range
from dashboard.layout import empty_state, heading
from dashboard.numbers.day_table import day_table
from dashboard.numbers.reading import Reader
from dashboard.page import open_page
from dashboard.serving.wiring import wired
from dashboard.wording import count, day_range, long_day, percent, plain
from footfall.errors import FootfallError
from reports.files import form_of, to_csv, to_excel, to_parquet
from reports.shares import COARSER, SHARE
from reports.unique import KINDS as COUNTED_KINDS
from reports.writer import ReportWriter

MOST_DAYS = 92
FLAGS = ("suppressed", "complete")
FIRST_COLUMNS = ("row", "entrance", "hour", "came_in", "visits", "gender", "age_group", "camera")
SAME_EVERYWHERE = ("site", "day", "revision", "replaces", "reason")
ROW_ORDER = (*COUNTED_KINDS[:0:-1], SHARE, COARSER, COUNTED_KINDS[0])
KINDS: dict[str, tuple[str, str, Callable[[pd.DataFrame], bytes]]] = {
    "CSV": ("csv", "text/csv", lambda table: _csv(table)),
    "Excel": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", to_excel),
    "Parquet": ("parquet", "application/vnd.apache.parquet", to_parquet),
}


def show() -> None:
    """Show the page."""
    reader = open_page()
    heading("Reports", reader.site.label, f"days of {reader.site.zone.key}")
    writer = ReportWriter(wired().engine, wired().config.report, reid=wired().config.reid)
    with st.container(border=True, key="card-day"):
        st.subheader("One day", anchor=False)
        day = choose_day(reader.site)
        _show_preview(reader, writer, day)
    with st.container(border=True, key="card-days"):
        st.subheader("Several days in one file", anchor=False)
        _show_range(reader, writer)
    with st.container(border=True, key="card-written"):
        st.subheader("What the daily job wrote", anchor=False)
        _show_written(reader)


def _show_preview(reader: Reader, writer: ReportWriter, day: date) -> None:
    site = reader.site
    by_hour = st.toggle("By hour", key="report-by-hour", help="One row an hour instead of one a day")
    table = day_table(reader, day, by_hour=by_hour)
    if table.empty:
        empty_state(f"No report for {long_day(day)}", "No camera was configured and nobody was counted on this day.")
        return
    if day >= site.today():
        st.caption("The day is not over: the numbers still grow, and the daily job has not written them.")
    ending = "_by-hour" if by_hour else ""
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Download CSV",
            _csv(table),
            file_name=f"{site.name}_{day.isoformat()}{ending}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="primary",
            on_click="ignore",
            key="download-day",
        )
        if reader.person.is_admin:
            st.button(
                "Write the report again",
                icon=":material/refresh:",
                key="write-again",
                disabled=day >= site.today(),
                help="Derives the report from the database again; a changed one becomes a new revision.",
                on_click=_write_again,
                args=(reader, writer, day),
            )
    _show_result()
    st.caption(f"{plain(_standing(table))} Totals first; the file has the groups in front, and every column.")
    shown = _preview(table)
    st.dataframe(shown, hide_index=True, width="stretch", height=330, column_config=_columns(), placeholder="–")


def _standing(table: pd.DataFrame) -> str:
    """Return which revision the table is, or why it is none."""
    row = table.iloc[0]
    if pd.isna(row["revision"]):
        return f"No revision: {row['reason'] or 'not written yet'}."
    reason = f": {row['reason']}" if row["reason"] else ""
    replaces = "" if pd.isna(row["replaces"]) else f", in place of {row['replaces']}"
    return f"Revision {row['revision']}{replaces}{reason}."


def _preview(table: pd.DataFrame) -> pd.DataFrame:
    """Return the report for the eye: totals first, flags in words, without columns that say the same in every row."""
    ranks = {kind: number for number, kind in enumerate(ROW_ORDER)}
    order = table["row"].map(ranks).sort_values(kind="stable").index
    flags = {name: table[name].map({True: "yes", False: "no"}) for name in FLAGS}
    first = [name for name in FIRST_COLUMNS if name in table]
    others = [name for name in table if name not in (*first, *SAME_EVERYWHERE)]
    return table.assign(**flags).loc[order, [*first, *others]]


def _csv(table: pd.DataFrame) -> bytes:
    """Return the table in the form that the settings ask for, as the daily job writes it."""
    return to_csv(table, form_of(wired().config.report))


def _write_again(reader: Reader, writer: ReportWriter, day: date) -> None:
    person = current_person()  # the click comes before the page finds out who is looking now
    if person is None or not person.is_admin or not person.may_see(reader.site.name):
        return
    try:
        outcome = writer.write(reader.site.name, day)
    except FootfallError as error:
        st.session_state["write-result"] = ("error", str(error))
        return
    number = outcome.report.revision
    text = f"Revision {number} still holds."
    if outcome.written:
        text = f"Revision {number} is written: {outcome.report.path}"
    st.session_state["write-result"] = ("success", text)


def _show_result() -> None:
    kind, text = st.session_state.pop("write-result", ("", ""))
    if kind == "error":
        st.error(plain(text), icon=":material/error:")
    elif kind == "success":
        st.success(plain(text), icon=":material/check:")


def _show_range(reader: Reader, writer: ReportWriter) -> None:
    site = reader.site
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first, last = choose_range(site, "report", usual="Last 7 days", most_days=MOST_DAYS)
        by_hour = st.toggle("By hour", key="range-by-hour", width="content")
    st.caption(f"{day_range(first, last)}, made when you click.")
    check = still_may_see(site.name)

    def content(convert: Callable[[pd.DataFrame], bytes]) -> bytes:
        check()
        return convert(writer.range_table(site.name, first, last, by_hour=by_hour))

    with st.container(horizontal=True, gap="small"):
        for name, (ending, mime, convert) in KINDS.items():
            st.download_button(
                name,
                partial(content, convert),
                file_name=f"{site.name}_{first.isoformat()}_{last.isoformat()}.{ending}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download-{ending}",
            )


def _show_written(reader: Reader) -> None:
    today = reader.site.today()
    reports = reader.reports(today - timedelta(days=MOST_DAYS), today)
    if reports.empty:
        empty_state(
            "No report was written yet", "`footfall jobs` writes one every morning; `footfall report` writes one now."
        )
        return
    zone = reader.site.zone
    table = pd.DataFrame(
        {
            "Day": reports["day"],
            "Revision": reports["revision"],
            "Written at": [f"{moment.astimezone(zone):%d.%m.%Y %H:%M}" for moment in reports["written_at"]],
            "Visits": [count(visits) for visits in reports["visits"]],
            "Observed": [percent(share, 1) for share in reports["observed_share"]],
            "Why again": reports["reason"],
            "File": reports["path"],
        }
    )
    st.dataframe(
        table, hide_index=True, width="stretch", column_config={"Day": st.column_config.DateColumn(format="DD.MM.YYYY")}
    )


def _columns() -> dict[str, Any]:
    shares = st.column_config.NumberColumn(format="percent")
    return {"share": shares, "observed_share": shares, "coverage": shares}


if __name__ == "__main__":
    show()
