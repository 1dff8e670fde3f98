"""What goes wrong, as application/problem+json (RFC 9457): one sentence for whoever reads the log of a program."""

from __future__ import annotations

import http
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from dashboard.accounts.person import AccessDeniedError
from footfall.errors import FootfallError, StoreError

MEDIA_TYPE = "application/problem+json"
AWAY = "The database does not answer; ask again in a moment."
DEFECT = "The program made a mistake; its log says which."
READ_ONLY = "Numbers are read, with GET or HEAD, and never written here."
NOTHING = "There is nothing of this name; /openapi.json lists what there is."
RETRY_S = 10

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """Why a request was not answered."""

    model_config = ConfigDict(extra="forbid")

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class ProblemError(FootfallError):
    """A request that is not answered: `status` of HTTP, one sentence, and headers that belong to it."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = dict(headers or {})


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the answer that says so."""
    body = Problem(title=http.HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(body.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


def answer_problems(app: FastAPI) -> None:
    """Let `app` answer every error in this form."""

    @app.exception_handler(ProblemError)
    async def told(request: Request, error: ProblemError) -> JSONResponse:
        del request
        return problem(error.status, str(error), error.headers)

    @app.exception_handler(AccessDeniedError)
    async def denied(request: Request, error: AccessDeniedError) -> JSONResponse:
        # The same as of a site that does not exist, so that nobody learns which do.
        del request, error
        return problem(404, "There is no such site for you; /v1/sites lists yours.")

    @app.exception_handler(RequestValidationError)
    async def wrong(request: Request, error: RequestValidationError) -> JSONResponse:
        del request
        return problem(422, _sentence(error.errors()[0]))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        del request
        if error.status_code == 405:
            return problem(405, READ_ONLY, {"Allow": "GET, HEAD"})
        detail = NOTHING if error.status_code == 404 else str(error.detail)
        return problem(error.status_code, detail, error.headers)

    @app.exception_handler(StoreError)
    async def away(request: Request, error: StoreError) -> JSONResponse:
        del request
        log.warning("not answered: %s", error)
        return problem(503, AWAY, {"Retry-After": str(RETRY_S)})

    @app.exception_handler(Exception)
    async def defect(request: Request, error: Exception) -> JSONResponse:
        del request, error  # the server logs it
        return problem(500, DEFECT)


def _sentence(error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"] if part not in ("query", "path"))
    return f"{where}: {error['msg'][:200]}"
