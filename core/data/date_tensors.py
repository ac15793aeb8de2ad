"""Draw pairs of core.data.dates as the tensors of indices that the translators read and write."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch
from torch import Tensor

from core.data import dates
from core.inputs import integer


def draw_pairs(
    count: int, generator: torch.Generator | None = None, part: str = "train", noise: bool = True
) -> tuple[Tensor, Tensor, list[dates.Pair]]:
    """Draw dates: letters uint8 (N, 49), symbols uint8 (N, 12), and the pairs themselves.

    Args:
        count: N, 1 to 10 million.
        generator: gives the seed of the draw.
        part: "train", "held", "unseen" or "other", as `core.data.dates` says.
        noise: whether a part of them has typos and odd spaces.

    Raises:
        InputError: an argument that is not that.
    """
    seed = int(torch.randint(2**62, (), generator=generator))
    r = Random(seed)
    pairs = [dates.draw(r, part, noise) for _ in range(integer("count", count, 1, 10_000_000))]
    return (*as_tensors(pairs), pairs)


def as_tensors(pairs: Sequence[dates.Pair]) -> tuple[Tensor, Tensor]:
    """Return pairs as indices: letters uint8 (N, 49) and symbols uint8 (N, 12), 0 at the end."""
    letters = [dates.encode(pair.text) for pair in pairs]
    symbols = [dates.encode_answer(pair.iso) for pair in pairs]
    return _pad(letters, dates.LONGEST + 1), _pad(symbols, dates.WRITTEN + 1)


def _pad(rows: list[list[int]], width: int) -> Tensor:
    filled = [bytes(row).ljust(width, b"\0") for row in rows]
    return torch.frombuffer(bytearray(b"".join(filled)), dtype=torch.uint8).view(-1, width)
