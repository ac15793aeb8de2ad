"""Let so much be computed at once; of those who wait, addresses take turns.

One address may send as many requests as it likes: it gets no more than any other that waits. A
class behind one address shares among itself, first come first served. Who an address is, uvicorn
says: it believes X-Forwarded-For of the proxies in FORWARDED_ALLOW_IPS alone, usually of those on
the same machine.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from apps.stage.server.visitor import address

T = TypeVar("T")


class Shares:
    """A bound of what is computed at once.

    Args:
        at_once: how many threads it may take.
    """

    def __init__(self, at_once: int):
        self.threads, self.free = CapacityLimiter(at_once), at_once
        self.waiting: dict[str, deque[asyncio.Future[None]]] = {}  # by address, in turn

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Return what a function returns, called in a thread once it is its turn."""
        await self._enter(address())
        try:
            return await to_thread.run_sync(function, *args, limiter=self.threads)
        finally:
            self._leave()

    async def _enter(self, whose: str) -> None:
        if self.free:
            self.free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.setdefault(whose, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it came just now
                self._leave()
            raise

    def _leave(self) -> None:
        while self.waiting:
            whose = next(iter(self.waiting))
            turns = self.waiting.pop(whose)
            turn = turns.popleft()
            if turns:
                self.waiting[whose] = turns  # behind the other addresses
            if not turn.done():
                return turn.set_result(None)
        self.free += 1
