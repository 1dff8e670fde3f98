"""A day as one page of A4: the same words, numbers and charts as Overview."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dashboard.numbers.day_row import DayNumber
from dashboard.numbers.headline import Gap
from dashboard.theme import UNKNOWN
from dashboard.wording import duration
from notices import day as days
from notices.day import DayTold
from notices.fonts import font_files
from notices.pictures import draw
from notices.sheet import GREY, LEFT, LINE, TOP, WIDTH, YELLOW, Sheet
from notices.who import draw_who, height_of_who

GREEN = "#CDEBDF"
STATE_COLOURS = {
    days.COMPLETE: GREEN,
    days.INCOMPLETE: YELLOW,
    days.NOTHING: YELLOW,
    days.NOT_OVER: LINE,
    days.CLOSED: LINE,
}
HOURS_MM, LEAST_CHART_MM, MOST_CHART_MM = 62.0, 32.0, 110.0
COLUMN_GAP_MM, WHO_MM = 6.0, 62.0
BOTTOM = 283.0
MOST_SENTENCES, MOST_GAPS = 9, 5


def paper(told: DayTold, further_fonts: Sequence[Path] = ()) -> bytes:
    """Return the page as PDF; the same day told gives the same bytes.

    Raises:
        ConfigError: the packages for PDF are missing, or a font file is.
    """
    fonts = font_files(further_fonts)
    sheet = Sheet(f"{told.label}, {told.day}", told.told_at, fonts)
    y = _head(sheet, told)
    y = _sentences(sheet, told, y)
    y = _numbers(sheet, told.numbers, told.before, y)
    y = _gaps(sheet, told.gaps, y)
    if told.hours is not None:
        sheet.words("Came in by hour", LEFT, y, size=10, bold=True)
        sheet.picture(draw(told.hours, WIDTH, HOURS_MM, fonts), LEFT, y + 5.5)
        y += HOURS_MM + 8
    _entrances_and_who(sheet, told, y, fonts)
    _foot(sheet, told)
    return sheet.output()


def _head(sheet: Sheet, told: DayTold) -> float:
    badge = told.state.capitalize()
    width = sheet.width(badge, size=10, bold=True) + 8
    sheet.box(LEFT + WIDTH - width, TOP, width, 8, STATE_COLOURS[told.state])
    sheet.words(badge, LEFT + WIDTH - width + 4, TOP + 1.3, size=10, bold=True)
    label = told.label if sheet.has_all(told.label) else f"{told.site} ({told.label})"  # never signs alone
    y = sheet.paragraph(label, LEFT, TOP, WIDTH - width - 6, size=17, bold=True, lines=2)
    y = sheet.paragraph(told.about, LEFT, y + 0.5, WIDTH, size=9, colour=GREY, lines=2)
    if told.simulated:
        sheet.box(LEFT, y + 1, WIDTH, 6.5, YELLOW)
        sheet.words("Simulated data: these numbers were invented, nobody was counted.", LEFT + 3, y + 1.9, size=9)
        y += 8
    return y + 2


def _sentences(sheet: Sheet, told: DayTold, y: float) -> float:
    first, *others = told.sentences or ("",)
    if first:
        y = sheet.paragraph(first, LEFT, y, WIDTH, size=11.5, bold=True, lines=3) + 0.8
    told_too = [*others, *told.notes][:MOST_SENTENCES]
    if told_too:
        y = sheet.paragraph(" ".join(told_too), LEFT, y, WIDTH, size=9.5, lines=7)
    return y + 2.5


def _numbers(sheet: Sheet, numbers: Sequence[DayNumber], before: str, y: float) -> float:
    width = (WIDTH - 2.5 * (len(numbers) - 1)) / len(numbers)
    for place, number in enumerate(numbers):
        x = LEFT + place * (width + 2.5)
        sheet.frame(x, y, width, 17)
        sheet.words(number.name, x + 2.5, y + 1.5, size=8, colour=GREY)
        sheet.words(number.value, x + 2.5, y + 5.5, size=14, bold=True)
        if number.change:
            sheet.words(f"{number.change} vs {before}", x + 2.5, y + 12.3, size=7.5, colour=GREY)
    return y + 20


def _gaps(sheet: Sheet, gaps: Sequence[Gap], y: float) -> float:
    """Name who did not watch, on yellow as the gaps of the charts are."""
    if not gaps:
        return y
    lines = [f"{gap.camera}: {duration(gap.lost_s)} ({gap.reason})" for gap in gaps[:MOST_GAPS]]
    if len(gaps) > MOST_GAPS:
        lines.append(f"and {len(gaps) - MOST_GAPS} more cameras")
    height = 4.4 * len(lines) + 7.5
    sheet.box(LEFT, y, WIDTH, height, "#FBF8CF")
    sheet.box(LEFT, y, 1.5, height, YELLOW)
    sheet.words("Not watched, so that more people came than were counted", LEFT + 4, y + 1.2, size=8.5, bold=True)
    for place, line in enumerate(lines):
        sheet.paragraph(line, LEFT + 4, y + 5.8 + 4.4 * place, WIDTH - 8, size=8.5, lines=1)
    return y + height + 3


def _entrances_and_who(sheet: Sheet, told: DayTold, y: float, fonts: Sequence[Path]) -> None:
    room = BOTTOM - y - 6
    with_who = not told.who.empty
    if told.entrances is not None and room >= LEAST_CHART_MM:
        width = WIDTH - WHO_MM - COLUMN_GAP_MM if with_who else WIDTH
        wanted = told.entrances.to_dict()["height"] / 3.2  # the page's own height, drawn a little closer
        sheet.words("Came in by entrance", LEFT, y, size=10, bold=True)
        height = min(room, max(LEAST_CHART_MM, min(wanted, MOST_CHART_MM)))
        sheet.picture(draw(told.entrances, width, height, fonts), LEFT, y + 5.5)
    if with_who and room >= height_of_who(told.who, room):
        draw_who(sheet, told.who, LEFT + WIDTH - WHO_MM, y, (WHO_MM, room))


def _foot(sheet: Sheet, told: DayTold) -> None:
    report = told.revision
    if told.state == days.NOT_OVER:
        said = f"As of {told.told_at:%Y-%m-%d %H:%M} UTC. The day is not over."
    elif report is None:
        said = "No report of this day was written yet."
    else:
        replaced = f", replaces revision {report.replaces}: {report.reason}" if report.replaces else ""
        said = f"Report of the day, revision {report.revision}{replaced}."
    sheet.paragraph(f"{said} Counted by mall-footfall; no face is stored.", LEFT, 287, WIDTH, size=7.5, colour=UNKNOWN,
                    lines=1)  # fmt: skip
