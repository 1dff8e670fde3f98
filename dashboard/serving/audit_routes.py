"""The page on which people count by hand, and what it asks the server.

Streamlit keeps nothing while there is no network, so this page is a small one of its own. It is for signed-in auditors
and administrators only; everything that writes has to come from this very page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from analytics.audits import AGE_GROUPS
from dashboard.accounts.person import LOCAL_PERSON, Person
from dashboard.serving.audit_messages import LARGEST_MESSAGE_BYTES, SyncMessage, placed, read_message
from dashboard.serving.own_requests import OwnPage, RefusedError, own_body, signed_in
from dashboard.serving.paths import AUDIT_PATH
from dashboard.serving.wiring import address, wired
from db.audits import AuditRefusedError
from db.reading.audits import audits
from db.reading.operation import cameras, sites
from db.reading.selection import Selection
from db.session import reading
from db.writing.audits import save_audit
from footfall.errors import StoreError
from footfall.local_time import local_day
from reports.audit_words import told
from reports.audits import checked

FOLDER = Path(__file__).with_name("audit_page")
FILES = {
    "": ("index.html", "text/html"),
    "sheet": ("sheet.html", "text/html"),
    "sheet.css": ("sheet.css", "text/css"),
    "audit.css": ("audit.css", "text/css"),
    "audit.js": ("audit.js", "text/javascript"),
    "counting.js": ("counting.js", "text/javascript"),
    "sending.js": ("sending.js", "text/javascript"),
    "worker.js": ("worker.js", "text/javascript"),
}
SIGN_IN = "You are not signed in any more. Sign in to the dashboard in another tab; what you tapped is kept here."
NOT_ALLOWED = (
    "Your account may look, not count. An administrator can add you with the role auditor (footfall users add)."
)
AWAY = "The database does not answer. What you tapped is kept and sent again."
Answer = Callable[[Request, Person, bytes], Response]


def audit_routes() -> list[Route]:
    """Return the routes of the page and of what it asks."""
    page = OwnPage(FOLDER, FILES, "no-cache", "/audits", _auditor)
    here = address(AUDIT_PATH)
    return [
        Route(here, lambda _: RedirectResponse(f"{here}/", 307), methods=["GET"]),
        Route(f"{here}/places", _answering(_places), methods=["GET"]),
        Route(f"{here}/result/{{uid:uuid}}", _answering(_result), methods=["GET"]),
        Route(f"{here}/taps", _answering(_take_taps), methods=["POST"]),
        Route(f"{here}/{{name:path}}", page.__call__, methods=["GET"]),
    ]


def _answering(answer: Answer) -> Callable[[Request], Any]:
    """Return the endpoint that checks who asks and turns every mistake into one sentence."""

    async def endpoint(request: Request) -> Response:
        begun = wired().clock()
        try:
            is_sent = request.method == "POST"
            body = await own_body(request, LARGEST_MESSAGE_BYTES, "send fewer taps at once") if is_sent else b""
            person = await run_in_threadpool(_auditor, request)
            response = await run_in_threadpool(answer, request, person, body)
        except RefusedError as refused:
            return JSONResponse({"error": str(refused)}, refused.status)
        except AuditRefusedError as refused:
            return JSONResponse({"error": str(refused)}, 422)
        except StoreError:
            return JSONResponse({"error": AWAY}, 503)
        # By both, the phone knows the way there and the way back, and with them its clock.
        response.headers["x-footfall-received"] = _milliseconds(begun)
        response.headers["x-footfall-answered"] = _milliseconds(wired().clock())
        response.headers["cache-control"] = "no-store"
        return response

    return endpoint


def _auditor(request: Request) -> Person:
    person = signed_in(request, SIGN_IN)
    if not person.may_audit:
        raise RefusedError(403, NOT_ALLOWED)
    return person


def _places(request: Request, person: Person, body: bytes) -> Response:
    """Answer with where this person may count."""
    del request, body
    places = []
    with reading(wired().engine) as connection:
        for site in sites(connection, list(person.sites) or None).to_dict("records"):
            today = local_day(wired().clock(), ZoneInfo(str(site["time_zone"])))
            entrances: dict[str, list[dict[str, str]]] = {}
            for camera in cameras(connection, Selection(today, today, sites=(str(site["site"]),))).to_dict("records"):
                if camera["expected"]:
                    one = {"name": camera["camera"], "label": camera["label"]}
                    entrances.setdefault(camera["entrance"], []).append(one)
            places.append({"site": site["site"], "label": site["label"], "entrances": entrances})
    name = "" if person is LOCAL_PERSON else person.name
    return JSONResponse({"name": name, "places": places, "ages": list(AGE_GROUPS)})


def _take_taps(request: Request, person: Person, body: bytes) -> Response:
    """Store a message, acknowledge its taps, and say what the audit came to when it has ended."""
    del request
    message = read_message(body)
    if not person.may_see(message.site):
        raise AuditRefusedError(f"there is no entrance {message.entrance!r} at {message.site!r} for you")
    now = wired().clock()
    audit, taps = placed(message, _name(person, message), now)
    save_audit(wired().engine, audit, taps)
    answer: dict[str, Any] = {"acknowledged": [[tap.number, tap.revision] for tap in taps], "result": None}
    if audit.ended_at is not None and message.last:
        answer["result"] = _told(audit.uid, person)
    return JSONResponse(answer)


def _result(request: Request, person: Person, body: bytes) -> Response:
    """Answer with what an audit came to, compared anew."""
    del body
    result = _told(request.path_params["uid"], person)
    if result is None:
        raise RefusedError(404, "The server does not know this audit.")
    return JSONResponse({"result": result})


def _told(uid: UUID, person: Person) -> dict[str, Any] | None:
    with reading(wired().engine) as connection:
        found = [one for one in audits(connection, uid=uid) if person.may_see(one.audit.site)]
    return told(checked(wired().engine, found[0], wired().clock())) if found else None


def _name(person: Person, message: SyncMessage) -> str:
    """Return who counts: the account's name; while nobody signs in, what was typed."""
    return (message.auditor.strip() or person.name) if person is LOCAL_PERSON else person.name


def _milliseconds(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1000))
