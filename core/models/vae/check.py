"""A VAE's numbers, recomputed by torch.distributions, torch and numpy; see core.measure.deltas.

All in float64. It imports none of the modules that it checks: of a net only the weights are read.
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


def arc_delta(a: Any, b: Any, t: Any, points: Any) -> Delta:
    """Compare the points of the arc from a to b with rotations of a, stretched evenly.

    The rotation is the matrix exponential of tω (v uᵀ − u vᵀ): u the direction of a, v the part of
    b's direction that is upright to it.

    Args:
        a: (latent,), not 0.
        b: (latent,), neither along a nor opposite to it.
        t: places from 0 to 1, (N,).
        points: ours, (N, latent).
    """
    import torch

    start, end = _exact(a), _exact(b)
    u = start / start.norm()
    beside = end - (end @ u) * u
    v, angle = beside / beside.norm(), torch.atan2(beside.norm(), end @ u)
    turn = torch.outer(v, u) - torch.outer(u, v)
    theirs = [
        torch.matrix_exp(at * angle * turn) @ start * torch.lerp(start.norm(), end.norm(), at)
        for at in _exact(t)
    ]
    return delta_of([largest(torch.stack(theirs) / start.norm(), points)], "torch.matrix_exp")


def code_delta(model: Any, images: Any, mu: Any) -> Delta:
    """Compare μ of images with the encoder's dense layers in numpy.

    Args:
        model: a net without convolutions.
        images: (B, 28, 28).
        mu: ours, (B, latent).
    """
    out = _dense(model.encoder, np.asarray(images, dtype=float).reshape(len(images), -1))
    theirs = out[:, : np.shape(mu)[1]]  # log σ² follows
    return delta_of([_gap(theirs, mu)], "encoder: numpy, float64")


def picture_delta(model: Any, z: Any, images: Any) -> Delta:
    """Compare decoded pictures with the decoder's dense layers in numpy.

    Args:
        model: a net without convolutions.
        z: codes, (B, latent).
        images: ours, (B, 28, 28) in [0, 1].
    """
    logits = _dense(model.decoder, np.asarray(z, dtype=float))
    theirs = 0.5 + 0.5 * np.tanh(logits / 2)  # the logistic function, without overflow
    return delta_of([_gap(theirs.reshape(-1, 28, 28), images)], "decoder: numpy, float64")


def _dense(layers: Any, x: np.ndarray) -> np.ndarray:
    """Return what a net's dense layers make of rows x (B, n), SiLU h / (1 + e^−h) between them."""
    weights = [p.detach().cpu().double().numpy() for p in layers.parameters()]
    for i, (W, bias) in enumerate(zip(weights[::2], weights[1::2])):
        x = x if i == 0 else x * (0.5 + 0.5 * np.tanh(x / 2))
        x = x @ W.T + bias
    return x


def _gap(theirs: np.ndarray, ours: Any) -> float:
    """Return the largest difference, relative to the largest entry where that exceeds 1."""
    difference = np.abs(theirs - np.asarray(ours, dtype=float)).max()
    return float(difference / max(1.0, np.abs(theirs).max()))


def _exact(values: Any) -> Tensor:
    """Return values as a float64 tensor."""
    import torch

    return torch.as_tensor(np.asarray(values, dtype=np.float64))
