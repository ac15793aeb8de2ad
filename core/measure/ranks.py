"""Compare rows of numbers by their order alone, whatever their scales.

Spearman's ρ     the correlation of their ranks, ties at the mean of their places     (1904)
AUROC            P(a > b) + ½ P(a = b) over all pairs: the area under the ROC curve of a score
                 that should be higher for a                           (Mann & Whitney 1947)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.inputs import InputError


def spearman(x: Any, y: Any) -> float:
    """Return ρ in [−1, 1] of two rows (n,), n > 1; not a number if one of them is constant."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.shape != y.shape or x.ndim != 1 or len(x) < 2:
        got = f"{x.shape} and {y.shape}"
        raise InputError("shape", field="rows", got=got, allowed="(n,) and (n,), n > 1")
    a, b = ranks(x) - (len(x) + 1) / 2, ranks(y) - (len(y) + 1) / 2
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size else float("nan")


def ranks(x: np.ndarray) -> np.ndarray:
    """Return the ranks 1 … n of a row (n,); equal entries share the mean of their places."""
    _, which, count = np.unique(x, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[which]


def auroc(higher: Any, lower: Any) -> float:
    """Return the share of pairs in which `higher` has the higher score, a tie counted half.

    Args:
        higher: scores (n,) that should be the higher ones, an array or a tensor.
        lower: scores (m,).

    Returns:
        from 0 to 1; ½ where the scores tell nothing.

    Raises:
        InputError: one of the two is empty.
    """
    a, b = np.asarray(higher, dtype=float), np.sort(np.asarray(lower, dtype=float))
    if not len(a) or not len(b):
        got = f"{len(a)} and {len(b)}"
        raise InputError("shape", field="scores", got=got, allowed="at least 1 and 1")
    below = np.searchsorted(b, a, "left") + np.searchsorted(b, a, "right")
    return float(below.mean() / 2 / len(b))
