"""Check BigGAN's parts by torch's own operators and by scipy, and its images in float64.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike
    from torch import Tensor

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


def generate(weights: Mapping[str, Tensor], z: Tensor, embedded: Tensor) -> Tensor:
    """Return a generator's images (B, 28, 28) in [0, 1] in float64, from its weights alone.

    Args:
        weights: its state, by name.
        z: codes (B, latent), three parts of one size.
        embedded: class vectors (B, embedded).
    """
    import torch
    import torch.nn.functional as F

    w = {name: value.double() for name, value in weights.items()}
    parts, e = z.double().chunk(3, 1), embedded.double()

    def norm(x: Tensor, at: str) -> Tensor:
        return F.batch_norm(x, w[f"{at}.running_mean"], w[f"{at}.running_var"], eps=1e-5)

    def conditional(x: Tensor, at: str, s: Tensor) -> Tensor:
        gain = 1 + s @ unit(w, f"{at}.gain").T
        offset = s @ unit(w, f"{at}.offset").T
        return torch.addcmul(offset[..., None, None], norm(x, f"{at}.norm"), gain[..., None, None])

    def block(x: Tensor, at: str, s: Tensor) -> Tensor:
        h = twice(conditional(x, f"{at}.norms.0", s).clamp_min(0))
        h = conditional(_conv(w, h, f"{at}.convs.0"), f"{at}.norms.1", s).clamp_min(0)
        return _conv(w, h, f"{at}.convs.1") + _conv(w, twice(x), f"{at}.beside")

    h = parts[0] @ unit(w, "start").T + w["start.bias"]
    h = block(h.reshape(len(z), -1, 7, 7), "up.0", torch.cat([e, parts[1]], 1))
    h = block(_attend(w, h), "up.1", torch.cat([e, parts[2]], 1))
    h = norm(h, "norm") * w["norm.weight"][:, None, None] + w["norm.bias"][:, None, None]
    return (torch.tanh(_conv(w, h.clamp_min(0), "end"))[:, 0] + 1) / 2


def images_delta(
    weights: Mapping[str, Tensor], z: Tensor, embedded: Tensor, images: ArrayLike
) -> Delta:
    """Compare a generator's images (B, 28, 28) with `generate`'s; arguments as there."""
    return delta_of([largest(generate(weights, z, embedded), images)], "G: float64")


def unit(w: Mapping[str, Tensor], at: str) -> Tensor:
    """Return a layer's weights over their norm as one round from u finds it, ‖W v‖."""
    matrix = w[f"{at}.weight"].flatten(1)
    v = matrix.T @ w[f"{at}.u"]
    return w[f"{at}.weight"] * v.norm() / (matrix @ v).norm()


def twice(x: Tensor) -> Tensor:
    """Return each pixel of (B, C, S, S) four times."""
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def _conv(w: Mapping[str, Tensor], x: Tensor, at: str) -> Tensor:
    import torch.nn.functional as F

    bias = w.get(f"{at}.bias")
    out = F.conv2d(x, unit(w, at), None, 1, "same")
    return out if bias is None else out + bias[:, None, None]


def _attend(w: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """Return maps (B, C, S, S) with what each place sees of all others."""
    import torch.nn.functional as F

    query, key, value = (_conv(w, x, f"attention.{one}") for one in ("query", "key", "value"))
    key, value = (F.max_pool2d(one, 2).flatten(2).mT for one in (key, value))
    seen = F.scaled_dot_product_attention(query.flatten(2).mT, key, value, scale=1.0)
    seen = seen.mT.reshape(len(x), -1, *x.shape[2:])
    return x + w["attention.gamma"] * _conv(w, seen, "attention.out")
