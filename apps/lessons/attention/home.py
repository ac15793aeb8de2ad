"""The picture on the lesson's card of the home page."""

from __future__ import annotations

import numpy as np

from apps.stage import board as b

SHARP = 6  # so that it can be seen


def picture() -> b.Widget:
    """Draw attention by position alone, the softmax of p(s) · p(t) / √d, six times as sharp."""
    from core.models.transformer.attention import attend
    from core.models.transformer.positions import sinusoidal

    tokens = list("2026-11-20")
    table = sinusoidal(len(tokens), 16)[None]  # (1, T, d)
    everyone = np.ones((len(tokens), len(tokens)), bool)
    weights = attend(SHARP * table, table, table, everyone, lambda x: x)["weights"][0]
    return b.ties("", tokens, tokens, weights)
