"""The lesson's net: codes, images under labels, and their check from the weights alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Check

if TYPE_CHECKING:
    from core.models.biggan.networks import BigGAN

NAME = "biggan-mnist"
CLASSES, PARTS = 10, 3
SHEET = 64  # digits at most
EXACT = 1e-4  # float32 against float64


def biggan() -> BigGAN:
    """Return the trained net, shared by all requests; see apps.lessons.shared.nets.model."""
    return nets.model(NAME)


def codes(n: int, seed: int, psi: float | None = None) -> np.ndarray:
    """Return the first n codes of a seed, (n, latent) float64 that float32 holds exactly.

    Args:
        n: how many.
        seed: of the draws.
        psi: ψ that they are cut off at; None: not.
    """
    import torch

    z = biggan().prior(n, torch.Generator().manual_seed(seed), psi)
    return z.numpy().astype(float)


def decode(z: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the images (B, 28, 28) in [0, 1] of codes (B, latent) and labels (B,)."""
    import torch

    given = torch.as_tensor(z, dtype=torch.float32).split(500)
    asked = torch.as_tensor(labels).split(500)
    with torch.no_grad():
        made = [biggan().decode(*one)[:, 0] for one in zip(given, asked)]
    return torch.cat(made).numpy()


def image_check(z: np.ndarray, labels: np.ndarray, images: np.ndarray) -> Check:
    """Return the check of images (B, 28, 28) by sums in float64 from the weights alone."""
    import torch

    from core.models.biggan import check

    weights = biggan().generator.state_dict()
    embedded = weights["embed.weight"][torch.as_tensor(labels)]
    given = torch.as_tensor(z, dtype=torch.float32)
    return b.delta_check(check.images_delta(weights, given, embedded, images), EXACT)


def each_class(rows: int) -> np.ndarray:
    """Return the labels 0 to 9, so many rows of them, (10 rows,)."""
    return np.tile(np.arange(CLASSES), rows)
