"""Answers `/healthz` and `/metrics` over HTTP, from a thread, with the newest health that the program published."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ingest.health.metrics import metrics_page
from ingest.health.state import Health

REQUEST_TIMEOUT_S = 5.0


class HealthServer:
    """Serves on `host`:`port` (0 takes a free one, see `port`) until `close`.

    Raises:
        OSError: the address cannot be used.
    """

    def __init__(self, host: str, port: int, newest: Callable[[], Health]) -> None:
        class Handler(_Handler):
            newest_health = staticmethod(newest)

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    @property
    def port(self) -> int:
        """The port that is served."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    timeout = REQUEST_TIMEOUT_S
    newest_health: Callable[[], Health]

    def do_GET(self) -> None:
        """Answer 200, or 503 for a failing program, so that monitors need not read the document."""
        path = self.path.partition("?")[0]
        if path == "/healthz":
            health = self.newest_health()
            status = HTTPStatus.SERVICE_UNAVAILABLE if health.verdict == "failing" else HTTPStatus.OK
            self._answer(status, "application/json", json.dumps(health.document(), indent=2).encode())
        elif path == "/metrics":
            self._answer(HTTPStatus.OK, "text/plain; version=0.0.4; charset=utf-8", metrics_page(self.newest_health))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"only /healthz and /metrics are here\n")

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a scrape every few seconds would fill the log."""
