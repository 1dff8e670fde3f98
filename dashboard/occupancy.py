"""How many are inside, on the overview: a sentence while the mall is open, and the curve of the day."""

from __future__ import annotations

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.charts.occupancy import INSIDE_NAME, occupancy_chart
from dashboard.layout import chart_card, page_ink
from dashboard.numbers.occupancy import (
    ALARM_ON,
    NOW_LABEL,
    alarm_level,
    labels_of,
    occupancy_by_hour,
    occupancy_now,
    occupancy_of_day,
)
from dashboard.numbers.occupancy_words import alarm_sentence, inside_sentence, peak_sentence, why_not
from dashboard.numbers.reading import Reader
from dashboard.wording import plain
from reports.occupancy import NotInside

TITLE = "People inside"


def show_inside_now(reader: Reader, day: date) -> None:
    """Say how many are inside, where `day` is today and the mall is open; from the alarm level on as a warning."""
    now = occupancy_now(reader).now if day == reader.site.today() else None
    if now is None:
        return
    words = plain(inside_sentence(now.estimate, now.low, now.high))
    alarm = plain(alarm_sentence(now.alarm_state, now.alarm))
    if now.alarm_state == ALARM_ON:
        st.warning(f"**{words}** {alarm}", icon=":material/groups:")
    else:
        st.markdown(f"**{words}** {alarm}".strip())


def show_inside_by_hour(reader: Reader, day: date) -> None:
    """Show how many were inside over a day, or in one line why that is not told."""
    told = occupancy_of_day(reader, day)
    if told.not_told is NotInside.NOBODY:
        return
    if told.inside is None:
        st.caption(plain(why_not(told, labels_of(reader))))
        return
    hours = worth_drawing(occupancy_by_hour(reader, day))
    most = hours.iloc[int(hours["inside"].to_numpy("int64").argmax())]
    so_far = hours["label"].iloc[-1] == NOW_LABEL
    level, zone = alarm_level(reader.site.name), reader.site.zone.key
    names = {"label": "At", "inside": INSIDE_NAME, "low": "From", "high": "To", "watched": "Observed"}
    chart_card(
        TITLE,
        "inside",
        partial(occupancy_chart, hours, level, zone, page_ink()),
        hours[list(names)].rename(columns=names),
        note=peak_sentence(most["inside"], most["low"], most["high"], most["label"], so_far=so_far),
        formats={"Observed": "percent"},
    )


def worth_drawing(hours: pd.DataFrame) -> pd.DataFrame:
    """Return the hours from the one before anybody came, or the mall opened, until the first that is empty again."""
    busy = ((hours["high"] > 0) | hours["watched"].notna()).to_numpy().nonzero()[0]
    if not len(busy):
        return hours
    return hours.iloc[max(0, int(busy[0]) - 1) : int(busy[-1]) + 2].reset_index(drop=True)
