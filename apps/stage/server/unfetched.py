"""Bound what clients of the API have not fetched yet."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any


class Unfetched(OrderedDict[str, Any]):
    """What clients have not fetched yet, by session: at most `most` answers, none for long.

    It stands in for the queue's own store, which keeps 2000 sessions, each with as many answers as
    it likes, for ever. What is thrown away here is what nobody came for.
    """

    def __init__(
        self,
        most: int,
        keep: float,
        clock: Callable[[], float],
        forget: Callable[[str], None],
    ):
        """Prepare a store.

        Args:
            most: answers kept at once.
            keep: seconds that one is kept.
            clock: seconds, ever growing.
            forget: throws away what else is known of a session.
        """
        super().__init__()
        self.most, self.keep, self.clock, self.forget = most, keep, clock, forget
        self.answers: OrderedDict[int, tuple[float, str]] = OrderedDict()  # number -> when, whose
        self.count = 0

    def __setitem__(self, session: str, value: Any) -> None:
        """Open a session; the queue that Gradio brings for it is empty, and another takes it."""
        self.purge()
        super().__setitem__(session, Answers(self, session))

    def __delitem__(self, session: str) -> None:
        """Close a session, which may have been thrown away."""
        if session in self:
            super().__delitem__(session)

    def __missing__(self, session: str) -> Any:
        """Return a queue that nobody will read: the session was thrown away."""
        return asyncio.Queue()

    def note(self, session: str) -> int:
        """Note an answer; return its number."""
        self.count += 1
        self.answers[self.count] = (self.clock(), session)
        self.purge()
        return self.count

    def purge(self) -> None:
        """Throw away sessions whose answers are too many or too old."""
        while self.answers:
            when, session = next(iter(self.answers.values()))
            if len(self.answers) <= self.most and self.clock() - when <= self.keep:
                return
            self.pop(session, None)
            self.forget(session)
            for number in [n for n, (_, whose) in self.answers.items() if whose == session]:
                del self.answers[number]


class Answers(asyncio.Queue):  # type: ignore[type-arg]
    """A session's messages; whole answers are counted until they are fetched."""

    def __init__(self, store: Unfetched, session: str):
        super().__init__()
        self.store, self.session = store, session
        self.numbers: list[int] = []

    def put_nowait(self, item: Any) -> None:
        """Add a message."""
        if type(item).__name__ == "ProcessCompletedMessage":
            self.numbers.append(self.store.note(self.session))
        super().put_nowait(item)

    async def get(self) -> Any:
        """Wait for a message, and take it."""
        item = await super().get()
        if type(item).__name__ == "ProcessCompletedMessage" and self.numbers:
            self.store.answers.pop(self.numbers.pop(0), None)
        return item
