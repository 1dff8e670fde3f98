"""ASGI middleware that adds headers to every answer of a server."""

from __future__ import annotations

from abc import ABC, abstractmethod

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class AddedHeaders(ABC):
    """Adds headers to every answer over HTTP; which, says `add`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    @abstractmethod
    def add(self, scope: Scope, headers: MutableHeaders) -> None:
        """Change the headers of the answer to the request of `scope`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.add(scope, MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
