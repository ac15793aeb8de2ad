"""Train a growing GAN: which level is due, and the losses of its two nets.

    growth   level l is shown n_l real images, then the next one begins; α rises from 0 to 1 over
             the first half of them. Real images are faded as the samples are.
    D        E s(−D(x)) + E s(D(G(z))) + γ/2 E ‖∇_x D(x)‖²,     s(t) = log(1 + eᵗ)
    G        E s(−D(G(z)))
    lazy     the penalty at every k-th step of D, with k γ in place of γ

Papers: Karras et al. 2018, arXiv 1710.10196 (800 000 images a phase); the penalty R1: Mescheder et
al. 2018, arXiv 1801.04406; taken lazily: Karras et al. 2020, arXiv 1912.04958. Where we deviate:
the logistic loss with a lazy R1 in place of WGAN-GP with a drift term, which would cost a second
gradient at every step; the optimisers go on as the nets grow.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.models.precision import widen
from core.models.progan.images import frame, reduce
from core.models.progan.networks import Config, ProGAN


def stage(config: Config, shown: float) -> tuple[int, float]:
    """Return level and α after so many real images; without growth always the last level and 1."""
    if config.grown:
        for level, images in enumerate(config.images):
            if shown < images:
                return level, 1.0 if level == 0 else min(1.0, 2 * shown / images)
            shown -= images
    return config.top, 1.0


def d_loss(
    model: ProGAN, x: Tensor, shown: float, step: int, generator: torch.Generator | None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Compute the loss that D lowers on a batch.

    Args:
        model: the nets.
        x: real digits (B, 1, 28, 28) in [0, 1].
        shown: how many real images came before: level and α follow from it.
        step: how many steps D has taken; says whether the penalty is due.
        generator: of z.

    Returns:
        The loss, a scalar, and its parts by name: "D" without the penalty, the means "D(x)" and
        "D(G(z))", and "penalty" at a step that it is due.
    """
    config, (level, alpha) = model.config, stage(model.config, shown)
    due = step % config.lazy == 0
    real = reduce(frame(x), level, alpha).requires_grad_(due)
    with torch.no_grad():
        fake = model.generator(model.prior(len(x), generator), level, alpha)
    a = widen(model.discriminator(real, level, alpha))  # (B,)
    b = widen(model.discriminator(fake, level, alpha))
    loss = F.softplus(-a).mean() + F.softplus(b).mean()
    parts = {"D": loss, "D(x)": a.mean(), "D(G(z))": b.mean()}
    if due:
        (slope,) = torch.autograd.grad(a.sum(), real, create_graph=True)
        parts["penalty"] = (widen(slope) ** 2).flatten(1).sum(1).mean() / 2
        loss = loss + config.gamma * config.lazy * parts["penalty"]
    return loss, parts


def g_loss(
    model: ProGAN, n: int, shown: float, generator: torch.Generator | None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Compute the loss that G lowers on n codes, and its part "G"; arguments as of `d_loss`."""
    level, alpha = stage(model.config, shown)
    fake = model.generator(model.prior(n, generator), level, alpha)
    loss = F.softplus(-widen(model.discriminator(fake, level, alpha))).mean()
    return loss, {"G": loss}
