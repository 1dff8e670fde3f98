"""The OpenAPI document keeps its word, whatever a program asks; and the page that shows it asks nobody else."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from playwright.sync_api import sync_playwright
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.integration.api.conftest import Served
from tests.mall import DAY
from tests.missing import missing
from tools.served import BROWSER_OPTIONS, NO_BROWSER, find_browser

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


BOUNDS = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_every_answer_is_as_the_document_says(served: Served) -> None:
    document: Any = schemathesis.openapi.from_url(f"{served.address}/openapi.json")
    statuses = {found.ok().path: statuses_of(found.ok(), served) for found in document.get_all_operations()}
    assert len(statuses) == 12 and all(200 in seen for seen in statuses.values()), statuses


def statuses_of(operation: Any, served: Served) -> set[int]:
    """Ask one operation many things, check each answer, and return how they ended."""
    seen: set[int] = set()

    @BOUNDS
    @given(case=operation.as_strategy())
    def every_answer(case: Any) -> None:
        # Of made-up sites and days nothing would be learned but 404.
        real = {"site": "main", "day": str(DAY)}
        if len(case.path_parameters.get("site", "")) % 2:
            case.path_parameters.update({name: real[name] for name in case.path_parameters})
        headers = {"Authorization": f"Bearer {served.main_token}"}
        seen.add(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    every_answer()
    return seen


def test_the_page_shows_the_questions_and_asks_nobody_else(served: Served) -> None:
    path = find_browser()
    if path is None:
        missing(NO_BROWSER)
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        page = browser.new_page()
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
        browser.close()
    outside = [url for url in asked if not url.startswith((served.address, "data:"))]
    assert (outside, complaints) == ([], [])
    assert f"{served.address}/v1/sites" in asked
