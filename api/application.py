"""Puts the interface together: what it answers, who may ask, and how it describes itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse

from api import alerts, groups, inside, page, places, series
from api.guard import Guard
from api.problems import MEDIA_TYPE, Problem, answer_problems
from api.transport import Bounds, SecureHeaders, Tags
from dashboard.numbers.ground import Ground, lay, utc_now
from footfall import __version__
from footfall.config import Config

DESCRIPTION = (
    "The numbers of pages and reports for programs, read only. Days are local days of the site, moments are ISO 8601 "
    "with the offset of its clock. Counts that the settings hide are hidden here as well. How to ask: docs/api.md."
)
TAGS = {
    "places": "Sites, cameras, and what is wrong with them.",
    "numbers": "How many came, when and who, and how much of it was observed.",
}
REFUSALS = {
    401: "No token, or one that opens nothing.",
    404: "There is no such thing for this token.",
    422: "The question cannot be answered; `detail` says why.",
    429: "Asked too often; `Retry-After` says when to ask again.",
    503: "The database does not answer.",
}


def make_app(config: Config, engine: Engine, clock: Callable[[], datetime] = utc_now) -> FastAPI:
    """Return the ASGI application; from now on dashboard.numbers of this process reads from `engine`."""
    lay(Ground(config, engine, clock))
    app = FastAPI(
        title="Footfall",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        openapi_tags=[{"name": name, "description": words} for name, words in TAGS.items()],
        generate_unique_id_function=lambda route: route.name,  # what made clients call their functions
    )
    app.state.guard = guard = Guard(engine, config.api.requests_per_minute, clock)
    answer_problems(app)
    refusals: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem, "description": words} for status, words in REFUSALS.items()
    }
    for router in (places.router, alerts.router, series.router, inside.router, groups.router):
        app.include_router(router, responses=refusals)
    app.include_router(page.router)
    app.add_api_route("/healthz", _healthz, include_in_schema=False)
    app.add_middleware(Tags)
    app.add_middleware(Bounds, knock=guard.knock)
    if config.api.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(config.api.origins),
            allow_methods=["GET", "HEAD"],
            allow_headers=["Authorization", "If-None-Match"],
            expose_headers=["ETag", "Retry-After"],
        )
    app.add_middleware(SecureHeaders)
    _describe_problems(app)
    return app


def _healthz() -> JSONResponse:
    """Say that the service runs; it tells no number, so it asks for no token."""
    return JSONResponse({"status": "ok"})


def _describe_problems(app: FastAPI) -> None:
    """Let the document say that errors are application/problem+json, for which FastAPI has no word."""
    describe = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = describe()
            for path in document["paths"].values():
                for operation in path.values():
                    for status, response in operation["responses"].items():
                        if int(status) >= 400:
                            response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
        return app.openapi_schema or describe()

    app.openapi = described  # type: ignore[method-assign]
