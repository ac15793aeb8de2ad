"""Arithmetic as a person with a pocket calculator does it: every value rounded at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.inputs import integer

Round = Callable[[Any], Any]


def exact(x: Any) -> Any:
    """Round nothing."""
    return x


def rounder(decimals: int | None) -> Round:
    """Return the function that rounds to `decimals` places, halves away from zero.

    So 0.125 becomes 0.13 and -0.125 becomes -0.13. The tiny 1e-9 lets 0.1 * 0.35, which is
    0.034999999999999996 in floating point, count as the half that it is on paper.
    """
    if decimals is None:
        return exact

    def rounded(x: Any) -> Any:
        digits = np.floor(np.abs(x) * 10.0**decimals + 0.5 + 1e-9)
        return np.sign(x) * digits / 10.0**decimals + 0.0  # + 0.0: never show -0

    return rounded


def checked_rounder(decimals: Any, fewest: int, most: int) -> Round:
    """Return the rounding to `decimals` places, or none for None.

    Raises:
        InputError: decimals are no whole number from `fewest` to `most`.
    """
    return rounder(None if decimals is None else integer("decimals", decimals, fewest, most))


def dot(A: np.ndarray, x: np.ndarray, r: Round = exact) -> np.ndarray:
    """Return A x, where `r` rounds every product and every sum."""
    products = r(A * x)  # (rows, columns)
    return r(products.sum(axis=1))  # (rows,)
