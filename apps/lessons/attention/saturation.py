"""The softmax's saturation: how far one token takes all, with and without division by √d."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.stage import board as b

DIMS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
TOKENS, DRAWS = 8, 500  # keys that a query looks at; draws a dimension


@lru_cache(maxsize=1)
def largest_weights() -> tuple[list[float], list[float]]:
    """Return the mean largest weight for each of DIMS: of scores as they are, and of S/√d."""
    rng = np.random.default_rng(0)
    bare, scaled = [], []
    for d in DIMS:
        q, k = rng.normal(size=(DRAWS, 1, d)), rng.normal(size=(DRAWS, TOKENS, d))
        scores = (q * k).sum(axis=-1)  # (DRAWS, TOKENS)
        bare.append(mean_largest(scores))
        scaled.append(mean_largest(scores / np.sqrt(d)))
    return bare, scaled


def mean_largest(scores: np.ndarray) -> float:
    """Return the mean over rows of scores (N, T) of the softmax's largest weight."""
    exp = np.exp(scores - scores.max(axis=1, keepdims=True))
    return float((exp.max(axis=1) / exp.sum(axis=1)).mean())


def saturation() -> b.Widget:
    """Return the mean largest weight against d, with and without division by √d."""
    bare, scaled = largest_weights()
    return b.chart(
        b.word("saturation", T=str(TOKENS)),
        [
            b.series(b.word("bare_scores"), bare, "grad", x=DIMS),
            b.series(b.word("scaled_scores"), scaled, "made", x=DIMS),
        ],
        x=b.word("dimension_d"),
        y=b.word("largest_weight"),
        xlog=True,
        low=0,
        high=1,
        width=380,
        height=210,
    )
