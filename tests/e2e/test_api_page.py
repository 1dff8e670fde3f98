"""The page of the interface in a browser: it shows the questions, asks them with a token, and asks nobody else."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.e2e.conftest import new_page
from tests.integration.api.conftest import Served
from tests.integration.api.conftest import served as served


def test_the_page_shows_the_questions_and_asks_nobody_else(served: Served, browser: Browser) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page = new_page(browser)
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{served.address}/docs")
    page.get_by_text("/v1/sites/{site}/days", exact=True).first.wait_for()
    page.get_by_role("button", name="Authorize").click()
    page.get_by_label("auth-bearer-value").fill(served.main_token)
    page.get_by_label("Apply credentials").click()
    page.get_by_role("button", name="Close").last.click()
    page.locator("#operations-places-list_sites").get_by_role("button").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.get_by_text("Main mall").first.wait_for()
    page.context.close()
    outside = [url for url in asked if not url.startswith((served.address, "data:"))]
    assert (outside, complaints) == ([], [])
    assert f"{served.address}/v1/sites" in asked
