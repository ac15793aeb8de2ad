"""Sampling as a film: chains of rows that are drawn a piece a request, and kept."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import TypedDict

from apps.lessons.pixelcnn import models as m
from apps.lessons.shared import chains

if TYPE_CHECKING:
    from torch import Tensor

PIECE = 4  # rows that one answer draws


class Row(TypedDict):
    """The images after one more row."""

    row: int  # the last row that is there
    x: np.ndarray  # (n, 28, 28) of 0 and 1, float32
    p: np.ndarray  # (n, 28, 28), P(x_i = 1) by which each was drawn; 0 for given and later pixels


Way = chains.Chain[Row]


def noise(seed: int, n: int) -> Tensor:
    """Return the uniform noise (n, 1, 28, 28) of a seed, each image's its own."""
    import torch

    rows = [torch.Generator().manual_seed(chains_seed(seed, i)) for i in range(n)]
    return torch.cat([torch.rand(1, 1, m.SIDE, m.SIDE, generator=one) for one in rows])


def chains_seed(seed: int, i: int) -> int:
    """Return the seed of image i's own noise."""
    return 1009 * seed + i


def way(
    name: str,
    u: Tensor,
    key: Hashable,
    *,
    labels: Tensor | None = None,
    temperature: float = 1.0,
    given: np.ndarray | None = None,
    start: int = 0,
) -> Way:
    """Return the chain of rows of these settings, begun only once.

    Args:
        name: of the net's card.
        u: noise (n, 1, 28, 28).
        key: what u and the labels are made of.
        labels: (n,), of a net that is told them.
        temperature: see core.models.pixelcnn.sampling.rows_of.
        given: (n, 28, 28) whose first pixels are kept.
        start: how many of them.
    """
    net = m.model(name)
    known = None if given is None else np.ascontiguousarray(given[:, None], np.float32)
    bare = None if known is None else known.tobytes()

    def begin() -> Iterator[chains.State]:
        return moments(net, u, labels, temperature, known, start)

    length = m.SIDE - start // m.SIDE if start < m.PIXELS else 1
    whole = (id(net), key, temperature, bare, start)
    return chains.chain(whole, lambda: chains.Chain(begin, length, range(length), read))


def moments(
    net: Any,
    u: Tensor,
    labels: Tensor | None,
    temperature: float,
    known: np.ndarray | None,
    start: int,
) -> Iterator[chains.State]:
    """Yield the moments of the rows that are drawn; one where all pixels are given."""
    import torch

    from core.models.pixelcnn.sampling import rows_of

    given = None if known is None else torch.from_numpy(known)
    if start >= m.PIXELS:
        assert given is not None
        return iter([{"row": m.SIDE - 1, "x": given, "p": torch.zeros_like(given)}])
    return with_seconds(rows_of(net, u, labels, temperature, given, start))


def with_seconds(found: Iterator[Any]) -> Iterator[chains.State]:
    """Yield moments with the processor's seconds that each took: what others do is left out."""
    while True:
        begun = time.thread_time()
        moment = next(found, None)
        if moment is None:
            return
        yield {**moment, "seconds": time.thread_time() - begun}


def read(k: int, state: chains.State) -> Row:
    """Return a moment as it is kept."""
    x, p = (state[name][:, 0].numpy().copy() for name in ("x", "p"))
    return {"row": int(state["row"]), "x": x, "p": p}


def rows(one: Way) -> list[Row]:
    """Return the rows that are there, in order."""
    return [one.shown[k] for k in sorted(one.shown)]


def end(one: Way) -> Row:
    """Return the last row, drawing what is not there yet."""
    one.up_to(one.length)
    return one.shown[one.length - 1]
