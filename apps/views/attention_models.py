"""The trained nets of the attention lesson, shared by all; what is not here is said by its card."""

from __future__ import annotations

from typing import Any

import numpy as np

TRANSFORMER, GPT = "transformer-dates", "gpt-chars"


def model(name: str) -> Any:
    """Return a trained net; a WeightError says why it cannot be had."""
    from core import weights

    return weights.load(name)


def have(name: str) -> bool:
    """Return whether a net can be had."""
    from core.weights import WeightError

    try:
        model(name)
    except WeightError:
        return False
    return True


def learned_positions(count: int) -> np.ndarray | None:
    """Return dot products (count, count) of a learned table, or None where there is none."""
    return None
