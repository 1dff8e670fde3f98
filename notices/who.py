"""Who came, on paper: women, men and ages, each with the limits of its share."""

from __future__ import annotations

import math

import pandas as pd

from dashboard.theme import FEMALE, MALE, VISITS
from notices.sheet import GREY, INK, LEADING, LINE, POINT_MM, Sheet

HEAD_MM, ROW_MM, LEAST_ROW_MM = 6.0, 6.4, 3.9
COLOURS = {"Women": FEMALE, "Men": MALE}
LABEL_MM, WORDS_MM = 16.0, 23.0


def height_of_who(who: pd.DataFrame, room: float) -> float:
    """Return how much height `draw_who` takes where there is so much room."""
    return HEAD_MM + len(who) * _row(who, room)


def draw_who(sheet: Sheet, who: pd.DataFrame, x: float, y: float, size: tuple[float, float]) -> None:
    """Draw one bar a group and the line of its limits, with both in words.

    Args:
        sheet: the page.
        who: Group, About, From, To; shares in [0, 1], NaN where there are too few to say.
        x: left edge in mm.
        y: upper edge.
        size: width and room in mm.
    """
    width, room = size
    sheet.words("Who came (share of those judged)", x, y, size=10, bold=True)
    row = _row(who, room)
    bar = width - LABEL_MM - WORDS_MM
    most = max(0.01, float(who[["About", "To"]].max().max()))
    for place, (group, about, low, high) in enumerate(who.itertuples(index=False, name=None)):
        top = y + HEAD_MM + place * row
        text = min(8.5, 2.2 * row)
        line = top + 0.42 * row - text * POINT_MM * LEADING / 2
        sheet.words(str(group), x, line, size=text)
        sheet.box(x + LABEL_MM, top + 0.15 * row, bar, 0.55 * row, LINE)
        if math.isnan(about):
            sheet.words("too few to say", x + LABEL_MM + bar + 2, line, size=text, colour=GREY)
            continue
        sheet.box(x + LABEL_MM, top + 0.15 * row, bar * about / most, 0.55 * row, COLOURS.get(str(group), VISITS))
        sheet.box(x + LABEL_MM + bar * low / most, top + 0.4 * row, bar * (high - low) / most, 0.35, INK)
        words = f"{100 * about:.0f}% ({100 * low:.0f}–{100 * high:.0f})"
        sheet.words(words, x + LABEL_MM + bar + 2, line, size=text)


def _row(who: pd.DataFrame, room: float) -> float:
    return max(LEAST_ROW_MM, min(ROW_MM, (room - HEAD_MM) / max(1, len(who))))
