"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.lessons.gan.nets import CGAN
from apps.lessons.shared import nets, pictures
from apps.stage import board as b

COLUMNS, ROWS = 10, 6


def picture() -> b.Widget:
    """Draw the digits that the conditional GAN sampled at the end of its training."""
    images = nets.journal(CGAN)["moments.images"][-1]
    return b.grey("", pictures.sheet(images[: COLUMNS * ROWS, 0] / 255, COLUMNS), size=320)
