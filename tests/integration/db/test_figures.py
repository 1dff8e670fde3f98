"""Imports of sales, staff hours and weather in both databases: nothing twice, and what is corrected replaces."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from db.reading.figures import figures, imports, weather
from db.reading.selection import Selection
from db.session import reading
from db.store import Store
from db.writing.figures import Package, remove_import, store_figures
from footfall.errors import StoreError
from footfall.figures import WHOLE_DAY, DayWeather, Figure, Source
from reports.figure_import import Wanted, keep, understand, what_changes
from reports.sales import sales_frame, sales_table, sums
from tests.conftest import FakeClock
from tests.integration.conftest import minute, visit

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
BOTH = Selection(MONDAY, TUESDAY)
NOW = datetime(2026, 3, 4, 6, tzinfo=UTC)


def stored(engine: Engine) -> dict[tuple[str, date, int, str], int]:
    with reading(engine) as connection:
        rows = figures(connection, BOTH).to_dict("records")
    return {(row["measure"], row["day"], row["hour"], row["entrance"]): row["value"] for row in rows}


def put(engine: Engine, text: str, currency: str = "EUR") -> str:
    wanted = Wanted("mall", "sales", "till.csv", "ada", TUESDAY, currency)
    return what_changes(keep(engine, understand(engine, text.encode(), wanted), NOW))


def test_the_same_file_changes_nothing_and_a_corrected_one_replaces_its_days(engine: Engine, store: Store) -> None:
    first = "day,hour,transactions,sales\n2026-03-02,10,4,10.50\n2026-03-02,11,6,20\n2026-03-03,10,1,5\n"
    assert put(engine, first) == "2 days new."
    before = stored(engine)
    assert before["sales", MONDAY, 10, ""] == 105_000
    assert "Nothing changes" in put(engine, first)
    assert put(engine, "day,hour,transactions,sales\n2026-03-02,10,5,12.50\n2026-03-03,10,1,5\n") == (
        "1 day replaced (2026-03-02), 1 day as before."
    )
    after = stored(engine)
    assert ("sales", MONDAY, 11, "") not in after and after["transactions", MONDAY, 10, ""] == 5
    with reading(engine) as connection:
        newest, oldest = imports(connection, "sales").to_dict("records")
    assert (newest["replaced_days"], newest["imported_by"], newest["imported_at"]) == (1, "ada", NOW)
    assert (oldest["days"], oldest["days_left"]) == (2, 1)
    assert remove_import(engine, "mall", "sales", newest["number"]) == [MONDAY]
    assert {key[1] for key in stored(engine)} == {TUESDAY}


def test_a_day_is_never_told_by_entrance_and_without_at_once(engine: Engine, store: Store) -> None:
    put(engine, "day,transactions,entrance\n2026-03-02,4,north\n2026-03-02,5,south\n")
    assert "replaced" in put(engine, "day,transactions,entrance\n2026-03-02,6,north\n")
    assert stored(engine) == {
        ("transactions", MONDAY, WHOLE_DAY, "North"): 6,
        ("transactions", MONDAY, WHOLE_DAY, "South"): 5,
    }
    assert "replaced" in put(engine, "day,transactions\n2026-03-02,20\n")
    assert list(stored(engine).values()) == [20]
    put(engine, "day,sales\n2026-03-02,7\n")  # another measure goes beside it
    assert "replaced" in put(engine, "day,transactions,entrance\n2026-03-02,6,north\n")
    assert set(stored(engine)) == {("transactions", MONDAY, WHOLE_DAY, "North"), ("sales", MONDAY, WHOLE_DAY, "")}


def test_amounts_of_two_currencies_are_not_mixed_and_an_unknown_import_is_named(engine: Engine, store: Store) -> None:
    put(engine, "day,sales\n2026-03-02,7\n")
    with pytest.raises(StoreError, match="are in EUR, these in USD"):
        put(engine, "day,sales\n2026-03-03,7\n", "USD")
    assert {key[1] for key in stored(engine)} == {MONDAY}
    with pytest.raises(StoreError, match="no import 7 of weather at mall"):
        remove_import(engine, "mall", "weather", 7)
    with pytest.raises(StoreError, match="no import"):  # the number of another site's import
        remove_import(engine, "night", "sales", 1)


def test_weather_replaces_its_days(engine: Engine, store: Store) -> None:
    for rain in (None, 3.5):
        days = DayWeather(MONDAY, 4.5, rain, "wet"), DayWeather(TUESDAY, None, None, "")
        effect = store_figures(engine, Package("mall", "weather", Source("w.csv", "", "ada"), {}, weather=days), NOW)
    assert (effect.replaced_days, effect.same_days) == ((MONDAY,), (TUESDAY,))
    with reading(engine) as connection:
        told = weather(connection, BOTH)
    assert list(told["rain_mm"].fillna(-1)) == [3.5, -1]


def watched(store: Store, camera: str, day: date, hours: int) -> None:
    start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)  # ten in Berlin, when the mall opens
    store.save_minutes([minute(start + timedelta(minutes=number), camera) for number in range(60 * hours)])


def test_conversion_rests_on_who_came_in_and_leaves_out_what_was_not_observed(
    engine: Engine, store: Store, clock: FakeClock
) -> None:
    clock.now = NOW
    ten = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    store.save_visits([visit(number, ten + timedelta(seconds=number)) for number in range(8)])
    store.save_visits([visit(100 + number, ten + timedelta(days=1, seconds=number)) for number in range(3)])
    store.save_visits([visit(200, ten, "south"), visit(201, ten, "south")])
    for camera in ("north", "south"):
        watched(store, camera, MONDAY, 10)
        watched(store, camera, TUESDAY, 6)
    put(
        engine,
        "day,hour,transactions,sales,entrance\n2026-03-02,10,4,10.10,north\n2026-03-02,10,1,0.20,south\n"
        "2026-03-03,10,9,9,north\n2026-03-03,19,9,9,south\n",
    )
    staff = (Figure("staff", MONDAY, 10, "", 4 * 3600),)
    store_figures(engine, Package("mall", "staff-hours", Source("r.csv", "", "ada"), {}, figures=staff), NOW)
    zone, days = ZoneInfo("Europe/Berlin"), (MONDAY, TUESDAY)
    with reading(engine) as connection:
        by_day = sales_frame(connection, "mall", zone, days, by_hour=False, with_staff=True)
        by_hour = sales_frame(connection, "mall", zone, days, by_hour=True, with_staff=True)
    site = by_day[by_day["entrance"] == ""].set_index("day")
    assert (site["came_in"][MONDAY], site["conversion"][MONDAY], site["per_staff_hour"][MONDAY]) == (10, 0.5, 2.5)
    assert site["transactions"][TUESDAY] == 18 and site["conversion"].isna()[TUESDAY]
    told = sums(by_day[by_day["entrance"] == ""])
    assert (told.rows, told.left_out, told.came_in, told.conversion, told.ticket) == (1, 1, 10, 0.5, 20_600.0)
    tuesday_at_ten = by_hour[(by_hour["day"] == TUESDAY) & (by_hour["hour"] == 10) & (by_hour["entrance"] == "North")]
    assert list(tuesday_at_ten["conversion"]) == [3.0]  # of that hour all was observed
    table = sales_table(engine, "mall", days, by_hour=False, with_staff=True)
    assert list(table["entrance"]) == ["all", "North", "South"] * 2
    assert list(table["sales"])[:3] == [Decimal("10.3"), Decimal("10.1"), Decimal("0.2")]


def test_a_site_is_not_told_where_only_one_entrance_is(engine: Engine, store: Store, clock: FakeClock) -> None:
    clock.now = NOW
    for camera in ("north", "south"):
        watched(store, camera, MONDAY, 10)
    put(engine, "day,transactions,entrance\n2026-03-02,4,north\n")
    table = sales_table(engine, "mall", (MONDAY, MONDAY), by_hour=False, with_staff=True)
    assert table["transactions"].isna().tolist() == [True, False]
