"""The ways through a generator's codes along which its images change most.

    J(z)     ∂G(z)/∂z,  (pixels, latent)
    M        E_z J(z)ᵀ J(z),  z ~ N(0, I):   E ‖G(z + ε v) − G(z)‖² ≈ ε² vᵀ M v  for small ε
    v₁, v₂   the eigenvectors of M, largest eigenvalue first
    share    λ_k / tr M: of the mean squared change of the images, what falls on v_k

M is the metric that G pulls back from pixels to codes (Arvanitidis et al. 2018, arXiv 1710.11379);
that its eigenvectors, averaged over z, serve everywhere as handles is Wang & Ponce's finding (2021,
arXiv 2101.06006). Nothing says that a direction has a name such as slant: look and see.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Decode = Callable[[Tensor], Tensor]


def pullback(decode: Decode, z: Tensor) -> Tensor:
    """Return M (latent, latent), float64, its expectation over the given codes.

    Args:
        decode: codes (B, latent) to images (B, …), each from its own code alone.
        z: (N, latent).
    """
    axes = torch.eye(z.shape[1]).to(z)
    total = torch.zeros(z.shape[1], z.shape[1], dtype=torch.float64)
    for one in z:
        J = changes(decode, one, axes)  # (latent, pixels): a row a coordinate
        total += (J @ J.T).double().cpu()
    return total / len(z)


def changes(decode: Decode, z: Tensor, v: Tensor) -> Tensor:
    """Return J(z) v of a code (latent,) for each of v (K, latent): (K, pixels)."""
    # twice backward: forward mode would compile its rules by a deprecated part of torch
    codes = z.expand_as(v).contiguous()
    _, change = torch.autograd.functional.jvp(decode, codes, v)
    assert isinstance(change, Tensor)
    return change.flatten(1)


def principal(metric: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return the first k eigenvectors of M, (k, latent), and their shares of its trace, (k,).

    Of an eigenvector and its negative it is the one whose largest entry is positive.
    """
    values, vectors = torch.linalg.eigh(metric)
    order = torch.arange(len(values) - 1, len(values) - 1 - k, -1)
    v = vectors[:, order].T  # (k, latent)
    largest = v.gather(1, v.abs().argmax(1, keepdim=True))
    return v * largest.sign(), values[order] / values.sum()
