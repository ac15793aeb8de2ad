"""Read MNIST's test set as the nets with a latent plane encode it: clouds of dots that ship.

`weights.recipes.codes` writes the file; its metadata have the sha256 of each net's weights.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.weights import shipped
from core.weights.card import FOLDER

CODES = FOLDER / "mnist-codes.safetensors"


def read_codes(name: str) -> tuple[Tensor, Tensor]:
    """Return MNIST's whole test set as a card's net encodes it: μ (10000, 2) and labels (10000,).

    Of a card that the file does not hold, (0, 2) and (0,).

    Raises:
        WeightError: the file is missing or damaged.
    """
    found, _ = shipped.read_arrays(CODES)
    if name not in found:
        return torch.zeros(0, 2), torch.zeros(0, dtype=torch.uint8)
    return torch.from_numpy(found[name]).float(), torch.from_numpy(found["labels"])
