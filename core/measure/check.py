"""Check the comparison's numbers: images drawn again, figures by independent code."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.comparison import SEED, Family
from core.measure.deltas import Delta
from core.measure.drawing import draw

if TYPE_CHECKING:
    from torch import nn

Moments = tuple[np.ndarray, np.ndarray]  # mean (F,) and covariance (F, F)

AT_ONCE = 6000  # images that are unpacked at a time


def redraw_delta(model: nn.Module, family: Family, image: np.ndarray, seed: int, index: int) -> int:
    """Return by how many grey levels, 0 to 255, an image (28, 28) differs from its seed's, now."""
    again = draw(model, family, seed, index)[0]
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


def frechet_delta(found: Sequence[tuple[float, Moments]], real: Moments) -> Delta:
    """Compare Fréchet distances to real features with the trace of SciPy's square root of C₁ C₂.

    Args:
        found: of each set its distance, and mean (F,) and covariance (F, F) of its features.
        real: the same of the real features.
    """
    from scipy.linalg import sqrtm

    m1, c1 = (part.astype(np.float64) for part in real)
    gaps = []
    for distance, (mean, covariance) in found:
        m2, c2 = mean.astype(np.float64), covariance.astype(np.float64)
        root = np.real(np.asarray(sqrtm(c1 @ c2)))
        theirs = ((m1 - m2) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * np.trace(root)
        gaps.append(abs(float(theirs) - distance))
    return {"delta": max(gaps, default=0.0), "against": "Fréchet, scipy.linalg.sqrtm"}


def is_spared(model: nn.Module, family: Family) -> bool:
    """Return whether a family draws the same image with all parameters but those of its sampling
    part erased: NaN would spread into every pixel.
    """
    import torch

    other = copy.deepcopy(model)
    inside = {id(p) for p in getattr(other, family.part).parameters()}
    with torch.no_grad():
        for p in other.parameters():
            if id(p) not in inside:
                p.fill_(torch.nan)
    return bool((draw(other, family, SEED, 0) == draw(model, family, SEED, 0)).all())


def decoded_delta(weights: Mapping[str, np.ndarray], z: np.ndarray, image: np.ndarray) -> Delta:
    """Compare an image (28, 28) uint8 of a dense VAE with numpy's products of its weights.

    Args:
        weights: of the file, "decoder.0.weight", "decoder.0.bias" and so on.
        z: code (latent,).
        image: ours, whole grey levels from 0 to 255.

    Returns:
        By how many levels the largest difference exceeds the half that rounding makes.
    """
    layers = sorted({int(name.split(".")[1]) for name in weights if name.startswith("decoder.")})
    h = z.astype(np.float64)
    for at in layers:
        w, bias = (
            weights[f"decoder.{at}.{part}"].astype(np.float64) for part in ("weight", "bias")
        )
        h = w @ h + bias
        h = h if at == layers[-1] else h / (1 + np.exp(-h))
    theirs = 255 / (1 + np.exp(-h))
    return {
        "delta": max(float(np.abs(theirs - image.ravel()).max()) - 0.5, 0.0),
        "against": "VAE, numpy",
    }


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
