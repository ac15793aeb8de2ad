"""How far a long loop is: who called for it may listen, and may end it.

The listener is a context variable, so that what lies between the caller and the loop need not hand
it on. A loop says its steps through `report_steps`; without a listener that costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
LISTENER: ContextVar[Callable[[int, int], None] | None] = ContextVar("listener", default=None)


class Stopped(Exception):
    """Nobody wants the result any more; a listener raises it, and the loop ends there."""


def report_steps(steps: Iterable[T], of: int) -> Iterator[T]:
    """Yield the steps; tell the listener before each how many are done.

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
