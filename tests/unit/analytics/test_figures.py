"""Files of tills, rosters and weather services, as they come: what is understood, and what is asked or refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from analytics.figures.columns import parse_map
from analytics.figures.reading import Asked, FigureFile, read_figures
from analytics.holidays import public_holidays
from footfall.errors import ConfigError
from footfall.figures import WHOLE_DAY, Kind, money

TODAY = date(2026, 4, 1)
ENTRANCES = ("North", "Süd")


def read(content: str | bytes, kind: Kind = "sales", columns: str = "", **said: Any) -> FigureFile:
    data = content if isinstance(content, bytes) else content.encode()
    return read_figures(data, Asked(kind, ENTRANCES, TODAY, parse_map(columns, kind), **said))


def values(file: FigureFile) -> dict[tuple[str, str, int, str], int]:
    return {(one.measure, one.day.isoformat(), one.hour, one.entrance): one.value for one in file.figures}


GERMAN = "Datum;Stunde;Bons;Umsatz;Eingang\r\n02.03.2026;09-10;1.204;12.345,67 €;süd\r\nGesamt;;1.204;12.345,67;\r\n"
AMERICAN = 'Business Date,Time,Receipts,Net Sales\n03/13/2026,2:00 PM,1204,"$12,345.67"\n'
WANTED = {("transactions", "2026-03-02", 9, "Süd"): 1204, ("sales", "2026-03-02", 9, "Süd"): 123_456_700}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_of_a_german_till_is_read_in_any_encoding(encoding: str) -> None:
    file = read(GERMAN.encode(encoding))
    assert values(file) == WANTED
    assert (file.lines, file.left_out, file.separator) == (1, 1, ";")
    assert file.columns["sales"] == "Umsatz"


def test_a_file_of_an_american_till_is_read() -> None:
    sales = {("sales", "2026-03-13", 14, ""): 123_456_700, ("transactions", "2026-03-13", 14, ""): 1204}
    assert values(read(AMERICAN)) == sales


def test_amounts_are_exact_where_floats_are_not() -> None:
    lines = "".join("2026-03-02,9,0.10\n" for _ in range(3))
    file = read(f"day,hour,sales\n{lines}2026-03-02,10,-0.3\n")
    assert file.total("sales") == 0 and file.total("transactions") is None
    assert file.added_up == 2
    assert values(file)["sales", "2026-03-02", 9, ""] == 3000


@pytest.mark.parametrize(
    ("transactions", "sales", "read_as"),
    [("5,000", "123,45", 5), ("5.000", "123.45", 5), ("5.000", "123,45", 5000), ("5,000", "123.45", 5000)],
)
def test_a_mark_in_a_number_of_transactions_is_what_the_amounts_say_it_is(
    transactions: str, sales: str, read_as: int
) -> None:
    file = read(f"day;transactions;sales\n2026-03-02;{transactions};{sales}\n")
    assert values(file)["transactions", "2026-03-02", WHOLE_DAY, ""] == read_as


def test_own_names_are_mapped_and_a_column_can_be_left_out() -> None:
    text = "Date,Net,Gross,Tickets,Store,Door\n2026-03-02,5.5,6.6,3,Shop 12,north\n"
    file = read(text, columns="Date=day,Net=sales,Tickets=transactions,Store=,door=entrance")
    assert values(file)["sales", "2026-03-02", WHOLE_DAY, "North"] == 55_000


def test_hours_of_staff_are_read_as_decimals_and_as_a_clock() -> None:
    file = read("day,hour,hours\n2026-03-02,9,7.5\n2026-03-02,10,7:45\n", "staff-hours")
    assert sorted(values(file).values()) == [27_000, 27_900]


def test_weather_is_read_with_its_units() -> None:
    [day] = read("date,temp,prcp,Wetter\n2026-03-02,−3.5 °C,12 mm,Schnee\n", "weather").weather
    assert (day.temperature_c, day.rain_mm, day.words) == (-3.5, 12.0, "Schnee")


@pytest.mark.parametrize(
    ("text", "said", "told"),
    [
        ("", {}, "is empty"),
        ("day,sales\n", {}, "no line below its header"),
        (b"PK\x03\x04\x00\x00", {}, "as CSV, not as a workbook"),
        ("a,b\n1,2\n", {}, "no column is day; it has a, b; say which one is meant: --map COLUMN=day"),
        ("day,b\n2026-03-02,2\n", {}, "no column is transactions or sales"),
        ("day,net,sales\n2026-03-02,1,2\n", {}, "'net' and 'sales' may both be sales; say which: --map"),
        ("day,sales\n2026-03-02,1\n", {"columns": "Sals=sales"}, "has no column 'Sals'; did you mean 'sales'?"),
        ("day,sales\n03/04/2026,1\n", {}, "line 2: '03/04/2026' may be two dates; say --dates day-first or"),
        ("day;sales\n2026-03-02;1.234\n", {}, "line 2: '1.234' may be two numbers; say --decimal"),
        ("day,sales\n2026-02-30,1\n", {}, "line 2: '2026-02-30' is no date"),
        ("day,sales\n2026-04-02,1\n", {}, "line 2: 2026-04-02 lies ahead"),
        ("day,hour,sales\n2026-03-02,24,1\n", {}, "line 2: '24' is no hour"),
        ("day,transactions\n2026-03-02,1.5\n", {}, "transactions '1.5' is no whole number"),
        ("day,sales,door\n2026-03-02,1,Nord\n", {}, "no entrance 'Nord'; did you mean 'North'?"),
        ("day,hour,sales\n2026-03-02,9,1\n2026-03-02,,5\n", {}, "told by hour and as a whole day; keep one"),
        ("day,door,sales\n2026-03-02,north,1\n2026-03-02,,5\n", {}, "by entrance and without one; keep one"),
        ("day,sales\n2026-03-02,1.2e5\n", {}, "'1.2e5' is no number"),
    ],
)
def test_what_cannot_be_known_is_said_in_one_line(text: str | bytes, said: Mapping[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(text, **said)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_may_mean_two_things_can_be_said() -> None:
    file = read("day;sales\n03/04/2025;1.234\n", order="day-first", point=",")
    assert values(file) == {("sales", "2025-04-03", WHOLE_DAY, ""): 12_340_000}


def test_money_is_written_with_the_decimals_of_its_currency() -> None:
    assert [money(12_345_600, name) for name in ("EUR", "JPY", "KWD", "")] == [
        "1,234.56 EUR",
        "1,235 JPY",
        "1,234.560 KWD",
        "1,234.56",
    ]


def test_holidays_are_those_of_country_and_state() -> None:
    november = date(2026, 11, 1), date(2026, 11, 30)
    assert public_holidays("US", "", *november)[date(2026, 11, 26)] == "Thanksgiving Day"
    assert date(2026, 11, 18) in public_holidays("DE", "SN", *november)
    assert date(2026, 11, 18) not in public_holidays("DE", "BY", *november)
    assert public_holidays("", "", *november) == {}
