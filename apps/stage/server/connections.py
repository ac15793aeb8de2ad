"""Connections: a request must begin to be whole within a time, and file descriptors never run out.

uvicorn waits for ever for the rest of a request's headers, and takes connections until the process
has no file descriptor left; from then on it can answer nobody, and asyncio logs each attempt.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

PATIENCE = 15.0  # seconds in which a request's headers must have come
RESERVE = 96  # file descriptors for all else: files, weights, libraries
WISH = 4096  # file descriptors, if the system lets one have them
USUAL = 1024  # where the system does not say


def most_connections() -> int:
    """Return how many connections may be open; raise the process's own limit as far as it may."""
    if sys.platform == "win32":
        return USUAL - RESERVE
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ceiling = WISH if hard == resource.RLIM_INFINITY else min(WISH, hard)
    if soft != resource.RLIM_INFINITY and soft < ceiling:
        resource.setrlimit(resource.RLIMIT_NOFILE, (ceiling, hard))
        soft = ceiling
    return max(16, (WISH if soft == resource.RLIM_INFINITY else soft) - RESERVE)


def patient(protocol: type[Any], most: int, patience: float = PATIENCE) -> type[Any]:
    """Return uvicorn's protocol of a connection with both bounds.

    Args:
        protocol: a class of uvicorn's; of it are used connections, cycle, loop and transport.
        most: connections that may be open. One more closes the oldest that has sent no whole
            request, or is closed itself if there is none.
        patience: seconds.
    """

    class Patient(protocol):
        deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            if len(self.connections) >= most:
                waiting = [one for one in self.connections if one.deadline is not None]
                oldest = min(waiting, key=lambda one: one.deadline.when(), default=None)
                (oldest.transport if oldest else transport).abort()
                if oldest:
                    oldest.calm()
            super().connection_made(transport)
            self.expect()

        def data_received(self, data: bytes) -> None:
            before = self.cycle
            super().data_received(data)
            if self.cycle is not before:
                self.calm()
            elif self.cycle is None or self.cycle.response_complete:
                self.expect()

        def connection_lost(self, exc: Exception | None) -> None:
            self.calm()
            super().connection_lost(exc)

        def expect(self) -> None:
            """Close the connection unless a request begins in time; later bytes give no more."""
            if self.deadline is None:
                self.deadline = self.loop.call_later(patience, self.transport.abort)

        def calm(self) -> None:
            if self.deadline is not None:
                self.deadline.cancel()
                self.deadline = None

    return Patient
