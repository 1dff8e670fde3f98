"""Cameras: which one watched when, how it is now, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from analytics.completeness import observed_share
from analytics.slowness import too_slow
from dashboard.charts.cameras import STATE_NAMES, completeness_chart, timeline_chart
from dashboard.choose_day import choose_day
from dashboard.layout import chart_card, empty_state, heading, page_ink
from dashboard.numbers.boxes import machines_of
from dashboard.numbers.camera_day import day_spans
from dashboard.numbers.camera_state import CameraState, camera_state
from dashboard.numbers.day import seen_until
from dashboard.numbers.gaps import opening_text
from dashboard.numbers.line_use import line_troubles
from dashboard.numbers.reading import Reader
from dashboard.numbers.reasons import NOT_TOLD, PICTURE_WORDS, in_words
from dashboard.page import open_page
from dashboard.serving.paths import SETUP_PATH
from dashboard.serving.wiring import address, wired
from dashboard.wording import ago, long_day, plain, short_day, span
from db.reading.fleet import SiteBox, clock_in_words, is_apart
from footfall.local_time import day_bounds

REFRESH_S = 30
MAP_DAYS = 28
STATE_WORDS = {
    CameraState.WATCHING: "Watching",
    CameraState.TOO_SLOW: "Watching, too slow",
    CameraState.NOT_WATCHING: "Not watching",
    CameraState.NEVER_SEEN: "Never seen",
    CameraState.NOT_EXPECTED: "Not expected",
}


def show() -> None:
    """Show the page; the part that belongs to today renews itself."""
    reader = open_page()
    day = choose_day(reader.site)
    st.fragment(_show_day, run_every=REFRESH_S if day == reader.site.today() else None)(day)


def _show_day(day: date) -> None:
    reader = open_page(banner=False)
    site = reader.site
    heading("Cameras", long_day(day), site.label, f"local time of {site.zone.key}", opening_text(site, day))
    cameras = reader.cameras()
    if cameras.empty:
        empty_state("No camera yet", "Describe one in footfall.toml under `[cameras.NAME]`, then start `footfall run`.")
        return
    if reader.person.is_admin:
        st.link_button("Set up line and areas", address(SETUP_PATH), icon=":material/linear_scale:")
    for trouble in reader.camera_troubles():
        st.warning(plain(_sentence(trouble)), icon=":material/videocam_off:")
    boxes, of_machines = machines_of(reader)
    for trouble in of_machines:
        st.warning(plain(_sentence(trouble)), icon=":material/dns:")
    for trouble in line_troubles(reader):
        st.warning(plain(trouble), icon=":material/linear_scale:")
    _show_timeline(reader, day, cameras)
    _show_state(reader, cameras, boxes)
    _show_day_figures(reader, day, cameras)
    _show_map(reader, day, cameras)


def _names(cameras: pd.DataFrame) -> dict[str, str]:
    """Return the cameras' labels by name, with the name behind a label that several have: each is a row of its own."""
    twice = cameras["label"].duplicated(keep=False)
    told = cameras["label"].where(~twice, cameras["label"] + " (" + cameras["camera"] + ")")
    return dict(zip(cameras["camera"], told, strict=True))


def _labels(cameras: pd.DataFrame, expected: pd.DataFrame, with_minutes: set[str]) -> dict[str, str]:
    """Return the cameras to draw; those that watched and whose minutes were deleted since have no stretches."""
    wanted = set(expected.loc[expected["open_s"] > 0, "camera"])
    forgotten = set(expected.loc[expected["observed_s"] > 0, "camera"]) - with_minutes
    names, rows = _names(cameras), cameras.to_dict("records")
    return {
        row["camera"]: names[row["camera"]]
        for row in rows
        if (row["camera"] in wanted or row["expected"]) and row["camera"] not in forgotten
    }


def _show_timeline(reader: Reader, day: date, cameras: pd.DataFrame) -> None:
    site = reader.site
    timeline = reader.timeline(day)
    labels = _labels(cameras, reader.observation(day, day, ("camera",)), set(timeline["camera"]))
    outages = reader.outages(day, day)
    bounds = day_bounds(day, site.zone)
    spans = day_spans(timeline, outages, labels, site.opening(day), bounds, wired().clock(), site.zone)
    hours = [hour.label for hour in site.hours(day)]
    table = spans.assign(state=spans["state"].map(STATE_NAMES))[["camera", "state", "from_text", "to_text", "reason"]]
    chart_card(
        "Who watched when",
        "timeline",
        partial(timeline_chart, spans, hours, list(labels.values()), site.zone.key, page_ink()),
        table.rename(
            columns={"camera": "Camera", "state": "State", "from_text": "From", "to_text": "To", "reason": "Why"}
        ),
        note="Gaps are shown within the opening hours only.",
    )


def _show_state(reader: Reader, cameras: pd.DataFrame, boxes: Sequence[SiteBox]) -> None:
    now = wired().clock()
    rows = cameras.to_dict("records")
    with st.container(border=True, key="card-state"):
        st.subheader("Now", anchor=False)
        st.caption("Frames and lag are those of the last minute that each camera reported.")
        if len(boxes) < 2:
            _show_state_of(cameras, now)
        else:
            for box in boxes:
                st.markdown(plain(_box_in_words(box, now)))
                _show_state_of(cameras[cameras["camera"].isin(box.cameras)], now)
            others = cameras[~cameras["camera"].isin([name for box in boxes for name in box.cameras])]
            if not others.empty:
                st.markdown("No machine names these")
                _show_state_of(others, now)
        slow = [str(row["label"]) for row in rows if _state(row, now) == "Watching, too slow"]
        if slow:
            st.warning(plain(too_slow(slow)))
        troubles = [(row["label"], _trouble(row, reader.site.zone)) for row in rows]
        told = [f"- {plain(str(label))}: {plain(trouble)}" for label, trouble in troubles if trouble]
        if told:
            st.markdown("\n".join(["**Last trouble**", "", *told]))


