"""A VAE's numbers, recomputed by torch.distributions and torch in float64; see core.measure.deltas.

It imports none of the modules that it checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from torch import Tensor


def kl_delta(mu: Any, logvar: Any, kl: Any) -> Delta:
    """Compare KL(N(μ, σ²)‖N(0, 1)) of each dimension with torch.distributions.

    Args:
        mu: (..., latent).
        logvar: log σ², (..., latent).
        kl: ours in nats, (..., latent).
    """
    import torch
    from torch.distributions import Normal, kl_divergence

    mean, spread = _exact(mu), (_exact(logvar) / 2).exp()
    prior = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    theirs = kl_divergence(Normal(mean, spread), prior)
    return delta_of([largest(theirs, kl)], "torch.distributions.kl_divergence")


def sample_delta(mu: Any, logvar: Any, eps: Any, z: Any) -> Delta:
    """Compare z = μ + σ ε with an affine transform of ε.

    Args:
        mu: (latent,).
        logvar: log σ², (latent,).
        eps: (B, latent).
        z: ours, (B, latent).
    """
    from torch.distributions import AffineTransform

    theirs = AffineTransform(_exact(mu), (_exact(logvar) / 2).exp())(_exact(eps))
    return delta_of([largest(theirs, z)], "torch.distributions.AffineTransform")


def likelihood_delta(logits: Any, x: Any, fits: Any) -> Delta:
    """Compare log p(x|z) with the sum of the pixels' Bernoulli log-probabilities.

    Args:
        logits: (B, 1, 28, 28).
        x: images (B, 1, 28, 28) in [0, 1].
        fits: ours in nats, (B,).
    """
    from torch.distributions import Bernoulli

    # a grey pixel is no outcome of a coin; the formula holds for it all the same
    pixels = Bernoulli(logits=_exact(logits), validate_args=False).log_prob(_exact(x))
    return delta_of([largest(pixels.flatten(1).sum(1), fits)], "torch.distributions.Bernoulli")


def line_delta(a: Any, b: Any, t: Any, points: Any) -> Delta:
    """Compare the points of the straight line from a to b with torch.lerp.

    Args:
        a: (latent,).
        b: (latent,).
        t: places from 0 to 1, (N,).
        points: ours, (N, latent).
    """
    import torch

    start, end, places = _exact(a), _exact(b), _exact(t)
    theirs = torch.stack([torch.lerp(start, end, at) for at in places])
    return delta_of([largest(theirs, points)], "torch.lerp")


def _exact(values: Any) -> Tensor:
    """Return values as a float64 tensor."""
    import torch

    return torch.as_tensor(np.asarray(values, dtype=np.float64))
