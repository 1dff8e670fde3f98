"""Counts by hand on the pages: beside the counts of a day, in a list, and for whom the way to count is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from dashboard.accounts.users import add_user
from dashboard.numbers.kept import forget_kept
from db.audits import Audit, Tap
from db.writing.audits import save_audit, void_audit
from tests.mall import DAY, NOW
from tests.unit.dashboard.accounts.test_access import PASSWORD, sign_in_form
from tests.unit.dashboard.conftest import OpenPage, texts

SPACE = UUID(int=9)
TEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # ten o'clock in Berlin
NORTH_COUNTED, NORTH_CAME = 20, 25  # within ten minutes: the camera misses five in between


@pytest.fixture
def audit(mall: Engine) -> Audit:
    """Ten minutes at the north gate, in which five came whom the camera did not count."""
    made = Audit(uuid5(SPACE, "north"), "main", "North *gate*", "", "<b>Ann</b>", TEN, TEN + timedelta(minutes=10))
    kinds = ("in", "out", "in", "in")
    seen = [(TEN + timedelta(seconds=20 * number + 4), kinds[number % 4]) for number in range(NORTH_COUNTED)]
    missed = [(TEN + timedelta(seconds=440 + 30 * number), "in") for number in range(NORTH_CAME - NORTH_COUNTED)]
    taps = [
        Tap(number, "out" if kind == "out" else "in", moment, "female", "18-34")
        for number, (moment, kind) in enumerate(sorted(seen + missed), start=1)
    ]
    save_audit(mall, made, taps)
    forget_kept()
    return made


def said(app: AppTest) -> str:
    return texts(app).replace("\\", "")


def test_audits_say_what_the_camera_counts_and_are_listed(open_page: OpenPage, audit: Audit) -> None:
    app = open_page("audits", site="main")
    assert not app.exception
    assert "The camera counts 80 of 100, 61 to 91." in said(app)
    assert "5 of the 25 who came in or went out were missed: 5 coming in, 0 going out." in said(app)
    assert "to ±3 of 100" in said(app)
    assert "(1 audit, 10 minutes, in the hour of 10:00)" in said(app)
    assert "Woman or man: judged as tapped for 33 of 100, 15 to 58 (5 of 15; 5 more unknown)." in said(app)
    table = next(frame.value for frame in app.dataframe if "By hand" in frame.value.columns and "Day" in frame.value)
    assert (table.loc[0, "Day"], table.loc[0, "Hours"]) == (DAY, "10:00–10:10")
    assert (table.loc[0, "By hand"], table.loc[0, "By camera"], table.loc[0, "Does it count"]) == (25, 20, "yes")
    genders = next(frame.value for frame in app.dataframe if "Camera: woman" in frame.value.columns)
    assert genders["Camera: woman"].tolist() == [5]


def test_few_taps_say_nothing_on_overview(open_page: OpenPage, audit: Audit) -> None:
    assert "came," not in said(open_page(site="main", day=DAY.isoformat()))


def test_overview_says_who_came_beside_the_count_and_where(open_page: OpenPage, mall: Engine, audit: Audit) -> None:
    more = [Tap(100 + number, "in", TEN + timedelta(seconds=580 + number)) for number in range(10)]
    save_audit(mall, audit, more)
    forget_kept()
    app = open_page(site="main", day=DAY.isoformat())
    assert (
        "At North *gate* (1 of 2 entrances is audited): 37 visits counted, really about 65, between 48 and 91."
        in said(app)
    )
    assert next(one for one in app.metric if one.label == "Came in").value == "37"
    void_audit(mall, audit.uid, "called away")
    forget_kept()
    assert "came," not in said(open_page(site="main", day=DAY.isoformat()))
    assert "It does not count: called away." in said(open_page("audits", site="main"))


def test_a_name_with_markup_is_text(open_page: OpenPage, audit: Audit) -> None:
    app = open_page("audits", site="main")
    assert "**North \\*gate\\***" in texts(app)


def test_a_viewer_sees_audits_and_no_way_to_count(open_page: OpenPage, mall: Engine, audit: Audit) -> None:
    add_user(mall, "vera", PASSWORD, "viewer", ["main"], NOW)
    app = sign_in_form(open_page(), "vera", PASSWORD)
    app.switch_page("../views/audits.py").run()
    assert "ask an administrator for the role auditor" in said(app)
    assert "The camera counts 80 of 100" in said(app)


def test_a_site_without_audits_says_what_they_are(open_page: OpenPage, audit: Audit) -> None:
    assert "Nobody has counted by hand yet" in said(open_page("audits", site="annex"))
