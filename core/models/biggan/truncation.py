"""Draw codes from a normal distribution cut off at ±ψ.

    resampled   z ~ N(0, 1) given |z| ≤ ψ: what lies outside is drawn anew
                Var z = 1 − 2 ψ φ(ψ) / (2 Φ(ψ) − 1)
    scaled      ψ z, z ~ N(0, 1): Var = ψ², and no bound; another distribution

φ, Φ: density and distribution function of N(0, 1). ψ = 0.5: variance 0.08059 resampled, 0.25
scaled.

Paper: Brock et al. 2019, arXiv 1809.11096, section 3.1 (resampling). As the variance falls, images
come nearer to the mode of their class: better ones, and fewer kinds.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.inputs import number
from core.models.biggan.by_hand import LEAST_PSI, MOST_PSI


def truncated_normal(
    size: tuple[int, ...], psi: float | None, generator: torch.Generator | None = None
) -> Tensor:
    """Return standard normal numbers of this size, those beyond ±ψ drawn anew until none is left.

    Args:
        size: any.
        psi: ψ, 0.04 to 10; None: no bound.
        generator: of the draws; its device is where they are made.

    Raises:
        InputError: ψ outside its range.
    """
    device = generator.device if generator else None
    z = torch.randn(size, generator=generator, device=device)
    if psi is None:
        return z
    psi = number("truncation", psi, LEAST_PSI, MOST_PSI)
    while len(beyond := (z.abs() > psi).nonzero(as_tuple=True)[0]):
        z[z.abs() > psi] = torch.randn(len(beyond), generator=generator, device=device)
    return z
