"""Measure how far our numbers are from the same numbers by independent code.

Every check recomputes what a trace holds by code that is not ours and returns a `Delta`. A
difference is absolute; in an array whose largest entry exceeds 1 it is divided by that entry,
because float64 keeps digits, not decimals. A trace may hold arrays or, as it came back from a page,
nested lists. Rounded traces differ by their rounding.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

import numpy as np


class Delta(TypedDict):
    """The result of a check."""

    delta: float  # the largest difference, relative where the entries exceed 1
    against: str  # what ours was compared with


def largest(theirs: Any, ours: Any) -> float:
    """Return the largest difference of two arrays, relative to theirs where that exceeds 1.

    Args:
        theirs: a tensor.
        ours: an array or nested lists of the same shape.
    """
    wanted = np.asarray(theirs.detach())
    difference = np.abs(wanted - np.asarray(ours, dtype=float)).max()
    return float(difference / max(1.0, np.abs(wanted).max()))  # NaN passes no tolerance


def delta_of(deltas: Iterable[float], against: str) -> Delta:
    """Return the largest of several differences, with its reference."""
    return {"delta": float(np.max(list(deltas))), "against": against}
