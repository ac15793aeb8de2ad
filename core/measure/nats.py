"""Read −log p of every test digit by pixelcnn-mnist, beside bounds of vae-mnist on the same pixels.

`weights.recipes.likelihoods` writes the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.weights import shipped
from core.weights.card import cards

FILE = Path(__file__).parents[2] / "weights" / "mnist-nats.safetensors"
NETS = ("pixelcnn-mnist", "vae-mnist")
EVERY = 20  # the tighter bound is of every 20th digit


def shipped_nats(file: Path = FILE) -> dict[str, np.ndarray] | None:
    """Return nats of the 10,000 binarised test digits, None unless they are of the shipped nets.

    Returns:
        "exact" (10000,), −log p of the static binarisation (seed 2008) by pixelcnn-mnist; "half"
        (10000,), the same of digits cut at one half; "elbo" (10000,), −ELBO of vae-mnist of the
        static ones, a draw each; "bound" (500,), its bound by 128 draws on every 20th of them.

    Raises:
        WeightError: the file is missing or damaged.
    """
    found, made_by = shipped.read_arrays(file)
    mine = all(made_by.get(name) == cards()[name].sha256 for name in NETS)
    return {name: one.astype(float) for name, one in found.items()} if mine else None
