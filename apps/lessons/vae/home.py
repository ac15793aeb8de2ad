"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.lessons.shared import pictures
from apps.lessons.vae.autoencoders import PLAIN, decode
from apps.stage import board as b
from core.models.vae import latent

COLUMNS, ROWS = 13, 7


def picture() -> b.Widget:
    """Draw the trained decoder's images over the latent plane, at quantiles of the prior."""
    xs, ys = latent.nodes("quantile", COLUMNS), latent.nodes("quantile", ROWS)[::-1]
    return b.grey("", pictures.sheet(decode(PLAIN, latent.mesh(xs, ys)), COLUMNS), size=320)
