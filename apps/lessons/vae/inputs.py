"""The inputs of the VAE lesson."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.lessons.shared import pictures
from apps.lessons.vae.autoencoders import BETAS, NAMES, PLAIN, VAES
from apps.stage.declare import action, choice, given, numeric, seed, slider, switch, typed
from core.models.vae.latent import GRIDS

ENDS = ("pictures", "means")
MOST_BITS = 8
LAST = pictures.COUNT - 1  # number of the last digit that ships


def names(nets: Sequence[str]) -> list[str]:
    """Return the short names of nets."""
    return [NAMES[net] for net in nets]


@dataclass(frozen=True)
class Inputs:
    """The settings of a scene; `drawn` is a visitor's picture in place of the digit."""

    grid: str = choice("quantile", GRIDS)
    tiles: int = slider(16, 8, 24)
    dots: bool = switch(True)
    digit: int = slider(70, 0, LAST, resets=("drawn",))
    other: int = slider(71, 0, LAST)
    letter: str = choice("none", pictures.LETTERS, resets=("drawn",))
    clear: bool = action(brings={True: {"drawn": pictures.EMPTY, "letter": "none"}})
    net: str = choice(PLAIN, BETAS, labels=names(BETAS))
    model: str = choice(PLAIN, VAES, labels=names(VAES), list=True)
    ends: str = choice("pictures", ENDS)
    class_a: int = typed(0, 0, 9, half=True)
    class_b: int = typed(7, 0, 9, half=True)
    noise: float = slider(0.1, 0, 0.6, 0.01, unit="%")
    bits: int = slider(4, 1, MOST_BITS)
    seed: int = seed()
    decimals: int = numeric(4, 0, 8)
    drawn: str | None = given(None, pictures.drawing)
