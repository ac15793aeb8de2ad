"""Three ways to say where a token stands, in numpy float64.

    sinusoidal  p(t)_{2i} = sin(ω_i t),  p(t)_{2i+1} = cos(ω_i t),   ω_i = 10000^(−2i/d)
                wavelength 2π/ω_i;  p(s) · p(t) = Σ_i cos ω_i (s − t): of the distance alone
                                                            (Vaswani et al. 2017, 1706.03762)
    learned     p(t) is a row of a table that training finds; it ends where the table ends
                                                            (Gehring et al. 2017, 1705.03122)
    rotary      nothing is added: entries 2i and 2i + 1 of q and k are a point of the plane and turn
                by ω_i t;  R(s) q · R(t) k = q · R(t − s) k: of the distance alone
                                                            (Su et al. 2021, 2104.09864)

The words' order means nothing to attention alone: for a permutation P, f(P X) = P f(X). With
positions added to X before, f(P X + E) is another thing than P f(X + E). `permute` shows both.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from typing_extensions import TypedDict

from core.inputs import InputError, array, choice, integer
from core.models.transformer.attention import DIM, LARGEST, TOKENS, Trace, attention_step

BASE = 10_000.0
MOST = 512  # positions
WIDEST = 512  # d
KINDS = ("none", "sinusoidal", "learned")  # what is added to the tokens


class Distances(TypedDict):
    """Dot products over the pairs at each distance; low = high where the distance alone decides."""

    distance: np.ndarray  # 0 … T − 1, (T,)
    mean: np.ndarray  # (T,)
    low: np.ndarray  # (T,)
    high: np.ndarray  # (T,)


class Permutation(TypedDict):
    """Attention of words in two orders."""

    first: Trace  # of the words as they are
    second: Trace  # in the new order
    expected: np.ndarray  # the first's output in the new order, (T, d)
    difference: np.ndarray  # the second's output − expected, (T, d)
    largest: float  # its magnitude: 0 up to rounding without positions


def frequencies(d: Any, base: float = BASE) -> np.ndarray:
    """Return ω (d/2,) in radians a position, falling from 1.

    Raises:
        InputError: d is odd, or not from 2 to 512.
    """
    d = integer("d", d, 2, WIDEST)
    if d % 2:
        raise InputError("choice", field="d", got=d, allowed="2, 4, 6, 8, …")
    return base ** (-np.arange(0, d, 2) / d)


def wavelengths(d: Any) -> np.ndarray:
    """Return 2π/ω (d/2,): after so many positions a pair of entries is where it was."""
    return 2 * math.pi / frequencies(d)


def sinusoidal(count: Any, d: Any) -> np.ndarray:
    """Return p (count, d), entries in [−1, 1].

    Raises:
        InputError: count is not from 1 to 512, or d not even and from 2 to 512.
    """
    angles = np.outer(np.arange(integer("count", count, 1, MOST)), frequencies(d))  # (T, d/2)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(angles), -1)


def rotate(x: Any, positions: Any = None) -> np.ndarray:
    """Return x (T, d) with every pair of entries turned by ω_i t.

    Args:
        x: numbers; d is even.
        positions: t of each row, (T,), any numbers; None: 0 … T − 1.

    Raises:
        InputError: a shape that is not that.
    """
    x = array("x", x, ((1, MOST), (2, WIDEST)))
    T, d = x.shape
    t = np.arange(T) if positions is None else array("positions", positions, (T,), 1e6)
    angles = np.outer(t, frequencies(d))  # (T, d/2)
    cos, sin, even, odd = np.cos(angles), np.sin(angles), x[:, 0::2], x[:, 1::2]
    return np.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1).reshape(T, d)


def dots(table: Any) -> np.ndarray:
    """Return the dot products of all positions (T, T) of a table (T, d)."""
    table = array("table", table, ((1, MOST), (1, WIDEST)))
    return table @ table.T


def against_distance(products: np.ndarray) -> Distances:
    """Return mean and range of dot products (T, T) at each distance t = 0 … T − 1."""
    lines = [np.diagonal(products, n) for n in range(len(products))]
    return {
        "distance": np.arange(len(products)),
        "mean": np.array([line.mean() for line in lines]),
        "low": np.array([line.min() for line in lines]),
        "high": np.array([line.max() for line in lines]),
    }


def rotary_dots(q: Any, k: Any, count: Any) -> np.ndarray:
    """Return R(s) q · R(t) k for s, t = 0 … count − 1: (count, count), for vectors q and k (d,)."""
    count = integer("count", count, 1, MOST)
    q, k = (array(n, v, ((2, WIDEST),)) for n, v in (("q", q), ("k", k)))
    if len(q) != len(k):
        raise InputError("shape", field="k", got=len(k), allowed=len(q))
    return rotate(np.tile(q, (count, 1))) @ rotate(np.tile(k, (count, 1))).T


def add_positions(x: Any, kind: str, table: Any = None) -> np.ndarray:
    """Return x (T, d) with the positions 0 … T − 1 added: nothing for "none".

    Args:
        x: the tokens.
        kind: "none", "sinusoidal" or "learned".
        table: of "learned": (at least T, d).
    """
    x = array("x", x, (TOKENS, DIM), LARGEST)
    if choice("kind", kind, KINDS) == "none":
        return x
    if kind == "sinusoidal":
        return x + sinusoidal(*x.shape)
    rows = array("table", table, ((len(x), MOST), x.shape[1]), LARGEST)
    return x + rows[: len(x)]


def permute(
    x: Any, wq: Any, wk: Any, wv: Any, order: Any, kind: str = "none", table: Any = None
) -> Permutation:
    """Put the words in another order, before positions are added, and compare the outputs.

    Args:
        x: (T, d) the words; d even for "sinusoidal".
        wq: (d, d), as in `attention_step`; so are wk and wv.
        wk: (d, d).
        wv: (d, d).
        order: a permutation of 0 … T − 1: row i of the new text is the word order[i].
        kind: as in `add_positions`.
        table: as in `add_positions`.

    Raises:
        InputError: naming the argument that was refused.
    """
    x = array("x", x, (TOKENS, DIM), LARGEST)
    wanted = array("order", order, (len(x),), MOST)
    if sorted(wanted.tolist()) != list(range(len(x))):
        allowed = f"the numbers 0 to {len(x) - 1}, each once"
        raise InputError("list", field="order", got=wanted.tolist(), allowed=allowed)
    at = wanted.astype(int)
    first = attention_step(add_positions(x, kind, table), wq, wk, wv)
    second = attention_step(add_positions(x[at], kind, table), wq, wk, wv)
    expected = first["output"][at]
    difference = second["output"] - expected
    return {
        "first": first,
        "second": second,
        "expected": expected,
        "difference": difference,
        "largest": float(np.abs(difference).max()),
    }
