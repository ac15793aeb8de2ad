"""Report the progress of a long loop to its caller, which may cancel it, or take it in pieces.

The listener is a context variable, so that what lies between the caller and the loop need not hand
it on. A loop reports its steps through `report_steps`; without a listener that costs nothing.
Likewise `OVER`: a loop that keeps what it has done asks it between two steps, and raises
`Unfinished` once it says yes; called again it goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
LISTENER: ContextVar[Callable[[int, int], None] | None] = ContextVar("listener", default=None)
OVER: ContextVar[Callable[[], bool] | None] = ContextVar("over", default=None)


class Unfinished(Exception):
    """The piece of a long computation is over; the same call goes on from there.

    Args:
        share: of the whole that is done, below 1.
    """

    def __init__(self, share: float):
        super().__init__(share)
        self.share = share


class Stopped(Exception):
    """The loop was cancelled: a listener raises this once no caller waits for the result."""


def report_steps(steps: Iterable[T], of: int) -> Iterator[T]:
    """Yield the steps; call the listener before each with how many are done and how many there are.

    Args:
        steps: what the loop runs over.
        of: how many there will be.

    Raises:
        Stopped: by the listener.
    """
    hear = LISTENER.get()
    for done, step in enumerate(steps):
        if hear:
            hear(done, of)
        yield step
