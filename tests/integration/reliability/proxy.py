"""A way to a server that a test can cut: connections break off, or stay open and nothing gets through any more."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from sqlalchemy import make_url


class CutProxy:
    """Passes bytes on to a server, both ways, while the way is not cut."""

    def __init__(self, server: str) -> None:
        """`server` is the URL of the database behind it."""
        url = make_url(server)
        self._target = (url.host or "127.0.0.1", url.port or 5432)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._url = url.set(host="127.0.0.1", port=self._listening.getsockname()[1])
        self._cut = threading.Event()
        self._swallows = threading.Event()
        self._open: set[socket.socket] = set()
        self._deaf: set[socket.socket] = set()
        self._guard = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The database's URL by this way."""
        return self._url.render_as_string(hide_password=False)

    def cut(self) -> None:
        """Break off every connection, and every one that comes."""
        self._cut.set()
        with self._guard:
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def swallow(self) -> None:
        """Take whatever is sent on connections, old and new ones, and pass nothing on; all stay open.

        A firewall that lost its table does so, a tunnel whose other end is gone, a pooler whose server hangs. What was
        lost stays lost: a connection that was open meanwhile stays deaf after `mend`.
        """
        self._swallows.set()
        with self._guard:
            self._deaf |= self._open

    def mend(self) -> None:
        """Let new connections through again."""
        self._cut.clear()
        self._swallows.clear()

    def close(self) -> None:
        """End it, and every connection."""
        self.cut()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self._cut.is_set():
                near.close()
                continue
            far = socket.create_connection(self._target)
            with self._guard:
                self._open |= {near, far}
                if self._swallows.is_set():
                    self._deaf |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while read := one.recv(65536):
                if one not in self._deaf:
                    other.sendall(read)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with self._guard:
                self._open.discard(end)
        one.close()
