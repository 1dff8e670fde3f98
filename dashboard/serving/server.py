"""The web server around the pages: what it answers at all, the session cookie, and headers that bind the browser."""

from __future__ import annotations

import posixpath
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dashboard.accounts.tokens import person_of
from dashboard.serving.audit_routes import audit_routes
from dashboard.serving.headers import AddedHeaders
from dashboard.serving.paths import AUDIT_PATH, COOKIE_NAME, OWN_NAMES, SESSION_PATH, SETUP_PATH
from dashboard.serving.setup_routes import setup_routes
from dashboard.serving.wiring import address, wired

# What the pages need of Streamlit's own routes; its others tell statistics, or drive an app without a browser, and ask
# nobody who they are. Uploads are taken from administrators only, who import figures.
NEEDED_CORE_ROUTES = frozenset({"/_stcore/health", "/_stcore/host-config", "/_stcore/stream"})
UPLOADS = "/_stcore/upload_file/"
LONGEST_TICKET = 200
STREAMLIT_FOLDERS = ("/_stcore", "/component", "/app/static")
SIGNS_OF_A_PROXY = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")

# Streamlit's own pages need inline scripts and styles; everything has to come from, and go to, this server.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# The page on which people count by hand is our own, and needs nothing inline.
AUDIT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
# The page that sets up a camera, too, but for the picture, which is in the page itself.
SETUP_SECURITY_POLICY = f"{AUDIT_SECURITY_POLICY}; img-src data:"
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}


class SecurityHeaders(AddedHeaders):
    """ASGI middleware that adds the headers above to every answer."""

    def add(self, scope: Scope, headers: MutableHeaders) -> None:
        """Change the headers of one answer."""
        headers.update(SECURITY_HEADERS)
        if own_path(scope).startswith(AUDIT_PATH):
            headers["content-security-policy"] = AUDIT_SECURITY_POLICY
        elif own_path(scope).startswith(SETUP_PATH):
            headers["content-security-policy"] = SETUP_SECURITY_POLICY


class Gate:
    """ASGI middleware that refuses what no page needs, and every proxy while nobody has to sign in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        kind = scope["type"]
        if kind not in ("http", "websocket") or (await _is_taken(scope, own_path(scope)) and not _is_published(scope)):
            await self._app(scope, receive, send)
        elif kind == "http":
            await Response(status_code=403)(scope, receive, send)
        else:
            await WebSocketClose()(scope, receive, send)


def own_path(scope: Scope) -> str:
    """Return the path of a request as this program names it, without that below which a proxy hands on."""
    path: str = scope["path"]
    return path.removeprefix(address(""))


def _is_needed(path: str) -> bool:
    plain = posixpath.normpath(path).lower()
    inside = any(plain == folder or plain.startswith(f"{folder}/") for folder in STREAMLIT_FOLDERS)
    return not inside or path in NEEDED_CORE_ROUTES


async def _is_taken(scope: Scope, path: str) -> bool:
    """Return whether the path is one that pages need, or an upload by an administrator."""
    if not path.startswith(UPLOADS) or posixpath.normpath(path) != path or scope["type"] != "http":
        return _is_needed(path)
    token = HTTPConnection(scope).cookies.get(COOKIE_NAME)
    person = await run_in_threadpool(person_of, token)
    return person is not None and person.is_admin


def _is_published(scope: Scope) -> bool:
    """Return whether a dashboard without users is asked through a proxy or by another site's page."""
    if wired().door.is_shut:
        return False
    headers = Headers(scope=scope)
    origin = urlsplit(headers.get("origin", "")).hostname
    return any(sign in headers for sign in SIGNS_OF_A_PROXY) or origin not in (None, *OWN_NAMES)


async def start_session(request: Request) -> Response:
    """Trade a ticket for the session cookie, so that a reload of the page does not ask for the password again."""
    sessions = wired().sessions
    ticket = b""
    async for part in request.stream():
        ticket += part
        if len(ticket) > LONGEST_TICKET:  # anybody can send one, of any length
            return Response(status_code=413)
    token = sessions.redeem(ticket.decode("ascii", "replace"))
    if token is None:
        return Response(status_code=403)
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE_NAME,
        token,
        max_age=int(sessions.lifetime.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path=address("") or "/",
    )
    return response


def routes() -> list[Route]:
    """Return the routes beside Streamlit's own."""
    return [Route(address(SESSION_PATH), start_session, methods=["POST"]), *audit_routes(), *setup_routes()]
