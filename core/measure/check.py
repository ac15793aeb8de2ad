"""Check the comparison's numbers: images drawn again, figures by independent code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.comparison import Family, draw
from core.measure.deltas import Delta
from core.weights.card import FOLDER, Card
from core.weights.download import is_file_of

if TYPE_CHECKING:
    from torch import nn

AT_ONCE = 6000  # images that are unpacked at a time


def redraw_delta(model: nn.Module, family: Family, image: np.ndarray, seed: int, index: int) -> int:
    """Return by how many grey levels, 0 to 255, an image (28, 28) differs from its seed's, now."""
    again = draw(model, family, seed, index)
    return int(np.abs(again.astype(int) - image.astype(int)).max())


def entropy_delta(labels: np.ndarray, entropy: float) -> Delta:
    """Compare the entropy of labels (N,) with SciPy's."""
    from scipy.special import entr  # scipy.stats takes a second to import

    _, counts = np.unique(labels, return_counts=True)
    gap = abs(entr(counts / counts.sum()).sum() - entropy)
    return {"delta": float(gap), "against": "scipy.special.entr"}


def score_delta(right: int, of: int, level: float, found: tuple[float, float]) -> Delta:
    """Compare both ends of an interval with their defining equation: both lie z deviations from the
    share, |p̂ - p| = z √(p(1 - p)/n).
    """
    from scipy.special import ndtri

    ends, z = np.array(found), ndtri(0.5 + level / 2)
    gap = np.abs(np.abs(right / of - ends) - z * np.sqrt(ends * (1 - ends) / of)).max()
    return {"delta": float(gap), "against": "|p̂ − p| = z √(p(1 − p)/n), scipy.special.ndtri"}


def bound_delta(model: Any, x: Any, eps: Any, found: Any) -> Delta:
    """Compare bounds (B,) on log p(x) of a VAE, from noise (B, latent), with torch.distributions in
    float64, relative to the largest.
    """
    import torch
    from torch.distributions import Bernoulli, Normal, kl_divergence

    with torch.no_grad():
        logits, mu, logvar = (part.double() for part in model(x, eps))
        posterior = Normal(mu, torch.exp(logvar / 2))
        cost = kl_divergence(posterior, Normal(0.0, 1.0)).sum(1)
        fits = Bernoulli(logits=logits).log_prob(x.double()).flatten(1).sum(1)
    theirs = fits - cost
    gap = (theirs - found.double()).abs().max() / theirs.abs().max()
    return {"delta": float(gap), "against": "torch.distributions"}


def bits_delta(nats: float, bits: float, dimensions: int) -> Delta:
    """Compare bits a dimension with nats an image: 2^(−bits) = e^(−nats/D)."""
    back = 2.0 ** (-bits) / np.exp(-nats / dimensions) - 1
    return {"delta": abs(float(back)), "against": "2^(−bits) = e^(−nats/D)"}


def nearest_delta(image: np.ndarray, bits: np.ndarray, apart: int) -> Delta:
    """Compare how many pixels an image (28, 28) is from the nearest of bits (N, 98) with the
    smallest squared Euclidean distance to any of them, unpacked.
    """
    mine = (image.ravel() >= 0.5).astype(np.float32)
    best = np.inf
    for part in np.split(bits, range(AT_ONCE, len(bits), AT_ONCE)):
        rows = np.unpackbits(part, axis=1).astype(np.float32)  # (AT_ONCE, 784)
        best = min(best, float(((rows * rows).sum(1) - 2 * rows @ mine).min() + mine @ mine))
    return {"delta": abs(best - apart), "against": "min ‖b − b′‖², numpy"}


def same_file(card: Card, folder: Path = FOLDER) -> bool:
    """Return whether a card's file has the size and the sha256 on the card."""
    file = folder / card.file
    return file.exists() and is_file_of(card, file.read_bytes())
