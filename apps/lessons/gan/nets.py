"""The trained GANs of this lesson: their codes, images and scores, and how their training went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.shared.nets import model
from apps.lessons.shared.pictures import batch

if TYPE_CHECKING:
    from core.models.gan.networks import GAN

DCGAN, WGAN, CGAN = "dcgan-mnist", "wgan-gp-mnist", "cgan-mnist"
FREE = (DCGAN, WGAN)  # of labels
NETS = (DCGAN, WGAN, CGAN)
NAMES = {DCGAN: "DCGAN", WGAN: "WGAN-GP", CGAN: "CGAN"}
SHEET = 64  # digits on a sheet of 8 x 8
EXACT = 1e-4  # float32 against float64


def gan(name: str) -> GAN:
    """Return a trained GAN, shared by all requests; see apps.lessons.shared.nets.model."""
    return model(name)


def codes(name: str, n: int, seed: int) -> np.ndarray:
    """Return the first n codes of a seed, (n, latent) float64 that float32 holds exactly."""
    import torch

    z = gan(name).prior(n, torch.Generator().manual_seed(seed))
    return z.numpy().astype(float)


def decode(name: str, z: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """Return the images (B, 28, 28) in [0, 1] of codes (B, latent), and labels (B,) of a CGAN."""
    import torch

    given = None if labels is None else torch.as_tensor(labels)
    with torch.no_grad():
        images = gan(name).decode(torch.as_tensor(z, dtype=torch.float32), given)
    return images[:, 0].numpy()


def decode_with(z: np.ndarray, embedded: np.ndarray) -> np.ndarray:
    """Return the CGAN's images (B, 28, 28) in [0, 1] of codes (B, latent) under one vector e (32,)
    in place of a class's.
    """
    import torch

    codes, vectors = (
        torch.as_tensor(part, dtype=torch.float32) for part in (z, np.tile(embedded, (len(z), 1)))
    )
    with torch.no_grad():
        return gan(CGAN).decode_with(codes, vectors)[:, 0].numpy()


def scores(name: str, images: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """Return D of images (B, 28, 28), (B,) in float64."""
    import torch

    given = None if labels is None else torch.as_tensor(labels)
    with torch.no_grad():
        return gan(name).score(batch(images), given).numpy().astype(float)


def embeddings() -> np.ndarray:
    """Return the CGAN's class vectors e_y, (10, 32) in float64."""
    return gan(CGAN).class_vectors().numpy().astype(float)
