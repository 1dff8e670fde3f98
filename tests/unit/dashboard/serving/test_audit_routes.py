"""What the server takes of a phone: from its own page, from whoever may audit, of a size and shape that can be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dashboard.accounts.sessions import Holder
from dashboard.accounts.users import add_user
from dashboard.serving.paths import COOKIE_NAME, SESSION_PATH
from dashboard.serving.server import Gate, SecurityHeaders, routes
from dashboard.serving.wiring import wired
from db.reading.audits import audits
from db.session import reading
from db.users import find_account, remove_account
from tests.conftest import FakeClock
from tests.mall import NOW

NOW_MS = round(NOW.timestamp() * 1000)
TAPS = "/footfall/audit/taps"
OWN = {"sec-fetch-site": "same-origin"}
Message = dict[str, Any]
Signed = Callable[[str], TestClient]


@pytest.fixture
def client(mall: Engine) -> TestClient:
    """A browser on the computer of a dashboard without users."""
    app = Starlette(routes=routes(), middleware=[Middleware(SecurityHeaders), Middleware(Gate)])
    return TestClient(app, base_url="http://127.0.0.1:8501", raise_server_exceptions=False)


@pytest.fixture
def signed(mall: Engine, client: TestClient) -> Signed:
    """Return a function that signs somebody in: vera views, otto audits the main mall, ada may do everything."""
    add_user(mall, "vera", "correct horse battery", "viewer", [], NOW)
    add_user(mall, "otto", "correct horse battery", "auditor", ["main"], NOW)
    add_user(mall, "ada", "correct horse battery", "admin", [], NOW)

    def sign(name: str) -> TestClient:
        account = find_account(mall, name)
        assert account is not None
        client.cookies.set(COOKIE_NAME, wired().sessions.open(Holder(name, account.credential)))
        return client

    return sign


def message(**changes: object) -> Message:
    """Return a right message of three taps, `changes` apart."""
    taps = [
        {"number": number, "revision": 1, "kind": "in", "at_ms": NOW_MS - 1000 * number, "offset_ms": 0}
        for number in (3, 2, 1)
    ]
    values: Message = {
        "uid": str(uuid4()),
        "site": "main",
        "entrance": "South",
        "started_ms": NOW_MS - 60_000,
        "started_offset_ms": 0,
        "offset_ms": 0,
        "taps": taps,
    }
    return values | changes


def tap(**changes: object) -> Message:
    one: Message = {"number": 1, "revision": 1, "kind": "in", "at_ms": NOW_MS, "offset_ms": 0}
    return message(taps=[one | changes])


def test_taps_are_acknowledged_and_the_auditor_is_who_signed_in(signed: Signed, mall: Engine) -> None:
    answer = signed("otto").post(TAPS, json=message(auditor="somebody else"), headers=OWN)
    assert answer.status_code == 200
    assert answer.json() == {"acknowledged": [[3, 1], [2, 1], [1, 1]], "result": None}
    assert answer.headers["x-footfall-received"] == str(NOW_MS)
    with reading(mall) as connection:
        [stored] = audits(connection)
    assert (stored.audit.auditor, stored.taps) == ("otto", 3)


def test_without_users_the_computer_itself_counts_under_any_name(client: TestClient, mall: Engine) -> None:
    assert client.post(TAPS, json=message(auditor="Ann"), headers=OWN).status_code == 200
    with reading(mall) as connection:
        assert audits(connection)[0].audit.auditor == "Ann"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"origin": "https://evil.example.org"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8501"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://127.0.0.1:8501"}, 200),
        ({**OWN, "content-type": "text/plain"}, 415),
        ({**OWN, "content-type": "application/x-www-form-urlencoded"}, 415),
        ({**OWN, "host": "evil.example.org"}, 403),
    ],
)
def test_only_the_page_itself_may_write(client: TestClient, headers: dict[str, str], status: int) -> None:
    assert client.post(TAPS, json=message(), headers=headers).status_code == status


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"site": "nowhere"}, "no entrance"),
        (message(entrance="West"), "no entrance 'West'"),
        (message(site="annex", entrance="Door"), "for you"),
        (message(uid="x"), "uid: "),
        (message(surprise=1), "surprise: "),
        (message(taps=[{}] * 201), "taps: "),
        (tap(kind="up"), "taps.0.kind: "),
        (tap(number=0), "taps.0.number: "),
        (tap(number="1"), "taps.0.number: "),
        (tap(age="20-30"), "taps.0.age: "),
        (tap(gender="unknown"), "taps.0.gender: "),
        (tap(at_ms=NOW_MS + 61_000), "tap 1 lies too far from now"),
        (tap(at_ms=0), "tap 1 lies too far from now"),
        (tap(at_ms=10**14, offset_ms=10**14), "tap 1 lies too far from now"),
        (tap(at_ms=10**20), "taps.0.at_ms: "),
        (message(started_ms=NOW_MS - 8 * 86_400_000), "the start lies too far from now"),
    ],
)
def test_a_wrong_message_is_one_clear_error_and_stores_nothing(
    signed: Signed, mall: Engine, wrong: Message, words: str
) -> None:
    sent = message() | wrong if "uid" not in wrong else wrong
    answer = signed("otto").post(TAPS, json=sent, headers=OWN)
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    with reading(mall) as connection:
        assert audits(connection) == []


def test_what_is_no_json_or_too_large_is_refused(signed: Signed) -> None:
    kind = {**OWN, "content-type": "application/json"}
    client = signed("otto")
    assert client.post(TAPS, content=b"{", headers=kind).status_code == 422
    assert client.post(TAPS, content=b"\xff\x00", headers=kind).status_code == 422
    assert client.post(TAPS, content=b" " * 70_000, headers=kind).status_code == 413


def test_who_may_not_count_gets_neither_page_nor_answers(signed: Signed, client: TestClient, mall: Engine) -> None:
    assert client.get("/footfall/audit/", follow_redirects=False).headers["location"] == "/audits"
    assert client.get("/footfall/audit/audit.js").status_code == 401
    assert client.post(TAPS, json=message(), headers=OWN).status_code == 401
    viewer = signed("vera")
    for path in ("", "audit.js", "places", f"result/{uuid4()}"):
        assert viewer.get(f"/footfall/audit/{path}").status_code == 403
    assert viewer.post(TAPS, json=message(), headers=OWN).status_code == 403
    auditor = signed("otto")
    assert auditor.get("/footfall/audit/places").json()["name"] == "otto"
    remove_account(mall, "otto")
    assert auditor.get("/footfall/audit/places").status_code == 401


def test_an_audit_of_another_site_tells_nothing(signed: Signed, mall_clock: FakeClock) -> None:
    sent = message(site="annex", entrance="Door")
    assert signed("ada").post(TAPS, json=sent, headers=OWN).status_code == 200
    assert signed("ada").get(f"/footfall/audit/result/{sent['uid']}").status_code == 200
    assert signed("otto").get(f"/footfall/audit/result/{sent['uid']}").status_code == 404
    assert signed("otto").get(f"/footfall/audit/result/{uuid4()}").status_code == 404


def test_the_page_needs_nothing_inline_and_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/footfall/audit/")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy and "script-src 'self'" in policy
    assert "://" not in page.text and "<style" not in page.text and "style=" not in page.text
    assert client.get("/footfall/audit/../server.py").status_code == 404
    assert client.get("/footfall/audit/nothing").status_code == 404


def test_taps_in_the_near_future_are_placed_now(signed: Signed, mall: Engine) -> None:
    assert signed("otto").post(TAPS, json=tap(at_ms=NOW_MS + 900), headers=OWN).status_code == 200
    sent = message(ended_ms=NOW_MS + 500, last=True)
    answer = signed("otto").post(TAPS, json=sent, headers=OWN)
    assert answer.json()["result"]["headline"].startswith("The camera counts 0 of 100")
    with reading(mall) as connection:
        ends = [one.audit.ended_at for one in audits(connection)]
    assert sorted(str(end) for end in ends) == sorted([str(None), str(NOW)])


def test_a_ticket_of_any_length_is_not_read_to_its_end(mall: Engine) -> None:
    taken: list[int] = []
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        taken.append(1)
        return {"type": "http.request", "body": b"x" * 1024, "more_body": len(taken) < 50}

    async def send(message: Any) -> None:
        answers.append(message)

    head = {"type": "http", "method": "POST", "path": SESSION_PATH, "headers": [], "query_string": b""}
    asyncio.run(Starlette(routes=routes())(head, receive, send))
    assert answers[0]["status"] == 413 and len(taken) == 1
