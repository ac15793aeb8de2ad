"""Connections: a request must begin to be whole within a time, and file descriptors never run out.

uvicorn waits for ever for the rest of a request's headers, and takes connections until the process
has no file descriptor left; from then on it can answer nobody, and asyncio logs each attempt.

It also closes a connection that was idle for 5 s, just when httpx may send the next request on it,
and long before nginx stops doing so: what is sent at that moment is lost.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from apps.stage.server.visitor import address_of

IDLE = 75  # seconds between two requests: longer than httpx (5 s) and nginx (60 s) use a connection
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
        most: connections that may be open. One more closes another: `one_too_many`.
        patience: seconds.
    """

    class Patient(protocol):
        deadline: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.timeout_keep_alive, self.since = IDLE, self.loop.time()
            self.whose = address_of(self.client)
            self.expect()
            if len(self.connections) > most:
                still = [one for one in self.connections if not one.transport.is_closing()]
                if len(still) > most:
                    closed = one_too_many(self, still)
                    closed.calm()
                    closed.transport.abort()

        def data_received(self, data: bytes) -> None:
            before = self.cycle
            super().data_received(data)
            if self.cycle is not before:
                self.since = self.loop.time()
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


def one_too_many(new: Any, connections: Collection[Any]) -> Any:
    """Return which connection is closed where there is no room: of the address that has most the
    one that has waited longest for a request; without such a one its oldest, if it has more than
    the address of the new one; else the new one.

    Args:
        new: the connection that came just now.
        connections: all that are open, each with whose it is, the answer to its last request, and
            the time at which that request came.
    """
    count = Counter(one.whose for one in connections)

    def first(some: Iterable[Any]) -> Any:
        return min(some, key=lambda one: (-count[one.whose], one.since), default=None)

    others = [one for one in connections if one is not new]
    waiting = first(one for one in others if one.cycle is None or one.cycle.response_complete)
    if waiting:
        return waiting
    busy = first(others)
    return busy if busy and count[busy.whose] > count[new.whose] else new
