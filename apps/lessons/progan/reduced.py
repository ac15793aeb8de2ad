"""Digits at the small sizes of a growing GAN's levels."""

from __future__ import annotations

import numpy as np

FRAMED, EDGE = 32, 2  # side of a digit in its black frame, and the frame's width


def reduce(image: np.ndarray, side: int) -> np.ndarray:
    """Return a digit (28, 28) in [0, 1] in its frame at a level's size, (side, side): means."""
    framed = np.pad(image, EDGE)
    return framed.reshape(side, FRAMED // side, side, FRAMED // side).mean((1, 3))
