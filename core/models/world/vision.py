"""V, the eye of the world model: a frame of *gap* as a code of eight numbers, and back.

    posterior   q(z|x) = N(μ, diag σ²),  μ, log σ² = encode(x),  x (B, 1, 16, 16) of 0 and 1
    code        z = μ + σ ε,  ε ~ N(0, I),  z (B, 8)
    likelihood  log p(x|z) = Σ_i x_i log p_i + (1 − x_i) log(1 − p_i),  p = decode(z)     in nats
    loss        −E_q[log p(x|z)] + β KL(q ‖ N(0, I))

Papers: Ha & Schmidhuber 2018, arXiv 1803.10122 (their V: 64 x 64 colours, 32 numbers, 4,348,547
parameters, squared error); the VAE: Kingma & Welling 2014, arXiv 1312.6114.

We deviate in the size, in the Bernoulli likelihood (our pixels are 0 or 1), in SiLU for ReLU, and
in kernels that do not overlap: the pixels of *gap* come in squares of two by two.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models.world.sizes import Config


class Vision(nn.Module):
    """Encode frames (B, 1, 16, 16) as Gaussians over codes, and decode codes."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        c, hidden, latent = config.channels, config.hidden, config.latent
        self.encoder = nn.Sequential(
            *(nn.Conv2d(1, c, 2, stride=2), nn.SiLU()),  # (B, c, 8, 8)
            *(nn.Conv2d(c, 2 * c, 2, stride=2), nn.SiLU(), nn.Flatten()),  # (B, 32 c)
            *(nn.Linear(32 * c, hidden), nn.SiLU()),
            nn.Linear(hidden, 2 * latent),
        )
        self.decoder = nn.Sequential(
            *(nn.Linear(latent, hidden), nn.SiLU()),
            *(nn.Linear(hidden, 32 * c), nn.SiLU(), nn.Unflatten(1, (2 * c, 4, 4))),
            *(nn.ConvTranspose2d(2 * c, c, 2, stride=2), nn.SiLU()),  # (B, c, 8, 8)
            nn.ConvTranspose2d(c, 1, 2, stride=2),  # (B, 1, 16, 16)
        )

    def forward(self, x: Tensor, eps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits (B, 1, 16, 16), μ and log σ² (B, latent) for frames and ε (B, latent)."""
        mu, logvar = self.encode(x)
        return self.decoder(mu + torch.exp(0.5 * logvar) * eps), mu, logvar

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return μ and log σ², each (B, latent)."""
        mu, logvar = self.encoder(x).chunk(2, dim=1)
        return mu, logvar

    def decode(self, z: Tensor) -> Tensor:
        """Return the pixel probabilities (B, 1, 16, 16) of codes z (B, latent)."""
        return torch.sigmoid(self.decoder(z))


def vision_loss(
    model: Vision, x: Tensor, eps: Tensor, beta: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the mean loss −log p(x|z) + β KL of a batch, and its parts in nats.

    Args:
        model: V.
        x: frames (B, 1, 16, 16) of 0 and 1.
        eps: noise (B, latent).
        beta: weight of the KL at this moment of training.
    """
    logits, mu, logvar = model(x, eps)
    miss = F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1).mean()
    kl = 0.5 * (mu**2 + torch.exp(logvar) - 1 - logvar).sum(1).mean()
    return miss + beta * kl, {"reconstruction": miss, "kl": kl}
