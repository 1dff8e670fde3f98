"""Counting by hand on a phone: with and without a network, through reloads, with a wrong clock, and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import Engine

from dashboard.accounts.users import add_user
from db.audits import StoredAudit
from db.reading.audits import audits, taps_of
from db.session import open_database, reading
from db.store import Store
from footfall.types import CameraMinute, Direction, Gender, Visit
from tests.e2e.conftest import PASSWORD, Server, sign_in
from tests.mall import NOW

PATIENCE_MS = 60_000
PHONE = {"width": 360, "height": 640}
MINUTE_BEHIND = """(() => {
    const right = Date.now.bind(Date);
    Date.now = () => right() - 60_000 + (window.putRight ?? 0);
})()"""
expect.set_options(timeout=PATIENCE_MS)
OpenPhone = Callable[..., Page]


@pytest.fixture(scope="module")
def engine(server: Server) -> Iterator[Engine]:
    """The database of the server, in which two auditors of the main mall are added."""
    opened = open_database(server.config.database_url.get_secret_value())
    add_user(opened, "otto", PASSWORD, "auditor", ["main"], NOW)
    add_user(opened, "anna", PASSWORD, "auditor", ["main"], NOW)
    yield opened
    opened.dispose()


@pytest.fixture
def open_phone(browser: Browser, server: Server, engine: Engine) -> Iterator[OpenPhone]:
    """Return a function that signs somebody in on a phone and opens the page to count on; no script may fail."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(name: str = "otto", script: str = "") -> Page:
        context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(server.address + "/audits")
        with page.expect_response(lambda answer: "/footfall/session" in answer.url):
            sign_in(page, name)
        page.close()
        page = context.new_page()
        if script:
            page.add_init_script(script)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(server.address + "/footfall/audit")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def begin(page: Page, place: str = "South") -> datetime:
    """Choose where, start, and return when that was."""
    page.get_by_label("Where").select_option(label=place)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="IN", exact=True)).to_be_enabled()
    return datetime.now(UTC)


def tap(page: Page, *names: str) -> None:
    """Press buttons one after the other."""
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()


def end(page: Page) -> None:
    """End the count and wait for the result."""
    tap(page, "End", "End it")
    expect(page.get_by_role("button", name="Compare again")).to_be_enabled()


def newest(engine: Engine, auditor: str) -> StoredAudit:
    """Return the newest audit of somebody as it is stored."""
    with reading(engine) as connection:
        return next(one for one in audits(connection) if one.audit.auditor == auditor)


def kinds(engine: Engine, uid: UUID) -> list[str]:
    """Return the kinds of the taps that are stored and not undone, in their order."""
    with reading(engine) as connection:
        taps = taps_of(connection, uid)
    return list(taps.loc[~taps["undone"].astype("bool"), "kind"])


def count(engine: Engine, moments: list[datetime], camera: str = "south") -> None:
    """Store a visit of two seconds that ends at each moment, and minutes in which the camera watched around them."""
    store = Store(engine)
    values = (Direction.IN, Gender.FEMALE, "25-34", 30.0, 0.9, 3, 0.8, "test")
    store.save_visits([Visit(uuid4(), camera, at - timedelta(seconds=2), at, *values) for at in moments])
    first = min(moments).replace(second=0, microsecond=0) - timedelta(minutes=2)
    run = uuid4()
    minutes = [first + timedelta(minutes=number) for number in range(6)]
    store.save_minutes([CameraMinute(camera, run, minute, 60.0, 480, 470, 10, 0, 20, 5, 0.25) for minute in minutes])


def test_an_audit_on_a_phone_says_how_many_the_camera_counts(open_phone: OpenPhone, engine: Engine) -> None:
    page = open_phone()
    begin(page)
    tap(page, "IN", "Woman", "18–34", "IN", "OUT", "Undo", "OUT")
    expect(page.locator("#in-count")).to_have_text("2")
    expect(page.locator("#out-count")).to_have_text("1")
    for selector in ("#tap-in", "#undo", "[data-age='0-17']"):
        box = page.locator(selector).bounding_box()
        assert box is not None and box["height"] >= 44 and box["x"] + box["width"] <= PHONE["width"]
    assert page.evaluate("document.documentElement.scrollWidth <= 360 && document.body.scrollHeight <= 640")
    count(engine, [datetime.now(UTC)])
    end(page)
    expect(page.locator("#headline")).to_have_text(re.compile(r"The camera counts 33 of 100, \d+ to \d+\."))
    expect(page.locator("#sentences")).to_contain_text("In: 2 by hand, 1 by camera. Out: 1 by hand, 0 by camera.")
    expect(page.locator("#void")).to_have_text("")
    audit = newest(engine, "otto")
    assert (audit.audit.entrance, audit.taps, audit.audit.source) == ("South", 3, "phone")
    with reading(engine) as connection:
        taps = taps_of(connection, audit.audit.uid)
    assert taps[["gender", "age_group"]].iloc[0].to_dict() == {"gender": "female", "age_group": "18-34"}
    assert taps["undone"].tolist() == [False, False, True, False]


