"""Check BigGAN's parts by torch's own operators and by scipy.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from core.models.biggan.by_hand import NormTrace, ProjectionTrace


def variance_delta(psi: float, variance: float) -> Delta:
    """Compare the variance of N(0, 1) given |z| ≤ ψ with the integral of z² φ(z) by scipy."""
    import torch
    from scipy import integrate, stats

    inside = integrate.quad(lambda z: z**2 * stats.norm.pdf(z), -psi, psi)[0]
    theirs = inside / (stats.norm.cdf(psi) - stats.norm.cdf(-psi))
    return delta_of([largest(torch.tensor(theirs), variance)], "scipy.integrate.quad")


def norm_delta(a: ArrayLike, gain: ArrayLike, offset: ArrayLike, trace: NormTrace) -> Delta:
    """Compare `by_hand.conditional_norm`, with the "1 +", with torch.nn.functional.batch_norm."""
    import torch
    import torch.nn.functional as F

    x, g, o = (torch.as_tensor(np.asarray(v, dtype=float)) for v in (a, gain, offset))
    normal = F.batch_norm(x[:, None], None, None, training=True, eps=1e-5)[:, 0]
    theirs = torch.addcmul(normal + o, g, normal)
    deltas = [largest(normal, trace["normal"]), largest(theirs, trace["out"])]
    return delta_of(deltas, "torch.nn.functional.batch_norm")


def largest_singular_value(matrix: ArrayLike) -> float:
    """Return a matrix's largest singular value by LAPACK's decomposition."""
    return float(np.linalg.svd(np.asarray(matrix, dtype=float), compute_uv=False)[0])


def projection_delta(
    h: ArrayLike, weight: ArrayLike, bias: float, vectors: ArrayLike, trace: ProjectionTrace
) -> Delta:
    """Compare `by_hand.projection` with torch's dense and bilinear layers."""
    import torch
    import torch.nn.functional as F

    x, w, v = (torch.as_tensor(np.asarray(t, dtype=float)) for t in (h, weight, vectors))
    plain = F.linear(x, w[None], torch.tensor([bias], dtype=torch.float64))
    labels = torch.eye(len(v), dtype=torch.float64)
    match = F.bilinear(labels, x.expand(len(v), -1), v[None])[:, 0]
    deltas = [largest(match, trace["match"]), largest(plain + match, trace["scores"])]
    return delta_of(deltas, "torch.nn.functional.bilinear")
