"""The variational autoencoder and, beside it, the plain autoencoder.

    prior        p(z) = N(0, I),  z (B, latent)
    likelihood   log p(x|z) = Σ_i x_i log p_i + (1 − x_i) log(1 − p_i),   p = decode(z)      in nats
    posterior    q(z|x) = N(μ, diag σ²),   μ, log σ² = encode(x)
    sample       z = μ + σ ε,  ε ~ N(0, I)                                   (reparameterised)
    KL           KL(q‖p) = Σ_j ½ (μ_j² + σ_j² − 1 − log σ_j²)
    ELBO         E_q[log p(x|z)] − KL(q‖p)  ≤  log p(x)
    K-sample     log 1/K Σ_k p(x|z_k) p(z_k) / q(z_k|x)                      between the two
    loss         −E_q[log p(x|z)] + β KL                                     β = 1: −ELBO

Papers: Kingma & Welling 2014, arXiv 1312.6114; the K-sample bound: Burda et al. 2016, arXiv
1509.00519; β: Higgins et al. 2017. The autoencoder (kind "ae") has the same two nets and only the
first term of the loss: z = μ, log σ² = −∞, and no prior.

We deviate in the activation, SiLU in place of tanh, in optional convolutions, and in that grey
pixels x in [0, 1] are put in the Bernoulli likelihood as they are. To sample from the autoencoder
we give it N(center, scale²) of its codes of the training set; a VAE has center 0 and scale 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.inputs import InputError, choice, integer, number
from core.models.noise import normal

SIDE = 28
PIXELS = SIDE * SIDE


@dataclass(frozen=True)
class Config:
    """The settings of a net.

    Attributes:
        latent: size of z.
        hidden: widths of the encoder's dense layers; the decoder has them in reverse.
        channels: with c > 0 two strided convolutions (c, 2c maps) stand before the encoder's dense
            layers and two transposed ones after the decoder's; 0: dense layers only.
        kind: "vae" or "ae".
        beta: weight of the KL in the loss it was trained by.
    """

    latent: int = 2
    hidden: Sequence[int] = (512, 256)
    channels: int = 0
    kind: str = "vae"
    beta: float = 1.0

    def __post_init__(self):
        integer("latent", self.latent, 1, 512)
        integer("channels", self.channels, 0, 256)
        choice("kind", self.kind, ("vae", "ae"))
        number("beta", self.beta, 0, 1000)
        for width in self.hidden:
            integer("hidden", width, 1, 4096)


class Elbo(TypedDict):
    """The ELBO of images and its parts, in nats, from one draw of ε."""

    elbo: Tensor  # (B,) = reconstruction − the sum of kl
    reconstruction: Tensor  # log p(x|z), (B,)
    kl: Tensor  # of each dimension, (B, latent)
    mu: Tensor  # (B, latent)
    logvar: Tensor  # log σ², (B, latent)
    z: Tensor  # (B, latent)


class VAE(nn.Module):
    """Encode images (B, 1, 28, 28) in [0, 1] as Gaussians over codes, and decode codes."""

    center: Tensor
    scale: Tensor

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        c, hidden = config.channels, tuple(config.hidden)
        flat = 2 * c * 49 if c else PIXELS
        outputs = config.latent if config.kind == "ae" else 2 * config.latent
        self.encoder = nn.Sequential(
            *([*_down(c), nn.Flatten()] if c else [nn.Flatten()]),
            *_dense((flat, *hidden, outputs)),
        )
        self.decoder = nn.Sequential(
            *_dense((config.latent, *reversed(hidden), flat)),
            *([nn.SiLU(), nn.Unflatten(1, (2 * c, 7, 7)), *_up(c)] if c else []),
            *([] if c else [nn.Unflatten(1, (1, SIDE, SIDE))]),
        )
        self.register_buffer("center", torch.zeros(config.latent))
        self.register_buffer("scale", torch.ones(config.latent))

    def forward(self, x: Tensor, eps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits (B, 1, 28, 28), μ and log σ² (B, latent) for images and ε (B, latent)."""
        mu, logvar = self.encode(x)
        return self.decoder(reparameterise(mu, logvar, eps)), mu, logvar

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return μ and log σ², each (B, latent); for kind "ae" log σ² is −∞."""
        out = self.encoder(x)
        if self.config.kind == "ae":
            return out, torch.full_like(out, -math.inf)
        mu, logvar = out.chunk(2, dim=1)  # (B, latent) each
        return mu, logvar

    def decode(self, z: Tensor) -> Tensor:
        """Return the pixel probabilities (B, 1, 28, 28) of codes z (B, latent)."""
        return torch.sigmoid(self.decoder(z))

    def prior(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw n codes center + scale ε, (n, latent).

        Raises:
            InputError: n outside of 1 to 100 000.
        """
        size = (integer("n", n, 1, 100_000), self.config.latent)
        return self.center + self.scale * normal(size, self.scale, generator)

    @torch.no_grad()
    def sample(
        self, n: int, *, labels: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """Draw codes from the prior and decode them.

        Args:
            n: how many, 1 to 100 000.
            labels: none; a VAE has no classes to choose from.
            generator: of the noise; the same seed gives the same images.

        Returns:
            Pixel probabilities (n, 1, 28, 28) in [0, 1].

        Raises:
            InputError: labels, or n outside of its range.
        """
        *_, last = self.sampling(n, labels=labels, generator=generator)
        return last["x"]

    @torch.no_grad()
    def sampling(
        self, n: int, *, labels: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Iterator[dict[str, Tensor]]:
        """Yield the moments of `sample`: {"z"} (n, latent), then {"z", "x"} with the images."""
        if labels is not None:
            raise InputError("unknown", field="labels", allowed="n, generator")
        z = self.prior(n, generator)  # (n, latent)
        yield {"z": z}
        yield {"z": z, "x": torch.cat([self.decode(part) for part in z.split(1000)])}


def reparameterise(mu: Tensor, logvar: Tensor, eps: Tensor) -> Tensor:
    """Return z = μ + σ ε; all (B, latent)."""
    return mu + torch.exp(0.5 * logvar) * eps


def kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """Return KL(N(μ, σ²)‖N(0, 1)) of each dimension in nats, (B, latent)."""
    return 0.5 * (mu**2 + torch.exp(logvar) - 1 - logvar)


def log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    """Return log p(x|z) in nats, (B,), for logits and images (B, 1, 28, 28)."""
    return -F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


def elbo(model: VAE, x: Tensor, eps: Tensor) -> Elbo:
    """Return the ELBO of each image and its parts, in nats, from one draw of ε.

    Args:
        model: a net of kind "vae".
        x: images (B, 1, 28, 28) in [0, 1].
        eps: noise (B, latent).
    """
    logits, mu, logvar = model(x, eps)
    fits, cost = log_likelihood(logits, x), kl(mu, logvar)  # (B,), (B, latent)
    z = reparameterise(mu, logvar, eps)
    total = fits - cost.sum(1)
    return {
        "elbo": total,
        "reconstruction": fits,
        "kl": cost,
        "mu": mu,
        "logvar": logvar,
        "z": z,
    }


def importance_bound(model: VAE, x: Tensor, eps: Tensor) -> Tensor:
    """Return the K-sample bound log 1/K Σ_k p(x, z_k) / q(z_k|x) of each image, in nats.

    Args:
        model: a net of kind "vae".
        x: images (B, 1, 28, 28) in [0, 1].
        eps: noise (K, B, latent).

    Returns:
        (B,).
    """
    mu, logvar = model.encode(x)
    rows = []
    for noise in eps:  # one draw at a time: K may be large
        z = reparameterise(mu, logvar, noise)  # (B, latent)
        # log p(z) − log q(z|x): the normalisers' log 2π cancel
        ratio = 0.5 * (noise**2 + logvar - z**2).sum(1)
        rows.append(log_likelihood(model.decoder(z), x) + ratio)
    return torch.logsumexp(torch.stack(rows), 0) - math.log(len(rows))  # (B,)


def loss(
    model: Callable[..., Any], config: Config, x: Tensor, eps: Tensor, beta: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the mean loss −log p(x|z) + β KL over a batch and its parts, in nats.

    Args:
        model: a VAE, or a wrapper that shares its forward, as training puts around it.
        config: of that VAE.
        x: images (B, 1, 28, 28) in [0, 1].
        eps: noise (B, latent).
        beta: weight of the KL at this moment of training.

    Returns:
        The loss () and its parts: "reconstruction" (), and for a VAE "kl" ().
    """
    logits, mu, logvar = (part.float() for part in model(x, eps))
    miss = -log_likelihood(logits, x).mean()
    if config.kind == "ae":
        return miss, {"reconstruction": miss}
    cost = kl(mu, logvar).sum(1).mean()
    return miss + beta * cost, {"reconstruction": miss, "kl": cost}


def _dense(widths: Sequence[int]) -> list[nn.Module]:
    """Return dense layers from each width to the next, SiLU between them."""
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        layers += [nn.SiLU()] * (i > 0) + [nn.Linear(a, b)]
    return layers


def _down(c: int) -> list[nn.Module]:
    """Return the encoder's convolutions, from (B, 1, 28, 28) to (B, 2c, 7, 7)."""
    first = nn.Conv2d(1, c, 4, stride=2, padding=1)  # (B, c, 14, 14)
    second = nn.Conv2d(c, 2 * c, 4, stride=2, padding=1)  # (B, 2c, 7, 7)
    return [first, nn.SiLU(), second, nn.SiLU()]


def _up(c: int) -> list[nn.Module]:
    """Return the decoder's transposed convolutions, from (B, 2c, 7, 7) to (B, 1, 28, 28)."""
    first = nn.ConvTranspose2d(2 * c, c, 4, stride=2, padding=1)  # (B, c, 14, 14)
    return [first, nn.SiLU(), nn.ConvTranspose2d(c, 1, 4, stride=2, padding=1)]  # (B, 1, 28, 28)
