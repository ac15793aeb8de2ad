"""The picture on the lesson's card of the home page."""

from __future__ import annotations

import numpy as np

from apps.stage import board as b
from core.models.flow import by_hand


def picture() -> b.Widget:
    """Draw a grid carried through two couplings, and draws of a normal in the colour of log|det|.

    In each coupling s and t are lines in the coordinate that is kept.
    """

    def there(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        first, one = by_hand.image(points, (0.35, 0.1), (0.5, 0.2))
        second, other = by_hand.image(first[:, ::-1], (-0.3, 0.0), (0.7, -0.2))
        return second[:, ::-1], one + other

    along, z = np.linspace(-2, 2, 41), np.random.default_rng(3).standard_normal((140, 2))
    grid = [np.stack([along, np.full(41, c)], 1) for c in np.linspace(-2, 2, 9)]
    grid += [one[:, ::-1] for one in grid]
    points, size = there(z)
    return b.field(
        "",
        (-4.6, 4.6, -2.5, 2.9),
        [
            b.curves([there(one)[0] for one in grid], "hidden", width=1.0),
            b.dots(points, "ink", radius=3.2, values=size, span=1.2),
        ],
        size=300,
    )
