"""How long a connection may take: clients that ask nothing, or take no answer, must not keep others out."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

ASKS_WITHIN_S = 5
TAKES_WITHIN_S = 120
"""From the question to the last byte of the answer: the longest query on a small box, and a slow line."""


class PatientProtocol(H11Protocol):
    """Closes a connection on which no whole question comes in time, or whose answer is not taken in time.

    uvicorn's own limit holds between an answer and the first byte of the next question only.
    """

    _deadline: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Wait for the first question."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Read what came; bytes that make no whole question win no time."""
        super().handle_events()
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next question."""
        super().on_response_complete()
        self._look()

    def _look(self) -> None:
        answering = None if self.cycle is None or self.cycle.response_complete else self.cycle
        if answering is not self._answering and not self.transport.is_closing():
            self._answering = answering
            self._wait()

    def _wait(self) -> None:
        self._stop_waiting()
        patience_s = ASKS_WITHIN_S if self._answering is None else TAKES_WITHIN_S
        self._deadline = self.loop.call_later(patience_s, self._give_up)

    def _give_up(self) -> None:
        """Close the connection; what was answered and is still on its way has the rest of its time."""
        if self._answering is None and self.transport.get_write_buffer_size():
            self.transport.close()
            self._deadline = self.loop.call_later(TAKES_WITHIN_S - ASKS_WITHIN_S, self.transport.abort)
        else:
            self.transport.abort()

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
