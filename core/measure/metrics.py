"""Measure generated images by a classifier's features, and average bounds on a density.

    Fréchet     d² = |m₁ − m₂|² + tr(C₁ + C₂ − 2 (C₁ C₂)^½),  m, C: mean and covariance of features
                tr (C₁ C₂)^½ = Σ √λ,  λ the eigenvalues of C₁^½ C₂ C₁^½       (Heusel et al. 2017)
    density     1/(kM) Σ_j Σ_i 1[y_j in the ball of x_i],  radius: x_i to its k-th neighbour in {x}
    coverage    1/N Σ_i 1[some y_j in the ball of x_i]                          (Naeem et al. 2020)
    accuracy    share of images that the classifier gives the label they were made for

The features are our classifier's (core.models.classifier.cnn), not Inception's: d² here is for
comparing the models of this suite, and no FID of a paper. Everything in float64, eigenvalues by
eigh: no square root of a matrix that is not symmetric.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from core.inputs import InputError, integer

EXACT = "donot_use_mm_for_euclid_dist"  # the faster way loses digits, and a point its own zero


def moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean (F,) and covariance (F, F) of features (N, F), float64, divided by N − 1."""
    rows = features.double()
    mean = rows.mean(0)
    centred = rows - mean
    return mean, centred.T @ centred / (len(rows) - 1)


def frechet(first: Tensor, second: Tensor) -> float:
    """Return the squared Fréchet distance of two sets of features (N, F) and (M, F)."""
    if min(len(first), len(second)) < 2 or first.shape[1:] != second.shape[1:]:
        got = f"{tuple(first.shape)} and {tuple(second.shape)}"
        raise InputError("shape", field="features", got=got, allowed="(N, F) and (M, F), N, M > 1")
    return frechet_gaussians(*moments(first), *moments(second))


def frechet_gaussians(m1: Tensor, c1: Tensor, m2: Tensor, c2: Tensor) -> float:
    """Return |m₁ − m₂|² + tr(C₁ + C₂ − 2 (C₁ C₂)^½) for means (F,) and covariances (F, F)."""
    values, vectors = torch.linalg.eigh(c1)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T  # C₁^½, (F, F)
    inner = root @ c2 @ root
    shared = torch.linalg.eigvalsh((inner + inner.T) / 2).clamp_min(0).sqrt().sum()
    gap = ((m1 - m2) ** 2).sum()
    return max((gap + torch.trace(c1) + torch.trace(c2) - 2 * shared).item(), 0.0)


def density_coverage(real: Tensor, made: Tensor, k: int = 5) -> tuple[float, float]:
    """Return density and coverage of made features (M, F) against real ones (N, F).

    Args:
        real: features of real images.
        made: features of generated images.
        k: which neighbour sets the radius of a real image's ball.
    """
    integer("k", k, 1, len(real) - 1)
    real, made = real.double(), made.double()
    inside, covered = 0, 0
    for part in real.split(1000):  # blocks of (1000, N): all pairs at once would be large
        radius = torch.cdist(part, real, compute_mode=EXACT).kthvalue(k + 1, dim=1).values
        within = torch.cdist(part, made, compute_mode=EXACT) <= radius[:, None]  # itself is one
        inside += within.sum().item()
        covered += within.any(1).sum().item()
    return inside / (k * len(made)), covered / len(real)


@torch.no_grad()
def features_of(classifier: nn.Module, images: Tensor) -> Tensor:
    """Return the classifier's features (N, F) of images (N, 1, 28, 28) in [0, 1]."""
    return torch.cat([classifier.features(part) for part in images.split(1000)])  # pyright: ignore


@torch.no_grad()
def label_accuracy(classifier: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Return the share of images (N, 1, 28, 28) that the classifier gives their labels (N,)."""
    found = torch.cat([classifier(part).argmax(1) for part in images.split(1000)])
    return (found == labels).double().mean().item()


@torch.no_grad()
def mean_over(
    images: Tensor, bound: Callable[[Tensor], Tensor], batch: int = 500
) -> tuple[float, float]:
    """Return mean and standard error of bound(x), (B,) for images (B, 1, H, W), in float64."""
    values = torch.cat([bound(part) for part in images.split(batch)]).double()
    return values.mean().item(), values.std().item() / math.sqrt(len(values))
