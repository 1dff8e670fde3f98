"""Numbers, dates and names as people read them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@/])")
# What the pages' Markdown turns into a link even when it is escaped; an invisible joiner behind it prevents that.
LINK_START = re.compile(r"(https?:|www|@)", re.IGNORECASE)
WORD_JOINER = "\u2060"
NOT_SHOWN = "–"


def plain(text: str) -> str:
    """Return `text` escaped so that Streamlit's Markdown shows every character of it as it is.

    Labels of cameras and sites come from a file; a link, picture or HTML in one must appear as text.
    """
    unlinked = LINK_START.sub(rf"\1{WORD_JOINER}", " ".join(text.split()))
    return MARKDOWN_SPECIAL.sub(r"\\\1", unlinked)


def count(number: float | None) -> str:
    """Return a whole number with commas between thousands, or a dash for None and NaN."""
    if number is None or number != number:
        return NOT_SHOWN
    return f"{round(number):,}"


def percent(share: float | None, digits: int = 0) -> str:
    """Return a share in [0, 1] in per cent, or a dash; never rounded up to 100 or down to 0."""
    if share is None or share != share:
        return NOT_SHOWN
    step = 10.0 ** -(digits + 2)
    shown = round(share, digits + 2)
    if shown >= 1 > share:
        return f"> {100 * (1 - step):.{digits}f}%"
    if shown <= 0 < share:
        return f"< {100 * step:.{digits}f}%"
    return f"{100 * shown:.{digits}f}%"


def change(now: float | None, before: float | None) -> str | None:
    """Return the relative change like '+12%', or None where there is nothing to compare with."""
    if now is None or before is None or now != now or before != before or before <= 0:
        return None
    return f"{100 * (now - before) / before:+.0f}%".replace("-", "−").replace("−0%", "+0%")


def points(now: float | None, before: float | None) -> str | None:
    """Return the change of a share in percentage points like '+1.2 pp', or None."""
    if now is None or before is None or now != now or before != before:
        return None
    return f"{100 * (now - before):+.1f} pp".replace("-", "−")


def long_day(day: date) -> str:
    """Return a day like 'Saturday 21 November 2026'."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    """Return a day like 'Sat 21 Nov'."""
    return f"{day:%a} {day.day} {day:%b}"


def day_range(first: date, last: date) -> str:
    """Return a range of days like '1–21 Nov 2026'."""
    if first == last:
        return f"{short_day(first)} {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%b %Y}"
    if first.year == last.year:
        return f"{first.day} {first:%b} – {last.day} {last:%b %Y}"
    return f"{first.day} {first:%b %Y} – {last.day} {last:%b %Y}"


def duration(seconds: float) -> str:
    """Return a duration like '2 h 10 min', '12 min' or '40 s'."""
    if seconds < 60:
        return f"{max(0, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h" if minutes == 0 else f"{hours} h {minutes} min"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago `moment` was, like '12 min ago'."""
    past = now - moment
    if past < timedelta(seconds=90):
        return f"{max(0, round(past.total_seconds()))} s ago"
    if past > timedelta(days=2):
        return f"{past.days} days ago"
    return f"{duration(past.total_seconds())} ago"


def span(start: datetime, end: datetime | None, zone: ZoneInfo) -> str:
    """Return a time like '20 Nov 13:06–15:18', '20 Nov 22:00 – 21 Nov 06:00' or '20 Nov 13:06–now'."""
    begun = start.astimezone(zone)
    text = f"{begun.day} {begun:%b %H:%M}"
    if end is None:
        return f"{text}–now"
    ended = end.astimezone(zone)
    return f"{text}–{ended:%H:%M}" if begun.date() == ended.date() else f"{text} – {ended.day} {ended:%b %H:%M}"


def listing(names: list[str]) -> str:
    """Return names like 'A, B and C'."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
