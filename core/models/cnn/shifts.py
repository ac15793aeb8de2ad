"""Move a picture before a convolution or its result after it: the same, or not. numpy float64.

    equivariant   f(move x) = move f(x)
    a convolution of stride 1 that wraps around the edges is; zeros around, a stride and pooling
    each break it: with a stride or pool of s a move is kept just if s divides it

A move by `down` and `right` pixels wraps around too; behind stride and pool it is by down / s and
right / s places, rounded down. Source: Azulay & Weiss 2019, arXiv 1805.12177.
"""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np

from core.inputs import InputError, array, choice, integer
from core.models.cnn.convolution import LARGEST_IMAGE, LARGEST_KERNEL

EDGES = ("wrap", "zeros")
MOST = 4  # stride and pool


class Moves(TypedDict):
    """Both orders, and how far they are apart."""

    move_first: np.ndarray  # (h, w), f(move x)
    move_last: np.ndarray  # (h, w), move f(x)
    gap: float  # the largest |difference|


def moves(
    image: Any,
    kernel: Any,
    down: Any,
    right: Any,
    edges: Any = "wrap",
    stride: Any = 1,
    pool: Any = 1,
) -> Moves:
    """Compute a convolution and pooling of a moved picture, and the moved result of the picture.

    Args:
        image: up to 28x28; both sides divisible by stride times pool.
        kernel: up to 7x7, odd sides, not larger than the image.
        down: −27 to 27 pixels.
        right: likewise.
        edges: "wrap" around, or "zeros" around the picture.
        stride: of the convolution, 1 to 4.
        pool: side of the squares whose largest value is kept, 1 to 4; 1: none.

    Raises:
        InputError: an input that is not that.
    """
    x = array("image", image, ((1, LARGEST_IMAGE), (1, LARGEST_IMAGE)))
    k = array("kernel", kernel, tuple((1, min(LARGEST_KERNEL, n)) for n in x.shape))
    far = LARGEST_IMAGE - 1
    by = [integer("down", down, -far, far), integer("right", right, -far, far)]
    choice("edges", edges, EDGES)
    s, q = integer("stride", stride, 1, MOST), integer("pool", pool, 1, MOST)
    if not all(n % 2 for n in k.shape):
        got = f"{k.shape[0]} x {k.shape[1]}"
        raise InputError("shape", field="kernel", got=got, allowed="odd x odd")
    if any(n % (s * q) for n in x.shape):
        got, allowed = f"{x.shape[0]} x {x.shape[1]}", f"divisible by {s * q}"
        raise InputError("shape", field="image", got=got, allowed=allowed)
    first = _layer(np.roll(x, by, (0, 1)), k, edges, s, q)
    last = np.roll(_layer(x, k, edges, s, q), [n // (s * q) for n in by], (0, 1))
    return {"move_first": first, "move_last": last, "gap": float(np.abs(first - last).max())}


def _layer(x: np.ndarray, k: np.ndarray, edges: str, s: int, q: int) -> np.ndarray:
    """Return the largest of each q x q of a convolution with stride s, padded to as many places."""
    around = [(n // 2, n // 2) for n in k.shape]
    padded = np.pad(x, around, mode="wrap") if edges == "wrap" else np.pad(x, around)
    found = np.lib.stride_tricks.sliding_window_view(padded, k.shape)[::s, ::s]
    out = (found * k).sum((2, 3))
    return out.reshape(out.shape[0] // q, q, out.shape[1] // q, q).max((1, 3))
