"""Six ways to set a generator against a discriminator, as functions of the discriminator's output.

    a = D(x) for real x, b = D(G(z)) for generated ones, (B,) each, before any sigmoid;
    σ the sigmoid, s(t) = log(1 + eᵗ) = −log σ(−t); both nets go down their own loss:

    kind             discriminator                         generator            paper
    minimax          E s(−a) + E s(b)                      −E s(b)              Goodfellow 2014
    non-saturating   E s(−a) + E s(b)                      E s(−b)              Goodfellow 2014
    least-squares    ½ E (a − 1)² + ½ E b²                 ½ E (b − 1)²         Mao 2017
    wasserstein      E b − E a,  |weights| ≤ c             −E b                 Arjovsky 2017
    wgan-gp          E b − E a + λ P                       −E b                 Gulrajani 2017
    hinge            E max(0, 1 − a) + E max(0, 1 + b)     −E b                 Lim & Ye 2017

    P = E (‖∇_x̂ D(x̂)‖ − 1)²,   x̂ = u x + (1 − u) G(z),   u ~ U(0, 1) an image

arXiv 1406.2661, 1611.04076 (a = 0, b = c = 1), 1701.07875, 1704.00028, 1705.02894 and for images
Miyato et al. 2018, 1802.05957. −(E b − E a) estimates W₁ in "wgan-gp", and W₁ times an unknown
constant under clipping. `discriminator_loss` leaves λ P out: the penalty needs the net, not only
its output.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from core.inputs import choice

KINDS = ("minimax", "non-saturating", "least-squares", "wasserstein", "wgan-gp", "hinge")


def discriminator_loss(kind: str, real: Tensor, fake: Tensor) -> Tensor:
    """Return the scalar that the discriminator lowers, without the penalty of "wgan-gp".

    Args:
        kind: one of KINDS.
        real: D(x), any shape, before any sigmoid.
        fake: D(G(z)), any shape.
    """
    kind = choice("kind", kind, KINDS)
    if kind in ("minimax", "non-saturating"):
        return F.softplus(-real).mean() + F.softplus(fake).mean()
    if kind == "least-squares":
        return 0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean()
    if kind == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    return fake.mean() - real.mean()


def generator_loss(kind: str, fake: Tensor) -> Tensor:
    """Return the scalar that the generator lowers; `kind` and `fake` as in `discriminator_loss`."""
    kind = choice("kind", kind, KINDS)
    if kind == "minimax":
        return -F.softplus(fake).mean()
    if kind == "non-saturating":
        return F.softplus(-fake).mean()
    if kind == "least-squares":
        return 0.5 * ((fake - 1) ** 2).mean()
    return -fake.mean()


def gradient_penalty(
    critic: Callable[[Tensor], Tensor],
    real: Tensor,
    fake: Tensor,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return E (‖∇ D‖ − 1)² on the lines between pairs of real and generated points, a scalar.

    Args:
        critic: D, (B, …) to (B,) or (B, 1), each row by itself: a net without batch norm.
        real: (B, …), at least as exact as float32.
        fake: (B, …); no gradient goes back to what made it.
        generator: of u, on the device of `real`.
    """
    u = torch.rand(len(real), generator=generator, device=real.device).to(real)
    u = u.view(-1, *[1] * (real.dim() - 1))  # (B, 1, …)
    between = (u * real + (1 - u) * fake).detach().requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
