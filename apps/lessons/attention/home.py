"""The home page's picture of the attention lesson."""

from __future__ import annotations

import numpy as np

from apps.stage import board as b
from core.models.transformer import positions

DATE, DIM = "2026-11-20", 16
SHARP = 6  # times as sharp as it is, so that it can be seen


def picture() -> b.Widget:
    """Return attention by position alone, softmax(p(s) · p(t) / √d)."""
    scores = positions.dots(positions.sinusoidal(len(DATE), DIM)) / np.sqrt(DIM)
    weights = np.exp(SHARP * (scores - scores.max()))
    return b.ties("", list(DATE), list(DATE), weights / weights.sum(axis=1, keepdims=True))
