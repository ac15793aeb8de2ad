"""The home page's picture of the comparison."""

from __future__ import annotations

import numpy as np

from apps.stage import board as b
from core.measure import comparison
from core.models.vae import latent


def picture() -> b.Widget:
    """Return the home page's picture: a row of digits from every family, a real one last.

    In numpy: torch is not there yet.
    """
    from safetensors.numpy import load_file

    columns, rows = 13, 7
    found = [comparison.held(family.card)[1] for family in comparison.FAMILIES]
    lines = [one["images"][:columns] for one in found if one]
    if not lines:
        images = load_file(comparison.FOLDER / "mnist-sample.safetensors")["images"][:, 0]
        lines = [images[:columns]] * rows
    tiles = np.stack(lines[:rows]) / 255
    return b.grey("", latent.sheet(tiles), size=320)
