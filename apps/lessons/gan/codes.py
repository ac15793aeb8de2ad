"""The codes that a scene of a trained GAN is about."""

from __future__ import annotations

import numpy as np

from apps.lessons.gan import nets as m
from apps.lessons.gan.inputs import Inputs
from core.inputs import choice


def codes_of(inputs: Inputs) -> tuple[str, np.ndarray, int]:
    """Return the net's name, the 64 codes of the seed, and which of them is picked."""
    name = choice("model", inputs.model, m.FREE)
    z = m.codes(name, m.SHEET, inputs.seed)
    return name, z, inputs.pick - 1
