"""The picture on the lesson's card of the home page."""

from __future__ import annotations

import numpy as np

from apps.stage import board as b
from core.measure import comparison
from core.models.vae import latent

COLUMNS, ROWS = 13, 8


def picture() -> b.Widget:
    """Draw a row of digits from every family, as they were sampled for the comparison."""
    drawn = [comparison.read_samples(family.card)[1] for family in comparison.FAMILIES]
    rows = [one["images"][:COLUMNS] for one in drawn if one][:ROWS]
    return b.grey("", latent.sheet(np.stack(rows) / 255), size=320)
