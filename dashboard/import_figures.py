"""The card on which an administrator imports sales, staff hours or weather: first what was understood, then storing."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.figures.columns import FIELDS, guess_columns
from analytics.figures.text import LARGEST_BYTES, Lines, read_lines
from analytics.figures.values import DayOrder, Point
from dashboard.numbers.kept import forget_kept
from dashboard.numbers.reading import Reader
from dashboard.numbers.sales import imports_of
from dashboard.serving.wiring import wired
from dashboard.wording import plain
from db.writing.figures import remove_import
from footfall.errors import FootfallError
from footfall.figures import KINDS, Kind
from reports.figure_import import Understood, Wanted, keep, understand, what_changes, what_was_read

NAMES: dict[Kind, str] = {"sales": "Sales and transactions", "staff-hours": "Hours of staff", "weather": "Weather"}
MEANINGS = {
    "day": "Day",
    "hour": "Hour",
    "transactions": "Transactions",
    "sales": "Sales",
    "entrance": "Entrance",
    "hours": "Hours of staff",
    "temperature": "Temperature, °C",
    "rain": "Rain, mm",
    "text": "In words",
}
NONE = "–"
ORDERS: dict[str, DayOrder | None] = {"Dates: found": None, "Day first": "day-first", "Month first": "month-first"}
POINTS: dict[str, Point | None] = {"Decimals: found": None, "1,234.50": ".", "1.234,50": ","}
ROUND = "import-round"


def show_import(reader: Reader) -> None:
    """Show the card to administrators, nothing to others."""
    if not reader.person.is_admin:
        return
    with st.container(border=True, key="card-import"):
        st.subheader("Import figures", anchor=False)
        st.caption(
            "A CSV as the till, the roster or a weather service exports it. First you see what was understood; nothing "
            "is stored before you confirm. Days that a file holds take the place of what was there."
        )
        turn = int(st.session_state.setdefault(ROUND, 0))  # a new number empties the card after an import
        kind = st.selectbox("What", KINDS, format_func=lambda one: NAMES[one], key="import-kind", width=260)
        file = st.file_uploader("File", type=["csv", "txt", "tsv"], key=f"import-file-{turn}")
        if file is not None:
            _show_file(reader, kind, file.name, file.getvalue())
        _show_imports(reader)


def _show_file(reader: Reader, kind: Kind, name: str, content: bytes) -> None:
    site = reader.site
    try:
        lines = read_lines(content[: LARGEST_BYTES + 1])
        wanted = Wanted(
            site=site.name,
            kind=kind,
            file=name,
            by=reader.person.name,
            today=site.today(),
            currency=_currency(site.name),
            **_show_choices(lines, kind),  # type: ignore[arg-type]
        )
        _show_first_lines(lines)
        understood = understand(wired().engine, content, wanted)
    except FootfallError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    _show_understood(reader, understood)


def _show_choices(lines: Lines, kind: Kind) -> dict[str, object]:
    """Ask which column means what, beginning with what was found; return the settings of `Wanted`."""
    found = guess_columns(lines.header, kind)
    names = list(dict.fromkeys(filter(None, lines.header)))
    columns = dict.fromkeys(names, "")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for field in FIELDS[kind]:
            index = 1 + names.index(lines.header[found[field]]) if field in found else 0
            column = st.selectbox(
                MEANINGS[field], [NONE, *names], index=index, key=f"import-{kind}-{field}-{names}", width=150
            )
            if column != NONE:
                columns[column] = field
        order = st.selectbox("Dates", list(ORDERS), key="import-order", width=150)
        point = st.selectbox("Decimals", list(POINTS), key="import-point", width=150)
    return {"columns": columns, "order": ORDERS[order], "point": POINTS[point]}


def _show_first_lines(lines: Lines) -> None:
    names = [name or f"column {number}" for number, name in enumerate(lines.header, start=1)]
    unique = [f"{name} ({number})" if names.count(name) > 1 else name for number, name in enumerate(names, start=1)]
    first = [(*cells, *("",) * len(unique))[: len(unique)] for _, cells in lines.rows[:5]]
    st.caption("The first lines of the file")
    st.dataframe(pd.DataFrame(first, columns=unique), hide_index=True, width="stretch")


def _show_understood(reader: Reader, understood: Understood) -> None:
    st.markdown(" ".join(plain(sentence) for sentence in what_was_read(understood)))
    st.markdown(f"**{plain(what_changes(understood.effect))}**")
    changes = bool(understood.effect.new_days or understood.effect.replaced_days)
    if st.button("Import", type="primary", key="import-go", disabled=not changes):
        reader.person.require_admin()
        try:
            effect = keep(wired().engine, understood, wired().clock())
        except FootfallError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        _renew(f"Imported: {what_changes(effect)}")


def _show_imports(reader: Reader) -> None:
    found = imports_of(reader)
    if found.empty:
        return
    zone = reader.site.zone
    table = pd.DataFrame(
        {
            "Number": found["number"],
            "What": [NAMES[kind] for kind in found["kind"]],
            "File": found["file"],
            "First day": found["first_day"],
            "Last day": found["last_day"],
            "Days": found["days"],
            "Still stand": found["days_left"],
            "By": found["imported_by"],
            "When": [f"{one.astimezone(zone):%d.%m.%Y %H:%M}" for one in found["imported_at"]],
        }
    )
    dates = {name: st.column_config.DateColumn(format="DD.MM.YYYY") for name in ("First day", "Last day")}
    st.dataframe(table, hide_index=True, width="stretch", column_config=dates)
    kinds = dict(zip(found["number"], found["kind"], strict=True))
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        number = st.selectbox("Take back import", list(kinds), index=None, key="import-number", width=170)
        if st.button("Remove", key="import-remove", disabled=number is None) and number is not None:
            reader.person.require_admin()
            days = remove_import(wired().engine, reader.site.name, kinds[number], int(number))
            _renew(f"Removed: {len(days)} days")


def _renew(told: str) -> None:
    forget_kept()
    st.session_state[ROUND] += 1
    st.toast(plain(told), icon=":material/check:")
    st.rerun()


def _currency(site: str) -> str:
    settings = wired().config.sites.get(site)
    return "" if settings is None else settings.currency
