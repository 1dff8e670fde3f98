"""Something else happens between two steps of writing a report: file, log and database agree, or the day is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.jobs import DailyJobs
from db.store import Store
from db.writing.report_log import WrittenReport
from footfall.config import Config
from footfall.config_sections import ReportConfig
from footfall.errors import StoreError
from footfall.types import Gender, Recording
from reports import shelf
from reports.files import to_csv
from reports.writer import ReportWriter
from tests.conftest import FakeClock
from tests.integration.conftest import minute, visit
from tests.integration.reports.test_writer import read

MONDAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # in Berlin
LATER = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)  # each day between the two is a report to write


class Interrupted(Store):
    """A store of another moment: `meanwhile` happens once, after a report was made and before it is logged."""

    def __init__(self, engine: Engine, meanwhile: Callable[[], object]) -> None:
        super().__init__(engine, lambda: LATER)
        self.meanwhile: Callable[[], object] | None = meanwhile

    def _happen(self) -> None:
        happening, self.meanwhile = self.meanwhile, None
        if happening is not None:
            happening()

    def record_report(self, report: WrittenReport, version: int, put: Callable[[], None]) -> None:
        self._happen()
        super().record_report(report, version, put)

    def close_day(self, report: WrittenReport, version: int, put: Callable[[], None]) -> None:
        self._happen()
        super().close_day(report, version, put)


@dataclass
class Desk:
    """A database with three visits of Monday, and writers into one folder."""

    engine: Engine
    store: Store
    folder: Path

    def writer(self, store: Store | None = None, folder: Path | None = None) -> ReportWriter:
        return ReportWriter(
            self.engine, ReportConfig(directory=folder or self.folder), store or self.store, lambda: LATER
        )

    def interrupted(self, meanwhile: Callable[[], object]) -> ReportWriter:
        return self.writer(Interrupted(self.engine, meanwhile))

    def path(self) -> Path:
        return self.folder / "mall_2026-03-02.csv"

    def due(self) -> bool:
        return MONDAY in self.writer().due("mall", LATER)

    def agree(self) -> bool:
        """Whether the file is what the log names, and what the database gives now under the same revision."""
        last = self.store.last_report("mall", MONDAY)
        if last is None or not self.path().exists():
            return False
        content = self.path().read_bytes()
        derived = to_csv(self.writer().table("mall", MONDAY))
        return sha256(content).hexdigest() == last.sha256 and content == derived


@pytest.fixture
def desk(engine: Engine, store: Store, tmp_path: Path) -> Desk:
    store.save_visits([visit(number, NOON) for number in range(3)])
    return Desk(engine, Store(engine, lambda: LATER), tmp_path / "reports")


def test_a_late_visit_while_an_unchanged_report_is_looked_at(desk: Desk) -> None:
    desk.writer().write("mall", MONDAY)
    outcome = desk.interrupted(lambda: desk.store.save_visits([visit(9, NOON)])).write("mall", MONDAY)
    assert (outcome.report.revision, outcome.report.reason) == (2, "1 visit arrived late")
    assert desk.agree() and not desk.due()


def test_as_many_visits_of_another_gender_while_the_report_is_made(desk: Desk) -> None:
    recording = Recording("south", "f" * 64, "x.mp4", NOON, NOON + timedelta(hours=1), 10, 0, "m")

    def judged(gender: Gender) -> None:
        visits = [visit(10 + number, NOON, "south", gender=gender) for number in range(5)]
        desk.store.save_recording(recording, visits, [minute(NOON, "south", UUID(int=5))])

    judged(Gender.FEMALE)
    desk.interrupted(lambda: judged(Gender.MALE)).write("mall", MONDAY)
    assert desk.agree() and not desk.due()
    men = [row for row in read(desk.path()) if row["camera"] == "south" and row["gender"] == "male"]
    assert sum(int(row["visits"]) for row in men) == 5


def test_observed_time_that_comes_while_the_report_is_made(desk: Desk) -> None:
    minutes = [minute(NOON + timedelta(minutes=number)) for number in range(60)]
    desk.interrupted(lambda: desk.store.save_minutes(minutes)).write("mall", MONDAY)
    assert desk.agree() and not desk.due()
    assert {row["observed_share"] for row in read(desk.path()) if row["row"] == "site total"} == {"0.0500"}


def test_two_writers_of_one_day_and_a_late_visit_between_them(desk: Desk) -> None:
    def other() -> None:
        desk.store.save_visits([visit(9, NOON)])
        desk.writer().write("mall", MONDAY)

    outcome = desk.interrupted(other).write("mall", MONDAY)
    assert (outcome.written, outcome.report.revision, outcome.report.visits) == (False, 1, 4)
    assert desk.agree() and not desk.due()
    assert [path.name for path in desk.folder.iterdir()] == ["mall_2026-03-02.csv"]


def test_two_writers_of_the_same_numbers(desk: Desk) -> None:
    outcome = desk.interrupted(lambda: desk.writer().write("mall", MONDAY)).write("mall", MONDAY)
    assert (outcome.written, outcome.report.revision) == (False, 1)
    assert desk.agree() and not desk.due()


def test_an_entrance_that_is_renamed_while_the_report_is_made(desk: Desk, config: Config) -> None:
    cameras = {**config.cameras, "north": config.cameras["north"].model_copy(update={"entrance": "Harbour"})}
    renamed = config.model_copy(update={"cameras": cameras})
    desk.interrupted(lambda: desk.store.sync(renamed)).write("mall", MONDAY)
    assert desk.agree()
    assert "Harbour" in desk.path().read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("resumed", [False, True])
def test_a_camera_that_is_retired_or_resumed_while_the_first_report_is_made(desk: Desk, resumed: bool) -> None:
    if resumed:
        desk.store.retire_camera("south", MONDAY)
    change = desk.store.resume_camera if resumed else desk.store.retire_camera
    desk.interrupted(lambda: change("south", MONDAY)).write("mall", MONDAY)
    assert desk.agree() and not desk.due()
    assert ("south" in desk.path().read_text(encoding="utf-8-sig")) is resumed


def test_numbers_that_never_stand_still_leave_the_day_due(desk: Desk) -> None:
    numbers = iter(range(100, 200))

    class Restless(Interrupted):
        def _happen(self) -> None:
            desk.store.save_visits([visit(next(numbers), NOON)])

    with pytest.raises(StoreError, match="the day stays due"):
        desk.writer(Restless(desk.engine, lambda: None)).write("mall", MONDAY)
    assert desk.store.last_report("mall", MONDAY) is None and not desk.path().exists() and desk.due()


def test_two_machines_each_have_the_file_of_the_one_report(desk: Desk, tmp_path: Path) -> None:
    here, there = desk.writer(), desk.writer(folder=tmp_path / "second machine")
    first = here.write("mall", MONDAY).report
    assert there.due("mall", LATER)[0] == MONDAY
    outcome = there.write("mall", MONDAY)
    assert (outcome.report, outcome.fault) == (first, "its file was missing")
    assert (tmp_path / "second machine" / desk.path().name).read_bytes() == desk.path().read_bytes()
    assert not desk.due() and MONDAY not in there.due("mall", LATER)


class Killed(BaseException):
    """The program ends here: the database takes back what was not committed, files stay as they are."""


STEPS = {
    "before the new file is prepared": (shelf, "stage", False),
    "before the log is opened": (Store, "record_report", False),
    "before the replaced file is kept": (shelf, "_keep", False),
    "before the file takes its place": (shelf, "put_in_place", False),
    "before the log is committed": (shelf, "put_in_place", True),
    "after the log was committed": (Store, "record_report", True),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("reported", [False, True])
def test_a_kill_between_any_two_steps(
    desk: Desk, config: Config, monkeypatch: pytest.MonkeyPatch, step: str, reported: bool
) -> None:
    if reported:
        desk.writer().write("mall", MONDAY)
        desk.store.save_visits([visit(9, NOON)])
    owner, name, after = STEPS[step]
    real = getattr(owner, name)

    def killed(*values: object) -> None:
        if after:
            real(*values)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killed)
        with pytest.raises(Killed):
            desk.writer().write("mall", MONDAY)
    assert desk.agree() or desk.due()
    settings = config.model_copy(update={"report": ReportConfig(directory=desk.folder)})
    # A database server has a clock of its own, which is not at the moment of this test.
    DailyJobs(settings, desk.engine, FakeClock(LATER), clock_is_right=True).write_due_reports()
    assert desk.agree() and not desk.due()
    last = desk.store.last_report("mall", MONDAY)
    assert last is not None and (last.revision, last.visits) == ((2, 4) if reported else (1, 3))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.write_bytes(path.read_bytes().replace(b",3,", b",9,")),
    ],
    ids=["missing", "cut", "edited"],
)
def test_a_file_that_is_not_what_was_written_is_due_again(desk: Desk, spoil: Callable[[Path], object]) -> None:
    first = desk.writer().write("mall", MONDAY).report
    whole = desk.path().read_bytes()
    spoil(desk.path())
    spoiled = desk.path().read_bytes() if desk.path().exists() else None
    assert desk.due()
    outcome = desk.writer().write("mall", MONDAY)
    assert outcome.written and outcome.report == first and outcome.fault.startswith("its file was ")
    assert desk.path().read_bytes() == whole and desk.agree() and not desk.due()
    kept = [path.read_bytes() for path in desk.folder.glob("*_changed_*.csv")]
    assert kept == ([] if spoiled is None else [spoiled])


def test_a_table_that_the_settings_changed_does_not_carry_the_revision(desk: Desk) -> None:
    desk.writer().write("mall", MONDAY)
    other = ReportWriter(desk.engine, ReportConfig(directory=desk.folder, small_cell=5), desk.store, lambda: LATER)
    for by_hour in (False, True):
        table = other.table("mall", MONDAY, by_hour=by_hour)
        assert table["revision"].isna().all()
        assert set(table["reason"]) == {"not written yet: the settings of the report or of the site changed"}
