"""Sales: what of those who came in became transactions and money, and how much staff was there for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.accounts.access import still_may_see
from dashboard.charts.sales import ratio_days_chart, ratio_entrances_chart, ratio_hours_chart
from dashboard.charts.style import AnyChart
from dashboard.choose_range import choose_range
from dashboard.import_figures import show_import
from dashboard.layout import chart_card, empty_state, heading, page_ink
from dashboard.numbers.reading import Reader
from dashboard.numbers.sales import RangeSales, range_sales
from dashboard.page import open_page
from dashboard.serving.wiring import wired
from dashboard.wording import NOT_SHOWN, count, day_range, listing, percent, plain, short_day
from footfall.figures import MONEY_UNITS, money
from reports.files import to_csv
from reports.sales import sales_table

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Ratio:
    """One of the numbers that the page can draw: its column, its name, the format of an axis, and what it means."""

    column: str
    name: str
    axis: str
    meaning: str


RATIOS = (
    Ratio("conversion", "Conversion", ".0%", "Transactions for each person who came in."),
    Ratio("per_visitor", "Sales a visitor", ",.2f", "Sales for each person who came in."),
    Ratio("ticket", "Average ticket", ",.2f", "Sales for each transaction."),
    Ratio("per_staff_hour", "Visitors an hour of staff", ",.1f", "People who came in for each hour that staff worked."),
)


def show() -> None:
    """Show the page."""
    reader = open_page()
    title = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first, last = choose_range(reader.site, "sales")
        choice = st.container()
    told = range_sales(reader, first, last)
    with title:
        heading("Sales", day_range(first, last), reader.site.label, f"local time of {reader.site.zone.key}")
    shown = [ratio for ratio in RATIOS if getattr(told.sums, ratio.column) is not None]
    if told.days.empty:
        empty_state("No figures in these days", "Choose other days above, or ask an administrator to import them.")
    elif not shown:
        empty_state("Too little was observed", "On no day with figures did the cameras watch long enough to compare.")
    else:
        with choice:
            name = st.selectbox("Show", [ratio.name for ratio in shown], key="sales-ratio", width=230)
        ratio = next(ratio for ratio in shown if ratio.name == name)
        st.markdown(" ".join(plain(sentence) for sentence in _sentences(told)))
        _show_sums(told, shown)
        _show_charts(reader, told, ratio)
        _show_download(reader, (first, last))
    show_import(reader)


def _sentences(told: RangeSales) -> list[str]:
    sums, sentences = told.sums, []
    if sums.conversion is not None:
        sold = told.days[told.days["complete"] & told.days["transactions"].notna()]  # what the conversion is of
        days, came = "1 day" if len(sold) == 1 else f"{len(sold)} days", int(sold["came_in"].sum())
        sentences.append(
            f"{count(sums.transactions)} transactions of {count(came)} people who came in on {days}: "
            f"{percent(sums.conversion, 1)}."
        )
        if sums.conversion > 1:
            sentences.append("More was sold than people were counted: several tills for one visit, or a way in unseen.")
    if sums.left_out:
        incomplete = [short_day(day) for day in told.days.loc[~told.days["complete"], "day"]]
        named = listing(incomplete if len(incomplete) <= MOST_NAMED else [*incomplete[:MOST_NAMED], "others"])
        verb = "was" if sums.left_out == 1 else "were"
        sentences.append(f"{named} {verb} not fully observed and left out: more came than were counted.")
    return sentences


def _show_sums(told: RangeSales, shown: list[Ratio]) -> None:
    sums = told.sums
    days = "the day" if sums.rows == 1 else f"the {sums.rows} days"
    basis = f"Of {days} with figures that were fully observed."
    with st.container(horizontal=True, gap="small", key="metrics"):
        st.metric("Came in", count(sums.came_in), border=True, height="stretch", help=basis)
        if sums.sales:
            name = f"Sales, {told.currency}" if told.currency else "Sales"
            st.metric(name, count(sums.sales / MONEY_UNITS), border=True, height="stretch", help=basis)
        for ratio in shown:
            value = _text(ratio, getattr(sums, ratio.column), told.currency).removesuffix(f" {told.currency}")
            st.metric(
                _named(ratio, told.currency), value, border=True, height="stretch", help=f"{ratio.meaning} {basis}"
            )


def _show_charts(reader: Reader, told: RangeSales, ratio: Ratio) -> None:
    zone, name = reader.site.zone.key, _named(ratio, told.currency)

    def text(value: float) -> str:
        return _text(ratio, value, told.currency)

    days = told.days.assign(label=[f"{short_day(day)} {day.year}" for day in told.days["day"]])
    starts = pd.to_datetime(days["day"], utc=True)
    days = _valued(days, ratio, text).assign(start=starts, end=starts + pd.Timedelta(days=1))
    note = "Yellow days were not fully observed: no share can be told." if (~days["complete"]).any() else ""
    chart_card(
        f"{ratio.name} by day",
        "sales-days",
        partial(ratio_days_chart, days, name, ratio.axis, zone, page_ink()),
        _table(days, "Day", ratio).assign(Observed=days["observed_share"]),
        note=note,
        formats={"Observed": "percent"},
    )
    for frame, column, what, key in (
        (told.hours, "hour", "Hour", "hours"),
        (told.entrances, "entrance", "Entrance", "entrances"),
    ):
        labels = [f"{value:02}:00" if column == "hour" else str(value) for value in frame[column]]
        rows = _valued(frame.assign(label=labels), ratio, text)
        if rows["value"].notna().any():
            _show_split(rows, what, key, (ratio, name, zone))


def _show_split(rows: pd.DataFrame, what: str, key: str, drawn: tuple[Ratio, str, str]) -> None:
    ratio, name, zone = drawn
    draw: partial[AnyChart] = partial(ratio_entrances_chart, rows.dropna(subset=["value"]), name, ratio.axis)
    if what == "Hour":
        draw = partial(ratio_hours_chart, rows, name, ratio.axis, zone)
    chart_card(
        f"{ratio.name} by {what.lower()}",
        f"sales-{key}",
        draw,
        _table(rows, what, ratio).assign(**{f"Full {'hours' if what == 'Hour' else 'days'}": rows["rows"]}),
    )


def _valued(frame: pd.DataFrame, ratio: Ratio, text: Callable[[float], str]) -> pd.DataFrame:
    """Return the rows with `value`, what is drawn (amounts in the currency), and `text`, what a tooltip says."""
    scale = MONEY_UNITS if ratio.column in ("per_visitor", "ticket") else 1
    values = frame[ratio.column].astype("float64")
    told = frame[[name for name in ("day", "label", "came_in", "complete", "observed_share", "rows") if name in frame]]
    return told.assign(
        value=values / scale, text=[text(value) for value in values], transactions=frame["transactions"].astype("Int64")
    )


def _table(rows: pd.DataFrame, what: str, ratio: Ratio) -> pd.DataFrame:
    columns = {"label": what, "came_in": "Came in", "transactions": "Transactions", "text": ratio.name}
    return rows[list(columns)].rename(columns=columns)


def _show_download(reader: Reader, days: tuple[date, date]) -> None:
    site, first, last = reader.site.name, days[0], days[1]
    check = still_may_see(site)

    def content(by_hour: bool) -> bytes:
        check()
        with_staff = wired().config.reid.staff_in_visits
        return to_csv(sales_table(wired().engine, site, (first, last), by_hour=by_hour, with_staff=with_staff))

    with st.container(horizontal=True, gap="small"):
        for by_hour, what in ((False, "days"), (True, "hours")):
            name = f"{site}_sales_by_{what[:-1]}_{first}_{last}.csv"
            st.download_button(
                f"Download {what} as CSV",
                partial(content, by_hour),
                name,
                "text/csv",
                key=f"sales-{what}",
            )


def _text(ratio: Ratio, value: float | None, currency: str) -> str:
    if value is None or value != value:
        return NOT_SHOWN
    if ratio.column == "conversion":
        return percent(value, 1)
    return money(value, currency) if ratio.column in ("per_visitor", "ticket") else f"{value:,.1f}"


def _named(ratio: Ratio, currency: str) -> str:
    return f"{ratio.name}, {currency}" if currency and ratio.column in ("per_visitor", "ticket") else ratio.name


if __name__ == "__main__":
    show()
