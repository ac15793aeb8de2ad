"""The picture on the lesson's card of the home page."""

from __future__ import annotations

import numpy as np

from apps.lessons.progan.reduced import reduce_digit
from apps.lessons.shared import pictures
from apps.stage import board as b

SIDES = (4, 8, 16, 32)
DIGITS = (0, 3, 2, 1, 4)  # numbers of the digits among those that ship
SIZE = 320


def picture() -> b.Widget:
    """Draw digits as each level of a growing GAN sees them."""
    images = [pictures.digits()[0][at] for at in DIGITS]
    rows = [np.hstack([enlarge(reduce_digit(one, side)) for one in images]) for side in SIDES]
    return b.grey("", np.vstack(rows), size=SIZE, role="real")


def enlarge(image: np.ndarray) -> np.ndarray:
    """Return a picture at the largest side, its pixels repeated."""
    return np.kron(image, np.ones((SIDES[-1] // len(image),) * 2))