def _show_state_of(cameras: pd.DataFrame, now: datetime) -> None:
    rows = cameras.to_dict("records")
    table = pd.DataFrame(
        {
            "Camera": cameras["label"],
            "Entrance": cameras["entrance"],
            "State": [_state(row, now) for row in rows],
            "Last frame": [_last_frame(row["last_minute"], now) for row in rows],
            "Frames/s": cameras["frames_per_second"],
            "Lag (s)": cameras["lag_s"],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        placeholder="–",
        column_config={
            "Frames/s": st.column_config.NumberColumn(format="%.1f"),
            "Lag (s)": st.column_config.NumberColumn(format="%.2f"),
        },
    )


def _box_in_words(box: SiteBox, now: datetime) -> str:
    """Return the heading of one machine's cameras: its name, when it was heard of, its clock where that is wrong."""
    heard = "never heard of" if box.heard_at is None else f"heard of {ago(box.heard_at, now)}"
    clock = f", clock {clock_in_words(box.clock_ahead_s)}" if is_apart(box.clock_ahead_s) else ""
    return f"Machine {box.name}: {heard}{clock}"


def _state(row: Mapping[Hashable, Any], now: datetime) -> str:
    state = camera_state(row, now)
    if state is CameraState.RETIRED:
        return f"Retired from {short_day(row['retired_from'])} on"
    if state is CameraState.BLIND:
        picture = str(row["picture"])
        return f"Not usable: {PICTURE_WORDS.get(picture, picture)}"
    return STATE_WORDS[state]


def _last_frame(last: pd.Timestamp, now: datetime) -> str:
    return "never" if pd.isna(last) else ago(last.to_pydatetime(), now)


def _sentence(told: str) -> str:
    """Return what a command would print as a page writes it: a capital first, commands in quotation marks."""
    return re.sub(r"`([^`]*)`", r"“\1”", told[:1].upper() + told[1:])


def _trouble(row: Mapping[Hashable, Any], zone: ZoneInfo) -> str:
    """Return the newest outage in words, empty without any."""
    started, ended = row["outage_started_at"], row["outage_ended_at"]
    if pd.isna(started):
        return ""
    return f"{span(started, None if pd.isna(ended) else ended, zone)}: {in_words(row['outage_reason']) or NOT_TOLD}"


def _show_day_figures(reader: Reader, day: date, cameras: pd.DataFrame) -> None:
    labels = _names(cameras)
    rows = reader.observation(day, day, ("camera", "hour_start"))
    past = seen_until(rows, reader.site.opening(day), wired().clock())
    sums = past.groupby("camera").agg(
        {name: "sum" for name in ("open_s", "observed_open_s", "frames_processed", "frames_dropped", "faces")}
        | {"observed_s": "sum", "frames_damaged": "sum", "faces_small": "sum", "lag_s": "max"}
    )
    sums = sums.reindex([name for name in labels if name in sums.index])
    table = pd.DataFrame(
        {
            "Camera": [labels[str(name)] for name in sums.index],
            "Observed": _shares(sums),
            "Frames/s": sums["frames_processed"] / sums["observed_s"].where(sums["observed_s"] > 0),
            "Frames dropped": sums["frames_dropped"],
            "Frames damaged": sums["frames_damaged"],
            "Largest lag (s)": sums["lag_s"],
            "Faces": sums["faces"],
            "Faces too small": sums["faces_small"] / sums["faces"].where(sums["faces"] > 0),
        }
    )
    with st.container(border=True, key="card-figures"):
        st.subheader("The whole day", anchor=False)
        st.dataframe(
            table,
            hide_index=True,
            width="stretch",
            placeholder="–",
            column_config={
                "Observed": st.column_config.NumberColumn(format="percent"),
                "Frames/s": st.column_config.NumberColumn(format="%.1f"),
                "Largest lag (s)": st.column_config.NumberColumn(format="%.2f"),
                "Faces too small": st.column_config.NumberColumn(format="percent"),
            },
        )


def _shares(rows: pd.DataFrame) -> list[float | None]:
    """Return the observed share of each row as the report has it."""
    return [observed_share(seen, open_s) for seen, open_s in zip(rows["observed_open_s"], rows["open_s"], strict=True)]


def _show_map(reader: Reader, day: date, cameras: pd.DataFrame) -> None:
    labels = _names(cameras)
    end = min(day, reader.site.today() - timedelta(days=1))
    rows = reader.observation(end - timedelta(days=MAP_DAYS - 1), end, ("day", "camera"))
    days = pd.DataFrame(
        {
            "camera": rows["camera"].map(labels),
            "label": [f"{one.day} {one:%b}" for one in rows["day"]],
            "observed": _shares(rows),
        }
    )
    if days.empty:
        return
    chart_card(
        "The last four weeks",
        "completeness",
        partial(completeness_chart, days, list(labels.values()), reader.site.zone.key, page_ink()),
        days.rename(columns={"camera": "Camera", "label": "Day", "observed": "Observed"}),
        note="How much of the opening hours was observed.",
        formats={"Observed": "percent"},
    )


if __name__ == "__main__":
    show()
