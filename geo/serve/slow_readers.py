"""Connections that are cut where their other side does not read what it is sent."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

__all__ = ["ImpatientHttp", "ImpatientWebSocket"]

PATIENCE_S: Final = 30.0
"""How long what was sent may lie unread before the next can be sent."""


class _Impatient(asyncio.Protocol):
    """A connection with an end to its patience.

    uvicorn sends nothing, not even that it closes, until what was sent before was read. One who asks and asks
    and never reads would keep a planner's place for good, and wait for ever itself.
    """

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _end: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Begin to wait: too much lies unread."""
        super().pause_writing()
        self._end = self.loop.call_later(PATIENCE_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: it was read."""
        self._stop_waiting()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of whoever waits to send; the oldest uvicorn of ours does not."""
        self._stop_waiting()
        super().connection_lost(exc)
        super().resume_writing()

    def _stop_waiting(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None


class ImpatientHttp(_Impatient, H11Protocol):
    """Requests and their answers."""


class ImpatientWebSocket(_Impatient, WebSocketsSansIOProtocol):
    """The connection of a planner."""
