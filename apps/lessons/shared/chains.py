"""Chains of states that are computed a piece a request, and kept for the next request.

A board that shows a chain says in "more" how far it is; the page asks for the next piece by the
input `points`. A request finds the chain where the last one left it; a chain that was dropped
meanwhile starts again, in pieces.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container, Hashable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from cachetools import LRUCache, cached

from apps.stage.contract import More

Shown = TypeVar("Shown")
State = dict[str, Any]  # a moment of a sampler: tensors by name
HEAD = 4  # moments at a chain's beginning that are kept whole, for the checks
MOST_POINTS = 20_000  # units of work that a page may ask for


class Chain(Generic[Shown]):
    """A sampling chain that is continued on request.

    One lock a chain: a request that comes while it is computed waits, and finds it done.

    Attributes:
        length: moments, the start and the end included.
        done: moments that are there.
        shown: number of a moment -> what `read` made of it.
        first: the first moments as the sampler gave them, at most 4.
        took: seconds that each moment took where it was computed.
    """

    def __init__(
        self,
        begin: Callable[[], Iterator[State]],
        length: int,
        wanted: Container[int],
        read: Callable[[int, State], Shown],
    ):
        """Prepare a chain.

        Args:
            begin: starts the sampler.
            length: moments, the start and the end included.
            wanted: numbers of the moments that are kept.
            read: (number, moment) -> what is kept of it.
        """
        self.states, self.length, self.wanted, self.read = begin(), length, wanted, read
        self.done = 0
        self.shown: dict[int, Shown] = {}
        self.first: list[State] = []
        self.took: list[float] = []
        self.lock = threading.Lock()

    def up_to(self, count: int) -> None:
        """Go on until `count` moments are there, or the chain ends."""
        with self.lock:
            while self.done < min(count, self.length):
                start = time.perf_counter()
                state = next(self.states)
                self.took.append(state.get("seconds", time.perf_counter() - start))
                if len(self.first) < HEAD:
                    self.first.append(state)
                if self.done in self.wanted:
                    self.shown[self.done] = self.read(self.done, state)
                self.done += 1

    def head(self) -> list[State]:
        """Return the first moments as the sampler gave them, at least two."""
        self.up_to(2)
        return self.first


Begun = TypeVar("Begun", bound=Chain[Any])


@cached(LRUCache(32), condition=threading.Condition())
def _kept(key: Hashable) -> list[Any]:
    return []


_beginning = threading.Lock()


def chain(key: Hashable, make: Callable[[], Begun]) -> Begun:
    """Return the chain of these settings, begun only once; 32 are kept.

    Args:
        key: the settings, the net's identity among them.
        make: begins it.
    """
    kept = _kept(key)
    with _beginning:
        if not kept:
            kept.append(make())
    return kept[0]


def go_on(chains: Sequence[Chain[Any]], asked: int, piece: int) -> More:
    """Take chains as far as a request asks, one after the other.

    Args:
        chains: of the scene, in the order in which they are computed.
        asked: moments over all chains, the input `points` of the page.
        piece: moments that one request may compute.

    Returns:
        How far they are, and what makes the page ask for the next piece.
    """
    whole, there = sum(one.length for one in chains), sum(one.done for one in chains)
    goal = min(whole, max(asked, piece, there))
    if asked > there + piece:  # dropped meanwhile: from the beginning, in pieces
        goal = min(whole, there + piece)
    left = goal
    for one in chains:
        one.up_to(left)
        left -= min(left, one.length)
    return {"input": "points", "next": min(whole, goal + piece), "done": goal, "of": whole}
