"""What Overview says of one site and day, gathered for paper and mail by the functions of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from analytics.completeness import is_complete
from dashboard.accounts.person import Person
from dashboard.charts.entrances import entrances_chart
from dashboard.charts.hours import hours_chart
from dashboard.charts.style import AnyChart
from dashboard.numbers.audits import estimate_of, estimate_sentence
from dashboard.numbers.comparison import Comparison, compare_day
from dashboard.numbers.day import busy_part
from dashboard.numbers.day_row import CAME_IN_NAME, DayNumber, by_entrance, day_row
from dashboard.numbers.gaps import gaps_of_day, nothing_counted, opening_text
from dashboard.numbers.ground import ground
from dashboard.numbers.headline import Gap, headline
from dashboard.numbers.reading import Reader, visible_sites
from dashboard.numbers.shares import RangeShares, range_shares
from dashboard.numbers.unique_words import unique_notes
from dashboard.numbers.who import who_came
from dashboard.share_words import age_sentence, coverage_sentence, gender_sentence
from dashboard.theme import LIGHT
from dashboard.wording import NOT_SHOWN, long_day, short_day
from db.session import reading
from db.writing.report_log import WrittenReport, last_report
from footfall.errors import StoreError
from footfall.local_time import day_bounds

COMPLETE, INCOMPLETE, NOT_OVER = "complete", "incomplete", "not over yet"
NOTHING, CLOSED = "nothing observed", "closed"
CODE_PATTERN, QUOTED = re.compile("`([^`]*)`"), r"“\1”"


@dataclass(frozen=True, slots=True)
class DayTold:
    """A day in words, numbers and charts.

    `state` is one of COMPLETE, INCOMPLETE, NOT_OVER, NOTHING and CLOSED; `before` names the day that changes
    refer to; `who` has Group, About, From, To (shares in [0, 1], NaN where there are too few to say), women and men
    first; charts are None where there is nothing to draw. `told_at` is the end of the day, or now while it runs.
    """

    site: str
    day: date
    label: str
    about: str
    before: str
    state: str
    simulated: bool
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    numbers: tuple[DayNumber, ...]
    who: pd.DataFrame
    gaps: tuple[Gap, ...]
    hours: AnyChart | None
    entrances: AnyChart | None
    revision: WrittenReport | None
    told_at: datetime

    @property
    def subject(self) -> str:
        """The day in one line: where, when, how many came, and whether the number is whole."""
        came = next((one.value for one in self.numbers if one.name == CAME_IN_NAME), NOT_SHOWN)
        told = f"{came} came in" if came != NOT_SHOWN else "no numbers"
        return f"{self.label}, {short_day(self.day)}: {told}{'' if self.state == COMPLETE else f' ({self.state})'}"


def day_told(site: str, day: date) -> DayTold:
    """Return what there is to say of `day` at `site`, read from the ground that was laid.

    Raises:
        StoreError: there is no such site, or the database is away.
    """
    reader, now = _reader(site), ground().clock()
    compared, gaps = compare_day(reader, day, now), gaps_of_day(reader, day, now)
    shares = range_shares(reader, [day])
    with reading(ground().engine) as connection:
        revision = last_report(connection, site, day)
    sentences = [*headline(compared, gaps), *_who_came(reader, day), *_shares(shares)]
    if compared.totals.visits == 0:
        sentences = [_nothing(reader, compared, gaps, now), *sentences]
    notes = unique_notes(compared.people.day, ground().config.reid.mode, reader.site.zone)
    return DayTold(
        site=site,
        day=day,
        label=_line(reader.site.label) or site,
        about=f"{long_day(day)} · {opening_text(reader.site, day)} · local time of {reader.site.zone.key}",
        before=f"{compared.before_day.day} {compared.before_day:%b}",
        state=_state(reader, compared),
        simulated=reader.site.simulated,
        sentences=tuple(map(_line, sentences)),
        notes=tuple(map(_line, notes)) if compared.totals.visits else (),
        numbers=tuple(day_row(compared)),
        who=_who(shares),
        gaps=tuple(Gap(_line(gap.camera), gap.lost_s, _line(gap.reason)) for gap in gaps),
        hours=_hours(reader, compared),
        entrances=_entrances(compared),
        revision=revision,
        told_at=now if compared.so_far else day_bounds(day, reader.site.zone).end,
    )


def _reader(site: str) -> Reader:
    person = Person("notices", "viewer", (site,))
    for known in visible_sites(person):
        if known.name == site:
            return Reader(person, known)
    raise StoreError(f"no site {site!r} in the database")


def _state(reader: Reader, compared: Comparison) -> str:
    share = compared.totals.observed_share
    if compared.so_far:
        return NOT_OVER
    if not compared.totals.visits and not share:
        return NOTHING if reader.site.opening(compared.day) else CLOSED
    return COMPLETE if is_complete(share) else INCOMPLETE


def _nothing(reader: Reader, compared: Comparison, gaps: list[Gap], now: datetime) -> str:
    title, why = nothing_counted(compared.day, reader.site, compared.totals.observed_share, gaps, now)
    # The page writes Markdown with escaped labels; on paper there is none, and the gaps have a place of their own.
    return f"{title}." if gaps else f"{title}. {CODE_PATTERN.sub(QUOTED, why)}"


def _who_came(reader: Reader, day: date) -> list[str]:
    """Return how many there were by counts by hand, as the page says it."""
    estimate = estimate_of(reader, day)
    if estimate is None or not estimate.counted:
        return []
    return [estimate_sentence(estimate)]


def _shares(shares: RangeShares) -> list[str]:
    lead = [sentence for sentence in (gender_sentence(shares.gender), age_sentence(shares.age)) if sentence]
    return [sentence for sentence in (*lead, coverage_sentence(shares.gender)) if sentence] if lead else []


def _hours(reader: Reader, compared: Comparison) -> AnyChart | None:
    site, day = reader.site, compared.day
    hours = busy_part(compared.hours, site.opening(day), site.hours(day))
    if hours["came_in"].sum() == 0 and hours[["compared", "observed"]].isna().all(axis=None):
        return None
    return hours_chart(hours, short_day(day), short_day(compared.before_day), site.zone.key, LIGHT)


def _entrances(compared: Comparison) -> AnyChart | None:
    shown = by_entrance(compared)
    return None if shown.empty else entrances_chart(shown)


def _who(shares: RangeShares) -> pd.DataFrame:
    """Return Group, About, From, To of women, men and four ages, as the page draws them."""
    came = who_came(shares)
    rows = [(one.name, one.about, one.low, one.high) for one in (*came.genders, *came.ages)]
    columns = ["Group", "About", "From", "To"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[1:], "float64"))


def _line(text: str) -> str:
    return " ".join(text.split())
