"""The OpenAPI document keeps its word, whatever a program asks; and the page that shows it asks nobody else."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.integration.api.conftest import Served
from tests.mall import DAY

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
