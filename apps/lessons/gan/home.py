"""The home page's picture of the GAN lesson."""

from __future__ import annotations

from apps.lessons.gan import nets as m
from apps.lessons.shared import pictures
from apps.stage import board as b


def picture() -> b.Widget:
    """Return samples at the end of a training, else real digits; torch is not there yet."""
    from safetensors.numpy import load_file

    from core.weights.card import FOLDER

    journal = next((m.journal(name) for name in (m.CGAN, *m.NETS) if m.journal(name)), None)
    if journal is None:
        images = load_file(FOLDER / "mnist-sample.safetensors")["images"][:91, 0] / 255
        return b.grey("", pictures.sheet(images, 13), size=320, role="real")
    images = journal["moments.images"][-1][:60, 0] / 255  # a journal keeps 64
    return b.grey("", pictures.sheet(images, 10), size=320, role="made")
