"""What holds for every answer, as ASGI middleware: limits of size, headers that bind browsers, HEAD and ETag."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ProblemError, problem
from dashboard.serving.headers import AddedHeaders

LONGEST_QUERY = 4096
LARGEST_TAKEN = 64 * 1024
TAKEN_WITHIN_S = 2.0
PAGE_PATH = "/docs"
NUMBERS_PATH = "/v1/"
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
# Swagger UI sets styles in the page; everything it shows comes from this server.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Bounds:
    """Refuses bodies, long queries, and addresses that ask too often (`knock` raises ProblemError)."""

    def __init__(self, app: ASGIApp, knock: Callable[[str], None]) -> None:
        self._app = app
        self._knock = knock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._knock(scope["client"][0] if scope.get("client") else "")
        except ProblemError as refused:
            await problem(refused.status, str(refused), refused.headers)(scope, receive, send)
            return
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            await _take(receive)
            await problem(413, "Questions have no body.", {"Connection": "close"})(scope, receive, send)
        elif len(scope["query_string"]) > LONGEST_QUERY:
            await problem(414, f"A query has at most {LONGEST_QUERY} bytes.")(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _take(receive: Receive) -> None:
    """Read a small body away: a connection that is closed with something unread takes the answer with it."""
    left = LARGEST_TAKEN
    with suppress(TimeoutError):
        async with asyncio.timeout(TAKEN_WITHIN_S):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


class SecureHeaders(AddedHeaders):
    """Adds what keeps an answer from being framed, guessed at or loaded by another page."""

    def add(self, scope: Scope, headers: MutableHeaders) -> None:
        """Change the headers of one answer."""
        headers.update(SECURITY_HEADERS)
        if scope["path"].startswith(PAGE_PATH):
            headers["content-security-policy"] = PAGE_POLICY
        if scope["path"].startswith(NUMBERS_PATH):
            headers["cache-control"] = "private, no-cache"
            headers.add_vary_header("Authorization")


class Tags:
    """Gives answers with numbers an ETag of their bytes, answers 304 to who has them, and HEAD as GET without body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def gather(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._answer(scope, send, start, body)

        await self._app({**scope, "method": "GET"}, receive, gather)

    async def _answer(self, scope: Scope, send: Send, start: Message, body: bytes) -> None:
        headers = MutableHeaders(scope=start)
        if start["status"] == 200 and scope["path"].startswith(NUMBERS_PATH):
            tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            headers["etag"] = tag
            if _matches(Headers(scope=scope).get("if-none-match", ""), tag):
                start["status"] = 304
                del headers["content-length"], headers["content-type"]
                body = b""
        await send(start)
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _matches(wanted: str, tag: str) -> bool:
    """Return whether If-None-Match names `tag`; a comparison that does not tell weak tags from strong ones."""
    return wanted.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in wanted.split(",")}
