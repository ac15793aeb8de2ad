"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.lessons.pix2pix import models as m
from apps.stage import board as b


def picture() -> b.Widget:
    """Draw strokes of held-out syllables, and the type that the net makes of them."""
    which = m.SHOWN[:4]
    x, _ = m.pairs(which)
    made = m.translate(m.MAIN, x)
    return b.column(
        b.row(*(b.grey("", one, size=72, role="real") for one in x)),
        b.row(*(b.grey("", one, size=72) for one in made)),
        gap="tight",
    )
