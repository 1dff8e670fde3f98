"""The daily report from rows to file: exact, repeatable, and replaced when late data change it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.reading.operation import reopened_days, reports
from db.reading.selection import Selection
from db.session import reading
from db.store import Store
from footfall.config_sections import ReportConfig
from footfall.errors import ConfigError, StoreError
from footfall.types import Gender
from reports.files import to_csv
from reports.writer import ReportWriter
from tests.conftest import FakeClock
from tests.integration.conftest import minute, visit

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # in Berlin
MONDAY = date(2026, 3, 2)


@pytest.fixture
def writer(engine: Engine, store: Store, tmp_path: Path) -> ReportWriter:
    """Writes the reports of the store into a folder that does not exist yet."""
    return ReportWriter(engine, ReportConfig(directory=tmp_path / "reports"), store)


def read(path: str | Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file as a spreadsheet would read them."""
    return list(csv.DictReader(io.StringIO(Path(path).read_text(encoding="utf-8-sig"), newline="")))


def fill(store: Store) -> None:
    """Four visits at the north, one at the south, ten hours of minutes at the north alone."""
    store.save_visits(
        [
            visit(1, NOON),
            visit(2, NOON, gender=Gender.MALE, age_group="0-12"),
            visit(3, NOON + timedelta(hours=1), gender=Gender.UNKNOWN, age_group="unknown"),
            visit(4, NOON + timedelta(hours=1)),
            visit(5, NOON, camera="south"),
        ]
    )
    opening = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    store.save_minutes([minute(opening + timedelta(minutes=n)) for n in range(600)])


def test_the_report_counts_every_visit_once_and_says_what_was_observed(writer: ReportWriter, store: Store) -> None:
    fill(store)
    rows = read(writer.write("mall", MONDAY).report.path)
    groups = [row for row in rows if row["row"] == "group"]
    assert len(groups) == 2 * 27
    assert sum(int(row["visits"]) for row in groups) == 5
    by_kind = {row["row"]: row for row in rows if row["entrance"] in ("North", "all")}
    assert [by_kind[kind]["visits"] for kind in ("camera total", "entrance total", "site total")] == ["4", "4", "5"]
    assert by_kind["camera total"]["unknown"] == "1"
    assert (by_kind["camera total"]["observed_share"], by_kind["camera total"]["complete"]) == ("1.0000", "yes")
    assert (by_kind["site total"]["observed_share"], by_kind["site total"]["complete"]) == ("0.5000", "no")
    women = [row for row in groups if row["camera"] == "north" and row["visits"] == "2"]
    assert [(row["gender"], row["age_group"], row["share"]) for row in women] == [("female", "25-34", "0.5000")]


def test_the_same_data_give_the_same_bytes_and_no_new_revision(writer: ReportWriter, store: Store) -> None:
    fill(store)
    first = writer.write("mall", MONDAY)
    content = Path(first.report.path).read_bytes()
    again = writer.write("mall", MONDAY)
    assert (first.written, again.written) == (True, False)
    assert again.report == first.report
    assert to_csv(writer.table("mall", MONDAY)) == content


def test_late_visits_reopen_the_day_and_the_new_report_says_why(
    writer: ReportWriter, store: Store, engine: Engine, clock: FakeClock
) -> None:
    fill(store)
    old = Path(writer.write("mall", MONDAY).report.path).read_bytes()
    clock.advance(days=1)
    store.save_visits([visit(1, NOON), visit(6, NOON), visit(7, NOON)])
    with reading(engine) as connection:
        assert reopened_days(connection)["reason"].tolist() == ["2 visits arrived late"]
    assert writer.due("mall", clock()) == [MONDAY]
    assert set(writer.table("mall", MONDAY)["reason"]) == {"not written yet: 2 visits arrived late"}
    new = writer.write("mall", MONDAY).report
    assert (new.revision, new.replaces, new.reason, new.visits) == (2, 1, "2 visits arrived late", 7)
    row = read(new.path)[0]
    assert (row["revision"], row["replaces"], row["reason"]) == ("2", "1", "2 visits arrived late")
    assert (Path(new.path).parent / "mall_2026-03-02_r1.csv").read_bytes() == old
    assert writer.due("mall", clock()) == []
    with reading(engine) as connection:
        assert reports(connection, Selection(MONDAY, MONDAY))["revision"].tolist() == [2, 1]


def test_replayed_visits_and_minutes_reopen_nothing(writer: ReportWriter, store: Store, clock: FakeClock) -> None:
    fill(store)
    writer.write("mall", MONDAY)
    clock.advance(days=1)
    fill(store)
    assert writer.due("mall", clock()) == []


def test_late_minutes_reopen_the_day(writer: ReportWriter, store: Store, clock: FakeClock) -> None:
    fill(store)
    writer.write("mall", MONDAY)
    clock.advance(days=1)
    store.save_minutes([minute(NOON, camera="south")])
    assert store.reopened_because("mall", MONDAY) == "the observed time changed"


