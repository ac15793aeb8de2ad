"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.lessons.biggan import models as m
from apps.lessons.shared import pictures
from apps.stage import board as b

ROWS = 5


def picture() -> b.Widget:
    """Draw the same codes under every class, the codes cut off at ψ = 1."""
    labels = m.each_class(ROWS)
    z = m.codes(ROWS, 0, 1.0).repeat(m.CLASSES, 0)
    return b.grey("", pictures.sheet(m.decode(z, labels), m.CLASSES), size=320)
