"""The queue of boards that take long: a page a core is computed for, the others see their place.

A page that asks for a piece of long work brings a ticket, the same for all its pieces. If it is not
its turn the answer is its place and about how long that is; the page asks again with its ticket. A
page that stopped or was closed asks no more and loses its place after LEASE seconds, so nothing is
computed for nobody. Work that has gone on for HOLD seconds lets those pass that wait.

Addresses take turns: before an address's second work stands the first of every other one, and one
address alone never fills the line.

It runs in the server's event loop: a page that waits takes up no thread. How long a kind of work
takes is learnt from whole answers that were computed, never from refusals.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

LONG = 0.5  # seconds from which a kind of work goes into the line
PATIENCE = 1.0  # seconds until a page that waits hears its place again
LEASE = 3.0  # seconds without a word from a page until its place is lost
HOLD = 10.0  # seconds of work until those who wait come first
FIRST_GUESS = 5.0  # seconds that work of an unknown kind may take
MOST = 100  # pages in the line; who comes then hears of that place, and asks again
OF_ONE = 75  # pages of one address


@dataclass
class Job:
    """One page's work."""

    kind: str
    whose: str  # address that it came from
    heard: float  # when the page last asked, or was last answered
    waiting: int = 0  # requests of it that stand in line now
    spent: float = 0.0  # seconds of work so far
    held: float = 0.0  # of these, since it came to the front
    share: float = 0.0  # of the whole that is done


class Line:
    """The line.

    Args:
        clock: seconds, ever growing.
        workers: how many are worked for at once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, workers: int | None = None):
        self.clock, self.workers = clock, workers or os.cpu_count() or 1
        self.jobs: dict[str, Job] = {}  # in order; the first are worked for
        self.busy: dict[str, float] = {}  # whose pieces are being computed, since when
        self.usual: dict[str, float] = {}  # kind -> seconds of the whole work, a moving average
        self.in_pieces: set[str] = set()  # kinds that take long whatever they were seen to take
        self.moved = asyncio.Condition()

    def long(self, kind: str) -> bool:
        """Return whether work of this kind is known to take long."""
        return kind in self.in_pieces or self.usual.get(kind, 0.0) >= LONG

    def learn(self, kind: str, seconds: float) -> None:
        """Take in how long the whole work of a kind took."""
        self.usual[kind] = 0.7 * self.usual.get(kind, seconds) + 0.3 * seconds

    async def enter(self, ticket: str, kind: str, whose: str = "") -> dict[str, float] | None:
        """Wait for one's turn, at most PATIENCE.

        Args:
            ticket: of the page.
            kind: of its work.
            whose: the address that it came from.

        Returns:
            None when it is this page's turn: `leave` must follow. Else "place", 1 for the next,
            and "seconds", about how long until then.
        """
        async with self.moved:
            if ticket not in self.jobs and self._is_full(whose):
                self._drop_those_who_left()
                if self._is_full(whose):
                    return {"place": MOST, "seconds": self._seconds(list(self.jobs))}
            if ticket not in self.jobs:
                self._line_up(ticket, Job(kind, whose, self.clock()))
            job = self.jobs[ticket]
            if job.kind != kind:  # other work, in the old place
                job.kind, job.spent, job.share = kind, 0.0, 0.0
            until = self.clock() + PATIENCE
            job.waiting += 1
            try:
                while not self._turn(ticket):
                    left = until - self.clock()
                    if left <= 0:
                        return self._place(ticket)
                    try:  # a lease that ends wakes nobody
                        await asyncio.wait_for(self.moved.wait(), min(left, 0.25))
                    except asyncio.TimeoutError:
                        pass
                    if ticket not in self.jobs:  # another request of this page was the last
                        self._line_up(ticket, job)
            finally:
                job.waiting -= 1
                job.heard = self.clock()
            self.busy[ticket] = self.clock()
            return None

    async def leave(self, ticket: str, share: float | None) -> None:
        """Hand over after a piece.

        Args:
            ticket: of the page whose turn it was.
            share: of the whole that is done now; from 1 on the page leaves the line. None: it
                leaves, and nothing is learnt, for it was refused or went away.
        """
        async with self.moved:
            took = self.clock() - self.busy.pop(ticket)
            job = self.jobs[ticket]
            job.spent, job.held = job.spent + took, job.held + took
            job.share, job.heard = share or 0.0, self.clock()
            if share is None:
                del self.jobs[ticket]
            elif share >= 1:
                del self.jobs[ticket]
                self.learn(job.kind, job.spent)
            elif job.held > HOLD and len(self.jobs) > self.workers:
                job.held = 0.0
                self._line_up(ticket, self.jobs.pop(ticket))
            self.moved.notify_all()

    async def give_up(self, ticket: str) -> None:
        """Give up a page's place: it went on to something else."""
        if ticket not in self.jobs:
            return
        async with self.moved:
            job = self.jobs.get(ticket)
            if job and not job.waiting and ticket not in self.busy:
                del self.jobs[ticket]
                self.moved.notify_all()

    def _is_full(self, whose: str) -> bool:
        own = sum(job.whose == whose for job in self.jobs.values())
        return len(self.jobs) >= MOST or own >= OF_ONE

    def _line_up(self, ticket: str, job: Job) -> None:
        """Put work behind that of others who have as many before it; who is worked for stays."""
        names, before = list(self.jobs), Counter[str]()
        own = sum(one.whose == job.whose for one in self.jobs.values())
        place = len(names)
        for k, name in enumerate(names):
            whose = self.jobs[name].whose
            if k >= self.workers and before[whose] > own:
                place = k
                break
            before[whose] += 1
        names.insert(place, ticket)
        self.jobs = {name: self.jobs.get(name, job) for name in names}

    def _turn(self, ticket: str) -> bool:
        self._drop_those_who_left()
        return ticket not in self.busy and ticket in list(self.jobs)[: self.workers]

    def _drop_those_who_left(self) -> None:
        now = self.clock()
        gone = [
            name
            for name, job in self.jobs.items()
            if name not in self.busy and not job.waiting and now - job.heard > LEASE
        ]
        for name in gone:
            del self.jobs[name]

    def _place(self, ticket: str) -> dict[str, float]:
        names = list(self.jobs)
        before = names[: names.index(ticket)]
        return {"place": max(1, len(before) + 1 - self.workers), "seconds": self._seconds(before)}

    def _seconds(self, before: list[str]) -> float:
        return max(1.0, sum(self._left(self.jobs[name]) for name in before) / self.workers)

    def _left(self, job: Job) -> float:
        if job.share > 0:
            left = job.spent * (1 - job.share) / job.share
        else:
            left = self.usual.get(job.kind, FIRST_GUESS)
        return min(left, HOLD)
