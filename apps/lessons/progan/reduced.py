"""Digits at the small sizes of a growing GAN's levels."""

from __future__ import annotations

import numpy as np

EDGE = 2  # width of the black frame that makes a digit's 28 pixels 32


def reduce(images: np.ndarray, side: int) -> np.ndarray:
    """Return images (…, S, S) at a smaller side: each pixel the mean of those it stands for."""
    step = images.shape[-1] // side
    return images.reshape(*images.shape[:-2], side, step, side, step).mean((-3, -1))


def reduce_digit(image: np.ndarray, side: int) -> np.ndarray:
    """Return a digit (28, 28) in [0, 1] in its frame at a level's size, (side, side)."""
    return reduce(np.pad(image, EDGE), side)
