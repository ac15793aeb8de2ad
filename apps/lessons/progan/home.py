"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.lessons.progan import models as m
from apps.lessons.shared import pictures
from apps.stage import board as b

SHOWN = 5  # codes
SIZE = 320


def picture() -> b.Widget:
    """Draw the same codes at every level."""
    z = m.codes(SHOWN, 0)
    rows = (m.decode(z, level) for level in range(m.TOP + 1))
    return b.column(*(b.grey("", pictures.strip(one), size=SIZE) for one in rows), gap="tight")
