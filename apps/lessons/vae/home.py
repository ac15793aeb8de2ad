"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.lessons.vae import autoencoders as nets
from apps.stage import board as b
from core.models.vae import latent

COLUMNS, ROWS = 13, 7


def picture() -> b.Widget:
    """Draw what the trained decoder makes of the latent plane, at quantiles of the prior."""
    xs, ys = latent.nodes("quantile", COLUMNS), latent.nodes("quantile", ROWS)[::-1]
    tiles = nets.decode(nets.PLAIN, latent.mesh(xs, ys))
    return b.grey("", latent.sheet(tiles.reshape(ROWS, COLUMNS, *tiles.shape[1:])), size=320)
