"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.stage import board as b
from core.models.biggan import by_hand

PSI = (0.25, 0.5, 1.0, 2.0)
DRAWS, REACH = 200, 2.2


def picture() -> b.Widget:
    """Draw pairs of numbers of a normal distribution cut off at ±ψ, for four ψ side by side."""
    layers = []
    for k, psi in enumerate(PSI):
        points = by_hand.draw_truncated(2 * DRAWS, psi, seed=k)["values"].reshape(-1, 2)
        at = points + [REACH * (2 * k + 1), 0]
        left, right = at[:, 0].min(), at[:, 0].max()
        box = [[left, -psi], [right, -psi], [right, psi], [left, psi], [left, -psi]]
        layers += [b.dots(at, "made", radius=1.2), b.curves([box], "hidden")]
    return b.field("", (0, 2 * REACH * len(PSI), -REACH, REACH), layers, size=320)
