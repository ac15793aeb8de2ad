"""Report the progress of a long loop to its caller, which may cancel it.

The listener is a context variable, so that what lies between the caller and the loop need not hand
it on. A loop reports its steps through `report_steps`; without a listener that costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
LISTENER: ContextVar[Callable[[int, int], None] | None] = ContextVar("listener", default=None)


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
