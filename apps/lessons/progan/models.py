"""The lesson's net that grew: its codes, maps and images, and their check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Check

if TYPE_CHECKING:
    from core.models.progan.networks import ProGAN

NAME = "progan-mnist"
TOP = 3  # the last level
LEVELS = range(TOP + 1)
EXACT = 1e-4  # float32 against float64
SHEET = 64  # digits at most


def progan() -> ProGAN:
    """Return the trained net, shared by all requests; see apps.lessons.shared.nets.model."""
    return nets.model(NAME)


def codes(n: int, seed: int) -> np.ndarray:
    """Return the first n codes of a seed, (n, latent) float64 that float32 holds exactly."""
    import torch

    z = progan().prior(n, torch.Generator().manual_seed(seed))
    return z.numpy().astype(float)


def decode(z: np.ndarray, level: int = TOP, alpha: float = 1.0) -> np.ndarray:
    """Return the images (B, 28, 28) in [0, 1] of codes (B, latent) at a level."""
    import torch

    given = torch.as_tensor(z, dtype=torch.float32)
    with torch.no_grad():
        return progan().decode(given, level, alpha)[:, 0].numpy()


def framed(z: np.ndarray, level: int = TOP) -> np.ndarray:
    """Return what a level draws of codes (B, latent), framed: (B, S, S), about −1 to 1."""
    import torch

    with torch.no_grad():
        return progan().generator(torch.as_tensor(z, dtype=torch.float32), level)[:, 0].numpy()


def maps(z: np.ndarray, level: int) -> np.ndarray:
    """Return a level's maps (B, c, S, S) of codes (B, latent)."""
    import torch

    with torch.no_grad():
        return progan().maps(torch.as_tensor(z, dtype=torch.float32), level).numpy()


def decode_maps(h: np.ndarray, level: int) -> np.ndarray:
    """Return the images (B, 28, 28) in [0, 1] of a level's maps."""
    import torch

    with torch.no_grad():
        return progan().decode_maps(torch.as_tensor(h), level)[:, 0].numpy()


def image_check(
    z: np.ndarray,
    images: np.ndarray,
    level: int = TOP,
    alpha: float = 1.0,
    added: tuple[int, np.ndarray] | None = None,
) -> Check:
    """Return the check of images (B, 28, 28) by sums in float64 from the weights alone.

    Args:
        z: their codes (B, latent).
        images: as the lesson shows them.
        level: 0 for 4x4.
        alpha: how far the level has faded in.
        added: a level and what is added to its maps.
    """
    import torch

    from core.models.progan import check

    given = torch.as_tensor(z, dtype=torch.float32)
    more = None if added is None else (added[0], torch.as_tensor(added[1]))
    weights = progan().generator.state_dict()
    return b.delta_check(check.images_delta(weights, given, images, level, alpha, more), EXACT)
