"""All sites: first for whoever sees several, as far as they can be compared, with few questions for many sites."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Engine, event, text

from dashboard.accounts.person import LOCAL_PERSON, Person
from dashboard.menu import hidden_pages
from dashboard.numbers.all_sites import all_sites
from dashboard.numbers.kept import forget_kept
from dashboard.serving.wiring import wire, wired
from dashboard.views.all_sites import league_table
from db.audits import Audit
from db.store import Store
from db.writing.audits import save_audit
from footfall.config import Config
from footfall.config_services import ComparisonConfig
from footfall.types import Direction, Gender, Visit
from tests.conftest import FakeClock
from tests.mall import NOW, WEEK_BEFORE, _hour
from tests.unit.dashboard.conftest import OpenPage, texts

VIEWER = Person("vera", "viewer", ("main",))


def test_it_opens_first_for_several_sites_and_a_named_site_opens_its_overview(open_page: OpenPage) -> None:
    assert [title.value for title in open_page("").title] == ["All sites"]
    assert "All sites" not in texts(open_page("", site="annex"))
    assert "all-sites" not in hidden_pages(LOCAL_PERSON)
    assert "all-sites" in hidden_pages(VIEWER)


def test_each_site_is_compared_only_as_far_as_both_weeks_were_observed(mall: Engine) -> None:
    came = [annex_visit(number) for number in range(4)]
    Store(mall, clock=lambda: NOW).save_visits(came)
    forget_kept()
    by_name = {line.name: line for line in all_sites(LOCAL_PERSON)}
    annex, main = by_name["annex"], by_name["main"]
    assert (annex.yesterday.came_in, annex.yesterday.before, annex.yesterday.change) == (5, 4, 0.25)
    assert (main.yesterday.came_in, main.yesterday.before, main.yesterday.change) == (37, 29, None)
    assert main.yesterday.why_not == "too little observed to compare"  # 88 % of the day
    assert (main.week.came_in, main.so_far, main.until) == (37, None, "10:00")
    assert [line.name for line in all_sites(VIEWER)] == ["main"]


def test_of_how_much_a_change_has_to_rest_is_set_and_said(mall: Engine, open_page: OpenPage) -> None:
    comparison = ComparisonConfig(min_observed_share=0.8)
    wire(replace(wired(), config=wired().config.model_copy(update={"comparison": comparison})))
    forget_kept()
    main = all_sites(VIEWER)[0]
    assert (main.yesterday.change, main.yesterday.why_not) == ((37 - 29) / 29, "")
    assert "less than 80% of the opening time" in texts(open_page(""))


def test_what_needs_a_look_is_named_and_goes_first(mall: Engine, mall_clock: FakeClock, config: Config) -> None:
    begun = Audit(uuid5(NAMESPACE_URL, "open"), "annex", "Door", "", "Ann", NOW - timedelta(hours=20), None)
    save_audit(mall, begun, [])
    first, second = all_sites(LOCAL_PERSON)
    assert (first.name, second.name) == ("main", "annex")
    assert "South: nothing has arrived" in first.looks  # the mall is open since half an hour and more
    assert second.looks[-1] == "1 count by hand never ended"
    assert any("not fully observed" in look for look in first.looks)
    mall_clock.advance(hours=12)  # at night no camera is expected to see anything
    forget_kept()
    assert not any("nothing has arrived" in look for line in all_sites(LOCAL_PERSON) for look in line.looks)


def test_more_sites_are_not_more_questions(mall: Engine) -> None:
    with questions(mall) as of_one:
        all_sites(VIEWER)
    with questions(mall) as of_two:
        assert len(all_sites(LOCAL_PERSON)) == 2
    assert len(of_one) == len(of_two) > 0


def test_markup_in_a_label_is_text(mall: Engine) -> None:
    with mall.begin() as connection:
        connection.execute(text("UPDATE sites SET label = '<img src=x onerror=alert(1)>'"))
    table = league_table(all_sites(LOCAL_PERSON))
    assert "&lt;img src=x onerror=alert(1)&gt;" in table
    assert "&lt;b&gt;North&lt;/b&gt;" in table  # a camera that sees nothing is named
    assert "<img" not in table and "<b>North" not in table


def annex_visit(number: int) -> Visit:
    at = _hour(WEEK_BEFORE, 9) + timedelta(seconds=20 * number)
    uid = uuid5(NAMESPACE_URL, f"annex before {number}")
    return Visit(uid, "annex-door", at, at, Direction.IN, Gender.MALE, "25-34", 30.0, 0.1, 3, 0.8, "test")


@contextmanager
def questions(engine: Engine) -> Iterator[list[str]]:
    """Give the list of what is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
