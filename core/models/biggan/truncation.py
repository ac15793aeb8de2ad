"""Draw codes from a normal distribution cut off at ±ψ, and compute the variance that is left.

    resampled   z ~ N(0, 1) given |z| ≤ ψ: what lies outside is drawn anew
                Var z = 1 − 2 ψ φ(ψ) / (2 Φ(ψ) − 1)
    scaled      ψ z, z ~ N(0, 1): Var = ψ², and no bound; another distribution

φ, Φ: density and distribution function of N(0, 1). ψ = 0.5: variance 0.08059 resampled, 0.25
scaled.

Paper: Brock et al. 2019, arXiv 1809.11096, section 3.1 (resampling). As the variance falls, images
come nearer to the mode of their class: better ones, and fewer kinds.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.inputs import number

LEAST, MOST = 0.04, 10.0  # of ψ; at the least, the paper's, 3 % of the draws lie inside


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
    psi = number("truncation", psi, LEAST, MOST)
    while len(beyond := (z.abs() > psi).nonzero(as_tuple=True)[0]):
        z[z.abs() > psi] = torch.randn(len(beyond), generator=generator, device=device)
    return z


def variance(psi: float) -> float:
    """Return the variance of N(0, 1) given |z| ≤ ψ, for ψ from 0.04 to 10.

    Below ψ = 0.1 the difference of two numbers near 1 would cancel: there the density is flat, and
    the series ψ²/3 − 2 ψ⁴/45 is right to ψ⁶.
    """
    psi = number("psi", psi, LEAST, MOST)
    if psi < 0.1:
        return psi**2 / 3 - 2 * psi**4 / 45
    density = math.exp(-(psi**2) / 2) / math.sqrt(2 * math.pi)
    return 1 - 2 * psi * density / math.erf(psi / math.sqrt(2))  # erf = 2 Φ(ψ) − 1
