"""The small cases that the attention lesson computes by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apps.lessons.attention.inputs import MATRICES, Inputs
from apps.stage import board as b
from core.inputs import array

LARGEST = 100.0
TOLERANCE = 1e-12  # of what is computed in float64
BOOK_SEED = 0
BOOK = {  # the case that opens the lesson: small whole numbers, three tokens of two
    "x": [[1, 0], [0, 1], [1, 1]],
    "wq": [[1, 1], [0, 2]],
    "wk": [[2, 0], [1, 1]],
    "wv": [[1, 2], [3, 0]],
}


@dataclass(frozen=True)
class Case:
    """Tokens and the matrices of their queries, keys and values."""

    x: np.ndarray  # (T, d)
    wq: np.ndarray  # (d, d)
    wk: np.ndarray  # (d, d)
    wv: np.ndarray  # (d, d)


def case_of(inputs: Inputs) -> Case:
    """Return the book's case or a random one, overridden by typed values.

    Random entries are multiples of a half, so that a person can compute with them.
    """
    T, d, seed = inputs.tokens, inputs.dim, inputs.seed
    rng = np.random.default_rng([seed, T, d])
    sizes = {"x": (T, d), **dict.fromkeys(MATRICES[1:], (d, d))}
    case = {name: rng.integers(-2, 3, size).astype(float) / 2 for name, size in sizes.items()}
    if (T, d, seed) == (*np.shape(BOOK["x"]), BOOK_SEED):
        case = {name: np.array(rows, dtype=float) for name, rows in BOOK.items()}
    typed = {name: getattr(inputs, name) for name in MATRICES}
    case |= {
        name: array(name, rows, sizes[name], LARGEST)
        for name, rows in typed.items()
        if rows is not None
    }
    return Case(**case)


def mask_of(name: str, T: int) -> str | list[bool]:
    """Return a mask as core takes it: of padding the last token is no word."""
    return [False] * (T - 1) + [True] if name == "padding" else name


def symbols(name: str, T: int) -> list[str]:
    """Return x₁ … x_T."""
    return [b.sub(name, t + 1) for t in range(T)]
