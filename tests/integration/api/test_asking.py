"""What a program may ask, and what it gets when it may not, asks wrongly, or asks again."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import Engine

from api import connections
from api.launch import MOST_AT_ONCE
from db.store import Store
from db.tokens import add_token, find_token, revoke_token, tokens
from db.users import Account, add_account, remove_account
from db.writing.alerts import Alert, begin_alert, end_alert, new_uid
from footfall.errors import StoreError
from footfall.types import Direction, Gender, Visit
from tests.conftest import FakeClock
from tests.integration.api.conftest import Served
from tests.integration.api.serving import ask, program, serving
from tests.integration.away import away
from tests.mall import DAY, NOW, fill_mall, mall_config

ALL = f"/v1/sites/main/days?from={DAY - timedelta(days=6)}&to={DAY}"


def test_without_a_token_nobody_gets_numbers(served: Served) -> None:
    for token, words in (("", "Send a token"), ("ff_guess", "unknown")):
        answer = served.ask("/v1/sites", token)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == {"type", "title", "status", "detail"} and words in answer.json()["detail"]


def test_a_token_ends_when_it_expires_is_revoked_or_its_user_goes(served: Served) -> None:
    engine = served.engine
    add_account(engine, Account("bob", "viewer"), NOW)
    gone = add_token(engine, "bob", "", None, NOW)
    old = add_token(engine, "vera", "", 1, NOW - timedelta(days=1))
    back = add_token(engine, "vera", "", None, NOW)
    for token in (gone, back):
        assert served.ask("/v1/sites", token).status_code == 200
    revoke_token(engine, tokens(engine)[-1].number, NOW)
    remove_account(engine, "bob")
    add_account(engine, Account("bob", "viewer"), NOW)
    for token, words in ((gone, "removed"), (old, "expired"), (back, "revoked")):
        answer = served.ask("/v1/sites", token)
        assert answer.status_code == 401 and words in answer.json()["detail"]


def test_a_token_is_stored_as_a_hash_and_belongs_to_somebody(engine: Engine, clock: FakeClock) -> None:
    add_account(engine, Account("vera", "viewer"), clock())
    token = add_token(engine, "vera", "till", 30, clock())
    with engine.connect() as connection:
        stored = str(connection.exec_driver_sql("SELECT * FROM api_tokens").all())
    assert token.startswith("ff_") and token[3:] not in stored
    found = find_token(engine, token)
    assert found is not None and (found[0].label, found[1].name) == ("till", "vera")
    assert found[0].holds(clock() + timedelta(days=29)) and not found[0].holds(clock() + timedelta(days=30))
    with pytest.raises(StoreError, match="no user 'nobody'"):
        add_token(engine, "nobody", "", None, clock())
    with pytest.raises(StoreError, match="no token 77"):
        revoke_token(engine, 77, clock())
    remove_account(engine, "vera")
    assert tokens(engine) == []


def test_a_token_sees_the_sites_of_its_user_and_says_the_same_of_others_as_of_none(served: Served) -> None:
    with served.program() as asking:
        assert [site["site"] for site in asking.get("/v1/sites").json()["items"]] == ["main"]
        others = [asking.get(f"/v1/sites/{site}/days") for site in ("annex", "nowhere")]
    assert [answer.status_code for answer in others] == [404, 404]
    assert others[0].json() == others[1].json()
    with served.program(served.every_token) as asking:
        assert len(asking.get("/v1/sites").json()["items"]) == 2
        assert asking.get("/v1/sites/annex/days").status_code == 200


def test_who_asks_too_often_is_told_when_to_ask_again(served: Served) -> None:
    with serving(served.config, served.engine, served.clock, requests_per_minute=3) as address:
        with program(address, served.main_token) as asking:
            answers = [asking.get("/v1/sites") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert answers[-1].headers["content-type"] == "application/problem+json"
        with program(address, served.every_token) as asking:  # another token has its own measure
            assert asking.get("/v1/sites").status_code == 200
            answers = [asking.get("/openapi.json") for _ in range(11)]  # and all of one address have one
        assert answers[-1].status_code == 429


def test_who_guesses_tokens_is_not_listened_to_and_hinders_nobody_else(served: Served) -> None:
    with serving(served.config, served.engine, served.clock) as address:
        assert ask(address, served.main_token, "/v1/sites").status_code == 200
        statuses = [ask(address, f"ff_{number}", "/v1/sites").status_code for number in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert ask(address, served.every_token, "/v1/sites").status_code == 429  # right, but new here
        assert ask(address, served.main_token, "/v1/sites").status_code == 200


def test_an_answer_that_is_the_same_is_not_sent_again(served: Served) -> None:
    with served.program() as asking:
        first = asking.get(ALL)
        tag = first.headers["etag"]
        again = asking.get(ALL, headers={"If-None-Match": f'"x", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
        head = asking.head(ALL)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
        assert head.headers["content-length"] == str(len(first.content))
        entered_at = NOW - timedelta(hours=23)
        late = Visit(
            uid=uuid4(), camera_id="south", entered_at=entered_at, left_at=entered_at, direction=Direction.IN,
            gender=Gender.UNKNOWN, age_group="unknown", age_years=None, p_female=None, samples=1, quality=0.5,
            model_version="test",
        )  # fmt: skip
        Store(served.engine, clock=lambda: NOW).save_visits([late])
        served.clock.advance(minutes=3)  # answers about past days are kept for two
        changed = asking.get(ALL, headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["etag"] != tag
    assert changed.json()["items"][-1]["came_in"] == first.json()["items"][-1]["came_in"] + 1
    assert changed.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(("kind", "limit"), [("days", 3), ("hours", 50), ("completeness", 2)])
def test_a_list_in_parts_is_the_whole_list(served: Served, kind: str, limit: int) -> None:
    span = {"from": str(DAY - timedelta(days=7)), "to": str(DAY), "entrance": "South"}
    with served.program() as asking:
        whole = asking.get(f"/v1/sites/main/{kind}", params={**span, "limit": 366}).json()
        parts: list[Any] = []
        cursor: dict[str, str] = {}
        seen: set[str] = set()
        while True:
            answer = asking.get(f"/v1/sites/main/{kind}", params={**span, "limit": limit, **cursor}).json()
            parts += answer["items"]
            if answer["next"] is None:
                break
            assert answer["next"] not in seen
            seen.add(answer["next"])
            cursor = {"cursor": answer["next"]}
        foreign = asking.get(f"/v1/sites/main/{kind}", params={"limit": limit, **cursor})
    assert whole["next"] is None and parts == whole["items"] and len(seen) >= 2
    assert foreign.status_code == 422 and foreign.json()["detail"].startswith("cursor:")


def test_alerts_that_began_and_ended_are_listed_in_parts(served: Served) -> None:
    begun = [
        Alert(
            new_uid(),
            "main",
            f"sight of {camera}",
            "dark",
            camera,
            None,
            NOW - timedelta(hours=ago),
            None,
            "It is dark.",
        )
        for camera, ago in (("north", 20), ("south", 20))
    ]
    day = Alert(new_uid(), "main", f"day {DAY}", "incomplete", "", DAY, NOW - timedelta(hours=9), None, "Incomplete.")
    other = Alert(new_uid(), "annex", "sight of annex-door", "dark", "annex-door", None, NOW, None, "It is dark.")
    old = Alert(new_uid(), "main", "view of north", "moved", "north", None, NOW - timedelta(days=9), None, "Moved.")
    with served.engine.begin() as connection:
        for one in (*begun, day, other, old):
            assert begin_alert(connection, one, NOW)
        assert end_alert(connection, begun[0].uid, NOW - timedelta(hours=19))
        assert end_alert(connection, old.uid, NOW - timedelta(days=8))
    span = {"from": str(DAY), "to": str(DAY + timedelta(days=1))}
    with served.program() as asking:
        whole = asking.get("/v1/sites/main/alerts", params=span).json()
        first = asking.get("/v1/sites/main/alerts", params={**span, "limit": 1})
        second = asking.get("/v1/sites/main/alerts", params={**span, "limit": 2, "cursor": first.json()["next"]}).json()
        again = asking.get(
            "/v1/sites/main/alerts", params={**span, "limit": 1}, headers={"If-None-Match": first.headers["etag"]}
        )
        assert asking.get("/v1/sites/annex/alerts").status_code == 404
        assert asking.get("/v1/sites/main/alerts", params={"from": "2199-01-01"}).json()["items"] == []
    assert first.json()["items"] + second["items"] == whole["items"] and second["next"] is None
    assert again.status_code == 304
    told = {one["id"]: (one["camera"], one["day"], one["until"]) for one in whole["items"]}
    assert told == {
        str(begun[0].uid): ("north", None, "2026-03-02T15:30:00+01:00"),
        str(begun[1].uid): ("south", None, None),
        str(day.uid): (None, str(DAY), None),
    }


def test_a_day_on_which_the_clock_is_changed_has_its_hours(served: Served) -> None:
    hours = served.ask("/v1/sites/main/hours?from=2025-10-26&to=2025-10-26").json()["items"]
    assert len(hours) == 25
    assert [hour["start"] for hour in hours[2:4]] == ["2025-10-26T02:00:00+02:00", "2025-10-26T02:00:00+01:00"]
    assert {hour["day"] for hour in hours} == {"2025-10-26"}


@pytest.mark.parametrize(
    ("question", "status", "words"),
    [
        ("days?from=yesterday", 422, "from:"),
        ("days?from=2026-03-03&to=2026-03-01", 422, "comes after"),
        ("days?from=1999-12-31", 422, "nothing before"),
        ("groups?from=9999-12-31", 422, "nothing after"),
        ("troubles?from=9999-12-31&to=9999-12-31", 422, "nothing after"),
        ("days?limit=0", 422, "limit:"),
        ("days?cursor=AAAA", 422, "cursor:"),
        ("days?entrance=Nort", 422, "no 'Nort'"),
        ("days/2099-01-01", 404, "future"),
        ("groups?from=2020-01-01", 422, "at most 366 days"),
        ("troubles?from=2020-01-01", 422, "at most 92 days"),
        (f"days?{'x' * 5000}", 414, "bytes"),
        ("nothing", 404, "openapi.json"),
    ],
)
def test_a_wrong_question_gets_one_sentence(served: Served, question: str, status: int, words: str) -> None:
    answer = served.ask(f"/v1/sites/main/{question}")
    assert answer.status_code == status and words in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_database_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    config = mall_config(f"sqlite:///{tmp_path / 'footfall.db'}", tmp_path)
    engine = fill_mall(config)
    add_account(engine, Account("ada", "admin"), NOW)
    token = add_token(engine, "ada", "", None, NOW)
    with serving(config, engine, FakeClock(NOW)) as address:
        with away(engine, tmp_path / "footfall.db"):
            answer = ask(address, token, "/v1/sites")
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
        assert str(tmp_path) not in answer.text
        assert ask(address, token, "/v1/sites").status_code == 200
    engine.dispose()


def test_nothing_is_written_and_no_other_page_reads(served: Served) -> None:
    with served.program(Origin="https://elsewhere.example") as asking:
        posted, sent = asking.post("/v1/sites"), asking.request("GET", "/v1/sites", content=b"x" * 10)
        read, asked = asking.get("/v1/sites"), asking.options("/v1/sites")
    assert (posted.status_code, posted.headers["allow"], sent.status_code) == (405, "GET, HEAD", 413)
    assert read.status_code == 200 and asked.status_code == 405
    assert not [name for name in (*read.headers, *asked.headers) if name.startswith("access-control")]
    assert read.headers["x-content-type-options"] == "nosniff" and "'none'" in read.headers["content-security-policy"]
    with serving(served.config, served.engine, served.clock, origins=["https://bi.example"]) as address:
        ours = ask(address, served.main_token, "/v1/sites", Origin="https://bi.example")
        theirs = ask(address, served.main_token, "/v1/sites", Origin="https://elsewhere.example")
    assert ours.headers["access-control-allow-origin"] == "https://bi.example"
    assert "access-control-allow-origin" not in theirs.headers


def test_clients_that_ask_nothing_keep_nobody_out_for_long(served: Served) -> None:
    url = urlsplit(served.address)
    with ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection((url.hostname, url.port))) for _ in range(MOST_AT_ONCE)]
        for one in silent[::2]:
            one.sendall(b"GET /v1/sites HTTP/1.1\r\nHost: mall")  # half a question
        assert served.ask("/v1/sites").status_code == 503
        for one in silent:
            one.settimeout(60)
            with suppress(ConnectionResetError):
                assert one.recv(1) == b""  # closed by the server
        assert served.ask("/v1/sites").status_code == 200


def test_a_client_that_sends_its_question_byte_by_byte_wins_no_time(served: Served) -> None:
    url = urlsplit(served.address)
    with socket.create_connection((url.hostname, url.port)) as slow:
        slow.settimeout(0.2)
        assert any(is_closed(slow) for _ in range(300))


def test_an_answer_that_is_not_there_and_taken_in_time_is_given_up(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "TAKES_WITHIN_S", 0.0)
    with pytest.raises(httpx2.TransportError):
        served.ask("/v1/sites")
    monkeypatch.undo()
    assert served.ask("/v1/sites").status_code == 200


def test_an_answer_that_is_taken_slowly_comes_whole(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    question = f"/v1/sites/main/hours?from={DAY - timedelta(days=30)}&to={DAY}&limit=1000"
    whole = served.ask(question).content
    monkeypatch.setattr(connections, "ASKS_WITHIN_S", 1.0)
    with serving(served.config, served.engine, served.clock, send_buffer=8192) as address:
        url = urlsplit(address)
        head = f"GET {question} HTTP/1.1\r\nHost: mall\r\nAuthorization: Bearer {served.main_token}\r\n\r\n"
        with socket.socket() as slow, socket.socket() as silent:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            for one in (slow, silent):
                one.settimeout(60)
            slow.connect((url.hostname, url.port))
            slow.sendall(head.encode())
            taken = slow.recv(1)  # it is answered
            silent.connect((url.hostname, url.port))
            with suppress(ConnectionResetError):
                assert silent.recv(1) == b""  # longer than the server waits for a question
            while part := slow.recv(1 << 16):
                taken += part
    assert len(whole) > 100_000 and taken.endswith(whole)


def is_closed(connection: socket.socket) -> bool:
    """Send a byte and tell whether the server had enough of it."""
    try:
        connection.sendall(b"x")
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True
