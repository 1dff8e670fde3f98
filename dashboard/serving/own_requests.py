"""Requests to the small pages that are not Streamlit's: who may ask, and whether this very page sent them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.accounts.person import LOCAL_PERSON, Person
from dashboard.accounts.tokens import person_of
from dashboard.serving.paths import COOKIE_NAME, OWN_NAMES
from dashboard.serving.wiring import address
from footfall.errors import FootfallError


class RefusedError(FootfallError):
    """A request that is not answered; the message is for the person before the screen."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def signed_in(request: Request, sign_in: str) -> Person:
    """Return who asks.

    Raises:
        RefusedError: nobody is signed in (401, with `sign_in` as its message), or a foreign name leads here (403).
    """
    person = person_of(request.cookies.get(COOKIE_NAME))
    if person is LOCAL_PERSON and _host(request) not in OWN_NAMES:
        # A foreign page may have pointed its own name at this computer.
        raise RefusedError(403, "Without any user the dashboard answers under this computer's own name only.")
    if person is None:
        raise RefusedError(401, sign_in)
    return person


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A small page: its `files` (name in the address, file, media type) in `folder`, and what may be kept of them.

    `check` raises RefusedError for whoever may not open it; who has not signed in is sent to the address `sign_in_at`.
    """

    folder: Path
    files: Mapping[str, tuple[str, str]]
    cache_control: str
    sign_in_at: str
    check: Callable[[Request], Person]

    async def __call__(self, request: Request) -> Response:
        """Answer with the page or a file of it."""
        name = request.path_params["name"]
        if name not in self.files:
            return Response("There is no such page.", 404)
        try:
            await run_in_threadpool(self.check, request)
        except RefusedError as refused:
            if refused.status == 401 and not name:
                return RedirectResponse(address(self.sign_in_at), 303)
            return Response(str(refused), refused.status, media_type="text/plain")
        file, kind = self.files[name]
        content = (self.folder / file).read_bytes()
        return Response(content, media_type=kind, headers={"cache-control": self.cache_control})


async def own_body(request: Request, largest_bytes: int, shorten: str) -> bytes:
    """Return the body of a request that a page of this server sent as JSON, and that is not too large.

    Raises:
        RefusedError: it is another kind (415), from elsewhere (403), or too large (413): `shorten` says what to do.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, "Send JSON.")
    if not _is_own(request):
        raise RefusedError(403, "This did not come from the page itself.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > largest_bytes:
            raise RefusedError(413, f"A message has at most {largest_bytes // 1024} KiB; {shorten}.")
    return body


def _is_own(request: Request) -> bool:
    """Return whether a page of this server sent the request: by what browsers say of it and pages cannot change."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower() and bool(origin)


def _host(request: Request) -> str:
    return (urlsplit(f"//{request.headers.get('host', '')}").hostname or "").lower()
