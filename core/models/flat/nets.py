"""Run small nets whose weights are one flat vector, so that a state is a few vectors.

    forward   x ← max(0.2 a, a),  a = W x + b,  layer by layer; the last one is linear

The vector holds a layer's W (rows, columns) row by row and then its b (rows,), first layer first:
the order of torch.nn.utils.parameters_to_vector for a Sequential of Linears.
"""

from __future__ import annotations

from functools import lru_cache

import torch.nn.functional as F
from torch import Tensor

LEAK = 0.2


@lru_cache(maxsize=64)
def layout(sizes: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Return (outputs, inputs) of each layer."""
    return tuple(zip(sizes[1:], sizes))


def size(sizes: tuple[int, ...]) -> int:
    """Return how many weights and biases a net has."""
    return sum(rows * (columns + 1) for rows, columns in layout(sizes))


def unfold(flat: Tensor, sizes: tuple[int, ...]) -> list[Tensor]:
    """Return weight, bias, weight, bias, … as views of a flat vector (P,)."""
    parts, start = [], 0
    for rows, columns in layout(sizes):
        middle, end = start + rows * columns, start + rows * (columns + 1)
        parts += [flat[start:middle].view(rows, columns), flat[middle:end]]
        start = end
    return parts


def forward(layers: list[Tensor], x: Tensor) -> Tensor:
    """Return the net's output (B, last) of x (B, first)."""
    last = len(layers) - 2
    for k in range(0, last, 2):
        x = F.leaky_relu(F.linear(x, layers[k], layers[k + 1]), LEAK)
    return F.linear(x, layers[last], layers[last + 1])