def test_no_tap_is_lost_without_a_network_and_through_a_reload(open_phone: OpenPhone, engine: Engine) -> None:
    page = open_phone()
    begin(page)
    with page.expect_response(lambda answer: '"number":1' in (answer.request.post_data or "")):
        tap(page, "IN")
    expect(page.locator("#waiting")).to_have_text("")
    page.context.set_offline(True)
    tap(page, "OUT", "OUT", "Man", "IN")
    expect(page.locator("#waiting")).to_have_text("3 taps waiting for the network")
    page.reload()  # the browser has no network, only what it kept
    expect(page.locator("#in-count")).to_have_text("2")
    tap(page, "Pause", "Resume", "OUT")
    expect(page.locator("#waiting")).to_have_text("6 taps waiting for the network")
    tap(page, "End", "End it")
    expect(page.locator("#still-waiting")).to_contain_text("6 taps waiting for the network")
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="Compare again")).to_be_enabled()
    expect(page.locator("#sentences")).to_contain_text("In: 2 by hand")
    audit = newest(engine, "otto")
    assert kinds(engine, audit.audit.uid) == ["in", "out", "out", "in", "pause", "resume", "out"]
    assert audit.audit.ended_at is not None
    tap(page, "Count again")
    expect(page.get_by_role("button", name="Start")).to_be_enabled()


def test_an_answer_that_is_lost_stores_nothing_twice(open_phone: OpenPhone, engine: Engine) -> None:
    # What goes through a service worker, whenever that has begun, cannot be lost here.
    page = open_phone(script="delete Navigator.prototype.serviceWorker")
    begin(page)
    lost: list[int] = []

    def lose(route: Route) -> None:
        if len(lost) < 2:
            route.fetch()  # the server has it, the phone does not know
            lost.append(1)
            route.abort()
        else:
            route.continue_()

    page.route("**/footfall/audit/taps", lose)
    tap(page, "IN", "IN", "OUT")
    end(page)
    assert len(lost) == 2
    audit = newest(engine, "otto")
    assert kinds(engine, audit.audit.uid) == ["in", "in", "out"]


def test_a_clock_that_is_a_minute_wrong_places_taps_by_the_servers(open_phone: OpenPhone, engine: Engine) -> None:
    page = open_phone(script=MINUTE_BEHIND)
    begun = begin(page)
    tap(page, "IN")
    page.context.set_offline(True)
    page.evaluate("window.putRight = 60_000")  # the clock is put right while there is no network
    tap(page, "OUT")
    page.context.set_offline(False)
    end(page)
    ended = datetime.now(UTC)
    audit = newest(engine, "otto")
    with reading(engine) as connection:
        taps = taps_of(connection, audit.audit.uid)
    second = timedelta(seconds=1)
    assert taps["kind"].tolist() == ["in", "out"]
    placed = [audit.audit.started_at, *taps["tapped_at"], audit.audit.ended_at]
    assert begun - 3 * second <= placed[0]
    assert placed == sorted(placed) and placed[-1] <= ended + second


def test_two_auditors_at_one_entrance_are_two_audits(open_phone: OpenPhone, engine: Engine) -> None:
    first, second = open_phone("otto"), open_phone("anna")
    begin(first)
    begin(second)
    tap(first, "IN", "IN")
    tap(second, "IN")
    end(first)
    end(second)
    one, other = newest(engine, "otto"), newest(engine, "anna")
    assert (one.taps, other.taps) == (2, 1)
    assert one.audit.uid != other.audit.uid and one.audit.entrance == other.audit.entrance


def test_a_viewer_gets_no_page_and_who_has_not_signed_in_is_sent_to_do_so(
    open_phone: OpenPhone, server: Server, browser: Browser
) -> None:
    page = open_phone("vera")
    expect(page.get_by_text("Your account may look, not count")).to_be_visible()
    assert page.get_by_role("button").count() == 0
    for path, method in (("places", "get"), ("taps", "post")):
        send = getattr(page.context.request, method)
        answer = send(f"{server.address}/footfall/audit/{path}", **({"data": {}} if method == "post" else {}))
        assert answer.status == 403
    stranger = browser.new_context()
    page = stranger.new_page()
    page.goto(server.address + "/footfall/audit/")
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    assert stranger.request.get(f"{server.address}/footfall/audit/places").status == 401
    stranger.close()


def test_an_auditor_counts_only_where_the_account_may_see(open_phone: OpenPhone) -> None:
    page = open_phone()
    expect(page.get_by_label("Where").locator("option")).to_have_text(["North *gate*", "South"])
