"""A till's file through the browser: what was understood, the import, the page of sales, and who may not upload."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Page, expect

from dashboard.serving.paths import SESSION_PATH
from tests.e2e.conftest import OpenPage, Server, sign_in
from tests.mall import WEEK_BEFORE

TILL = f"Datum;Umsatz;Bons\n{WEEK_BEFORE:%d.%m.%Y};1.204,50 €;12\n".encode("cp1252")
UPLOAD = "/_stcore/upload_file/a/b"


def put(page: Page, server: Server) -> tuple[int, bool]:
    """Send a file as a page would, and return the status and whether the answer is the empty one of the gate."""
    answer = page.request.put(server.address + UPLOAD, data=b"day,sales\n")
    return answer.status, answer.body() == b""


def test_signing_in_without_an_address_opens_all_sites_for_several_and_overview_for_one(open_page: OpenPage) -> None:
    several = open_page("/")
    with several.expect_response(lambda answer: answer.url.endswith(SESSION_PATH)):  # before it a link asks again
        sign_in(several, "ada")
    expect(several.get_by_role("heading", name="All sites")).to_be_visible()
    several.get_by_role("link", name="Annex").click()
    expect(several.get_by_text("Annex · local time")).to_be_visible()
    one = sign_in(open_page("/"), "vera")
    expect(one.get_by_test_id("stDateInput")).to_be_visible()
    expect(one.get_by_test_id("stSidebarNav").get_by_text("All sites")).to_have_count(0)
    for page in (several, one):
        expect(page.get_by_text("Page not found")).to_have_count(0)


def test_an_administrator_imports_a_file_and_nobody_else_may_upload(open_page: OpenPage, server: Server) -> None:
    page = sign_in(open_page("/administration?site=main"), "ada")
    menu = page.get_by_test_id("stSidebarNav")
    expect(menu.get_by_text("Administration")).to_be_visible()
    expect(menu.get_by_text("Sales")).to_have_count(0)
    till = FilePayload(name="till.csv", mimeType="text/csv", buffer=TILL)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files=[till])
    expect(page.get_by_text("12 transactions, sales of 1,204.50")).to_be_visible()
    expect(page.get_by_text("1 day new.")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    menu.get_by_text("Sales").click()
    expect(page.get_by_text("12 transactions of 29 people who came in on 1 day: 41.4%.")).to_be_visible()
    assert put(page, server) != (403, True)
    viewer = sign_in(open_page("/sales?site=main"), "vera")
    expect(viewer.get_by_text("41.4%").first).to_be_visible()
    expect(viewer.get_by_test_id("stFileUploaderDropzoneInput")).to_have_count(0)
    assert put(viewer, server) == (403, True)
