"""Whether a visitor is still there: what is computed for a request ends with it.

The guard watches the connection of each request; what runs for it, also in a thread, asks here.
"""

from __future__ import annotations

from contextvars import ContextVar

from core.progress import Stopped


class Visitor:
    """One request's other end.

    Attributes:
        large: whether the request had a large body.
        gone: whether the connection was closed before the answer.
    """

    def __init__(self, large: bool = False):
        self.large, self.gone = large, False


HERE: ContextVar[Visitor | None] = ContextVar("visitor", default=None)


def is_gone() -> bool:
    """Return whether the visitor whose request is answered went away."""
    visitor = HERE.get()
    return visitor is not None and visitor.gone


def is_large() -> bool:
    """Return whether the request that is answered had a large body."""
    visitor = HERE.get()
    return visitor is not None and visitor.large


def hear(done: int, of: int) -> None:
    """Raise Stopped once the visitor went away: a listener of core.progress."""
    del done, of
    if is_gone():
        raise Stopped
