"""A camera that speaks HTTP, on a free port of this computer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def served_by(camera: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Let `camera` answer; give the start of its URLs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), camera)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
