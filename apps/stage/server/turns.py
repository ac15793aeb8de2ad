"""Fair turns at the processor for trainings that go on while people watch.

Each request waits in line, first come first served. Who has had a slice of time hands over as soon
as somebody waits; since a page asks for its next piece only when it has the last one, any number of
visitors go round in a circle and get equal shares.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SLICE = 0.1  # seconds that one may take while others wait
LONGEST = 1.0  # seconds that one may take at all: then the page hears something


class Turns:
    """A queue in front of one worker."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._line: deque[threading.Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[Callable[[], bool]]:
        """Wait for one's turn; yield a function that says whether it is over."""
        mine = threading.Event()
        with self._lock:
            self._line.append(mine)
            if self._line[0] is mine:
                mine.set()
        mine.wait()
        start = self._clock()

        def over() -> bool:
            spent = self._clock() - start
            return spent > LONGEST or (spent > SLICE and len(self._line) > 1)

        try:
            yield over
        finally:
            with self._lock:
                self._line.popleft()
                if self._line:
                    self._line[0].set()
