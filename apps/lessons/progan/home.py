"""The picture on the lesson's card of the home page."""

from __future__ import annotations

import numpy as np

from apps.lessons.progan.reduced import FRAMED, reduce
from apps.lessons.shared import pictures
from apps.stage import board as b

SIDES = (4, 8, 16, 32)
DIGITS = (0, 3, 2, 1, 4)  # numbers of the digits among those that ship
SIZE = 320


def picture() -> b.Widget:
    """Draw digits as each level of a growing GAN sees them."""
    images = [pictures.digits()[0][at] for at in DIGITS]
    rows = [
        np.hstack([np.kron(reduce(one, side), np.ones((FRAMED // side,) * 2)) for one in images])
        for side in SIDES
    ]
    return b.grey("", np.vstack(rows), size=SIZE, role="real")
