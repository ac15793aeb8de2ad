"""The ELBO of a picture: its KL, its reconstruction, the bars of both, and their checks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Check
from core.measure.deltas import Delta
from core.models.vae import check

EXACT, SINGLE = 1e-12, 1e-5  # tolerances of what is computed in float64 and in float32
DRAWS = 64  # draws of z that the ELBO's expectation is taken over


@dataclass(frozen=True)
class Estimate:
    """A picture's reconstruction over DRAWS draws of z."""

    reconstruction: float  # E_q[log p(x|z)] in nats
    tight: float  # the K-sample bound on log p(x) of as many draws, in nats
    found: Delta  # the difference of log p(x|z) from torch.distributions


def kl_of(mu: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    """Return the KL of each dimension in nats, float64, of the shape of μ and log σ²."""
    import torch

    from core.models.vae.autoencoder import kl

    return kl(torch.as_tensor(mu), torch.as_tensor(logvar)).numpy()


def kl_check(mu: np.ndarray, logvar: np.ndarray) -> Check:
    """Return the check of the KL of each dimension, in float64."""
    return b.delta_check(check.kl_delta(mu, logvar, kl_of(mu, logvar)), EXACT)


def formula_check() -> list[Check]:
    """Return the check of the KL's formula where there is no net to take numbers from."""
    return [kl_check(np.array([0.8, -1.2]), np.array([-1.5, 0.4]))]


def estimate(name: str, image: np.ndarray, seed: int) -> Estimate:
    """Estimate E_q[log p(x|z)] of a picture (28, 28) under a net by draws of z of a seed."""
    import torch

    from core.models.vae.autoencoder import importance_bound, log_likelihood, reparameterise

    net, x = nets.model(name), pictures.batch(image)
    eps = torch.randn(
        DRAWS, 1, net.config.latent, generator=torch.Generator().manual_seed(seed)
    )  # (K, 1, latent)
    mu, logvar = net.encode(x)
    logits = net.decoder(reparameterise(mu, logvar, eps[:, 0]))  # (K, 1, 28, 28)
    many = x.expand(DRAWS, -1, -1, -1)
    fits = log_likelihood(logits, many)  # (K,)
    found = check.likelihood_delta(logits, many, fits)
    return Estimate(float(fits.mean()), float(importance_bound(net, x, eps)), found)


def nats_bars(label: b.Label, miss: float, cost: float, high: float) -> b.Widget:
    """Return −log p(x|z), the KL and their sum −ELBO as bars, in nats up to `high`."""
    return b.bars(
        label,
        [
            {"label": b.word("reconstruction"), "v": miss, "role": "made"},
            {"label": "KL", "v": cost, "role": "hidden"},
            {"label": "−ELBO", "v": miss + cost, "role": "grad"},
        ],
        low=0,
        high=high,
    )
