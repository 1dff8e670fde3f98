"""What the server answers to somebody who has not signed in: the form, and nothing that takes or tells anything."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import SERVE, Server
from tests.mall import fill_mall, mall_config
from tools.served import free_port, served

CLOSED = [
    ("PUT", "/_stcore/upload_file/a/b"),
    ("POST", "/_stcore/upload_file/a/b"),
    ("DELETE", "/_stcore/upload_file/a/b"),
    ("GET", "/_stcore/metrics"),
    ("GET", "/_stcore/METRICS"),
    ("GET", "/_stcore/script-health-check"),
    ("GET", "/_stcore/bidi-components/x/y.js"),
    ("GET", "/_stcore/agent/openapi.json"),
    ("POST", "/_stcore/agent/interact"),
    ("POST", "/_stcore/agent/mcp"),
    ("GET", "/component/x/index.html"),
    ("GET", "/app/static/x"),
]


def ask(address: str, method: str, path: str, **headers: str) -> tuple[int, bytes]:
    """Send one request and return status and body."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=b"x" * 100 if method in ("PUT", "POST") else None, headers=given)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_routes_that_no_page_needs_are_closed(server: Server, method: str, path: str) -> None:
    assert ask(server.address, method, path)[0] == 403


def test_health_answers_and_no_other_site_may_steer_the_pages(server: Server) -> None:
    assert ask(server.address, "GET", "/_stcore/health")[0] == 200
    status, body = ask(server.address, "GET", "/_stcore/host-config")
    assert status == 200
    assert b'"allowedOrigins":[]' in body.replace(b" ", b"")


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """A dashboard without any user, as somebody tries it out on his computer."""
    folder, port = tmp_path_factory.mktemp("open"), free_port()
    config = mall_config(f"sqlite:///{folder / 'footfall.db'}", folder, port=port)
    fill_mall(config).dispose()
    command = [sys.executable, "-c", SERVE, config.database_url.get_secret_value(), str(Path(folder)), str(port)]
    with (folder / "server.log").open("w") as log, served(command, port, log):
        yield Server(f"http://127.0.0.1:{port}", config)


def test_a_proxy_does_not_publish_a_dashboard_without_users(open_server: Server) -> None:
    assert ask(open_server.address, "GET", "/")[0] == 200
    assert ask(open_server.address, "GET", "/", X_Forwarded_For="198.51.100.7")[0] == 403
    assert ask(open_server.address, "GET", "/", Origin="https://footfall.example.org")[0] == 403
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    upgrade["Sec_WebSocket_Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    assert ask(open_server.address, "GET", "/_stcore/stream", **upgrade)[0] == 101
    assert ask(open_server.address, "GET", "/_stcore/stream", **upgrade, Forwarded="for=198.51.100.7")[0] == 403
