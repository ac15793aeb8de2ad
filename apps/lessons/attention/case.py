"""The small cases that the attention lesson computes by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.stage import board as b
from core.inputs import array, choice, integer

TOKENS = (2, 6)
DIM = (2, 8)
LARGEST = 100.0
MASKS = ("none", "causal", "padding")
MATRICES = ("x", "wq", "wk", "wv")
BOOK = {  # the case that opens the lesson: small whole numbers, three tokens of two
    "x": [[1, 0], [0, 1], [1, 1]],
    "wq": [[1, 1], [0, 2]],
    "wk": [[2, 0], [1, 1]],
    "wv": [[1, 2], [3, 0]],
}


def case_of(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return x, wq, wk, wv as the page says: the book's, drawn ones, and over them what was typed.

    Drawn entries are multiples of a half, so that a person can compute with them.
    """
    T = integer("tokens", inputs.get("tokens", 3), *TOKENS)
    d = integer("dim", inputs.get("dim", 2), *DIM)
    seed = integer("seed", inputs.get("seed", 0), 0, 2**31 - 1)
    rng = np.random.default_rng([seed, T, d])
    sizes = {"x": (T, d), **dict.fromkeys(MATRICES[1:], (d, d))}
    drawn = {name: rng.integers(-2, 3, size).astype(float) / 2 for name, size in sizes.items()}
    if (T, d, seed) == (3, 2, 0):
        drawn = {name: np.array(rows, dtype=float) for name, rows in BOOK.items()}
    return {
        name: array(name, inputs[name], sizes[name], LARGEST) if name in inputs else usual
        for name, usual in drawn.items()
    }


def mask_of(inputs: dict[str, Any], T: int) -> tuple[str, str | list[bool]]:
    """Return the mask's name and what core takes: of padding the last token is no word."""
    name = choice("mask", inputs.get("mask", "none"), MASKS)
    return name, [False] * (T - 1) + [True] if name == "padding" else name


def symbols(name: str, T: int) -> list[str]:
    """Return x₁ … x_T."""
    return [b.sub(name, t + 1) for t in range(T)]