def test_a_lost_file_is_written_again_under_the_same_revision(writer: ReportWriter, store: Store) -> None:
    fill(store)
    first = writer.write("mall", MONDAY)
    Path(first.report.path).unlink()
    again = writer.write("mall", MONDAY)
    assert again.written and again.report == first.report and Path(first.report.path).exists()
    assert again.fault == "its file was missing"


def test_a_report_that_cannot_be_read_holds_up_no_other_day(writer: ReportWriter, clock: FakeClock) -> None:
    path = Path(writer.write("mall", MONDAY).report.path)
    path.unlink()
    path.symlink_to(path)  # as a file that another user owns, or on a bad sector: root may read anything else
    clock.advance(days=2)
    due = writer.due("mall", clock())
    assert MONDAY in due and MONDAY + timedelta(days=1) in due
    assert writer.write("mall", MONDAY + timedelta(days=1)).written


def test_a_leftover_of_the_day_that_cannot_be_removed_holds_up_no_report(
    writer: ReportWriter, tmp_path: Path, clock: FakeClock
) -> None:
    path = Path(writer.write("mall", MONDAY).report.path)
    clock.advance(days=1)
    (path.parent / "mall_2026-03-03_so_far.csv").mkdir()
    assert writer.write("mall", MONDAY + timedelta(days=1)).written


def test_every_configured_day_is_due_even_when_nothing_was_observed(
    writer: ReportWriter, store: Store, clock: FakeClock
) -> None:
    clock.advance(days=2)
    assert writer.due("mall", clock()) == [MONDAY, date(2026, 3, 3)]
    rows = read(writer.write("mall", MONDAY).report.path)
    assert {(row["visits"], row["observed_share"], row["complete"]) for row in rows} == {("0", "0.0000", "no")}


def test_days_with_data_are_due_also_before_between_and_after_the_days_that_a_camera_was_configured(
    writer: ReportWriter, store: Store, clock: FakeClock
) -> None:
    for camera in ("north", "south"):
        store.retire_camera(camera, MONDAY + timedelta(days=2))
    days = [NOON + timedelta(days=number) for number in (-40, -2, 1, 3, 5, 7)]
    store.save_visits([visit(number, day) for number, day in enumerate(days)])
    store.save_minutes([minute(NOON - timedelta(days=9))])
    clock.advance(days=7)
    writer.write("mall", date(2026, 3, 5))
    assert writer.due("mall", clock()) == [
        date(2026, 1, 21),
        date(2026, 2, 21),
        date(2026, 2, 28),
        MONDAY,
        date(2026, 3, 3),
        date(2026, 3, 7),
    ]


def test_the_report_by_hour_adds_up_to_the_report_of_the_day(writer: ReportWriter, store: Store) -> None:
    fill(store)
    by_hour = writer.table("mall", MONDAY, by_hour=True)
    day = writer.table("mall", MONDAY)
    assert by_hour["hour"].nunique() == 10
    assert by_hour["hour"].iloc[0] == "2026-03-02T10:00+01:00"
    keys = ["row", "site", "entrance", "camera", "gender", "age_group"]
    assert by_hour.groupby(keys)["visits"].sum().to_dict() == day.set_index(keys)["visits"].to_dict()


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_the_clock_changes(
    writer: ReportWriter, store: Store, config: object, day: date, hours: int
) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=2)
    store.save_visits([visit(n, start + timedelta(minutes=15 * n)) for n in range(4 * 29)])
    table = writer.table("mall", day, by_hour=True)
    totals = table[table["row"] == "site total"]
    assert (len(totals), totals["visits"].sum()) == (hours, 4 * hours)
    assert totals["hour"].is_unique


def test_small_counts_are_hidden_and_totals_stay(engine: Engine, store: Store, tmp_path: Path) -> None:
    fill(store)
    writer = ReportWriter(engine, ReportConfig(directory=tmp_path, small_cell=5), store)
    rows = read(writer.write("mall", MONDAY).report.path)
    hidden = [row for row in rows if row["suppressed"] == "yes"]
    assert hidden and all(row["visits"] == row["share"] == "" for row in hidden)
    assert [row["visits"] for row in rows if row["row"] == "site total"] == ["5"]
    shown = [row for row in rows if row["row"] == "group" and row["suppressed"] == "no"]
    assert {row["visits"] for row in shown} == {"0"}


def test_an_unknown_site_and_an_unwritable_folder_are_told_plainly(
    engine: Engine, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    writer = ReportWriter(engine, ReportConfig(directory=tmp_path / "file"), store)
    with pytest.raises(ConfigError, match=r"no site 'mal'.*mall, night"):
        writer.write("mal", MONDAY)
    with pytest.raises(StoreError, match="cannot be written"):
        writer.write("mall", MONDAY)
    assert store.last_report("mall", MONDAY) is None
