"""The dashboard as people meet it: in a browser, signed in or not, on a desk and on a phone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Page, expect

from dashboard.wording import NOT_SHOWN, WORD_JOINER
from db.session import open_database
from db.store import Store
from footfall.types import Direction, Gender, Visit
from reports.files import to_csv
from reports.writer import ReportWriter
from tests.e2e.conftest import PASSWORD, OpenPage, Server, sign_in
from tests.mall import ALL_VISITS, CAME_IN, DAY, MARKUP_LABEL
from tools.served import DRAWN

PATIENCE_MS = 60_000
# Notes every number, chart and heading that leaves the page, even if another one takes its place.
WATCH_WHAT_LEAVES = """() => {
    const kinds = 'h1, h2, [data-testid=stMetric], [data-testid=stVegaLiteChart]'
    window.gone = []
    new MutationObserver(changes => changes.forEach(change => change.removedNodes.forEach(node => {
        if (node.matches && (node.matches(kinds) || node.querySelector(kinds))) window.gone.push(node.outerHTML)
    }))).observe(document.body, {childList: true, subtree: true})
}"""
expect.set_options(timeout=PATIENCE_MS)


def expect_metric(page: Page, label: str, value: str) -> None:
    """Wait until the only number under `label` is `value`: the last page may stand beside the new one for a moment."""
    box = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    expect(box.get_by_test_id("stMetricValue")).to_have_text([value])


def test_the_first_visitor_of_a_fresh_server_has_to_sign_in_on_every_address(open_page: OpenPage) -> None:
    page = open_page("/reports")
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    expect(page.get_by_text("Download CSV")).to_have_count(0)


def test_sign_in_pick_a_day_and_stay_signed_in_after_a_reload(open_page: OpenPage) -> None:
    page = sign_in(open_page("/?site=main"), "ada")
    day = page.get_by_test_id("stDateInput").locator("input").first
    expect(day).to_be_visible()
    page.get_by_role("button", name="Today").wait_for()
    page.goto(page.url.split("?")[0] + f"?site=main&day={DAY.isoformat()}")
    expect(page.get_by_role("heading", name="Monday 2 March 2026")).to_be_visible()
    expect_metric(page, "Came in", str(CAME_IN))
    cookie = next(one for one in page.context.cookies() if one.get("name") == "footfall_session")
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Strict")
    page.get_by_role("button", name="◀").click()
    expect(page.get_by_role("heading", name="Sunday 1 March 2026")).to_be_visible()
    expect_metric(page, "Came in", NOT_SHOWN)
    page.get_by_role("button", name="▶").click()
    expect(page.get_by_role("heading", name="Monday 2 March 2026")).to_be_visible()
    expect_metric(page, "Came in", str(CAME_IN))
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def test_the_downloaded_report_is_the_daily_csv_byte_for_byte(
    open_page: OpenPage, server: Server, tmp_path: Path
) -> None:
    page = sign_in(open_page(f"/reports?site=main&day={DAY.isoformat()}"), "vera")
    button = page.get_by_role("button", name="Download CSV")
    expect(button).to_be_enabled()
    with page.expect_download() as download:
        button.click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    writer = ReportWriter(open_database(server.config.database_url.get_secret_value()), server.config.report)
    assert path.name == f"main_{DAY.isoformat()}.csv"
    assert path.read_bytes() == to_csv(writer.table("main", DAY))
    assert f"site total,main,all,all,{DAY.isoformat()},all,all,{ALL_VISITS}".encode() in path.read_bytes()


def test_a_phone_shows_the_numbers_without_scrolling_sideways(open_page: OpenPage) -> None:
    page = sign_in(open_page(f"/?site=main&day={DAY.isoformat()}", width=360), "vera")
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    expect_metric(page, "Came in", str(CAME_IN))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    widest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('[data-testid=stMain] *')]"
        ".map(one => one.getBoundingClientRect().right))"
    )
    assert widest <= 361


def test_wrong_passwords_are_refused_and_lock_the_account(open_page: OpenPage) -> None:
    page = open_page("/")
    for attempt in range(3):
        sign_in(page, "lola", f"wrong password {attempt}")
        expect(page.get_by_text("Name or password is wrong")).to_be_visible()
    sign_in(page, "lola", PASSWORD)
    expect(page.get_by_text("Name or password is wrong")).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def test_a_viewer_who_types_the_address_of_administration_is_refused(open_page: OpenPage) -> None:
    page = sign_in(open_page("/administration"), "vera")
    expect(page.get_by_text("Only an administrator may do this")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)


def test_a_site_that_may_not_be_seen_is_refused_in_the_address(open_page: OpenPage) -> None:
    page = sign_in(open_page("/?site=annex"), "vera")
    expect(page.get_by_text("You have no access to a site called “annex”")).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def test_markup_in_the_label_of_a_camera_is_text(open_page: OpenPage) -> None:
    page = sign_in(open_page(f"/?site=main&day={DAY.isoformat()}"), "vera")
    sentence = page.get_by_text("Not watching:")
    expect(sentence).to_be_visible()
    assert MARKUP_LABEL in sentence.inner_text().replace(WORD_JOINER, "")
    assert page.locator("[data-testid=stMain] a[href*='example.org'], [data-testid=stMain] img").count() == 0


def test_today_counts_on_by_itself_without_building_the_page_anew(open_page: OpenPage, server: Server) -> None:
    def walk_in(number: int) -> None:
        engine = open_database(server.config.database_url.get_secret_value())
        now = datetime.now(UTC)
        values = (Direction.IN, Gender.FEMALE, "25-34", 30.0, 0.9, 3, 0.8, "test")
        Store(engine).save_visits([Visit(uuid4(), "annex-door", now, now, *values) for _ in range(number)])
        engine.dispose()

    walk_in(2)
    page = sign_in(open_page("/?site=annex"), "ada")
    expect_metric(page, "Came in", "2")
    page.wait_for_function(DRAWN)
    page.evaluate(WATCH_WHAT_LEAVES)
    walk_in(1)
    expect_metric(page, "Came in", "3")
    page.wait_for_function(DRAWN)
    assert page.evaluate("window.gone") == []


def test_the_zone_of_the_browser_changes_no_chart(open_page: OpenPage) -> None:
    words = []
    for zone in ("Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"):
        page = sign_in(open_page("/trends?site=main", zone=zone), "vera")
        chart = page.locator("[data-testid=stVegaLiteChart] svg.marks").first
        expect(chart).to_be_visible()
        words.append([word for word in chart.locator("text").all_text_contents() if word])
    assert words[0] == words[1] == words[2]
    assert "Date (Europe/Berlin)" in words[0]
