"""Both nets of the digits computed once more in numpy and float64; of torch only the weights.

transposed convolution  out[2i + p − 1, 2j + q − 1] += W[p, q] in[i, j]    4x4, ·2
convolution             out[i, j] = Σ W[p, q] in[s i + p − 1, s j + q − 1]  stride s
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.measure.deltas import Delta
from core.models.gan.check import relative_gap

EPS = 1e-5  # of batch and layer norm in torch
Weights = Mapping[str, np.ndarray]


def weights_of(model: Any, net: str) -> dict[str, np.ndarray]:
    """Return the tensors of a model's "generator" or "discriminator" in float64."""
    return {k: v.numpy().astype(float) for k, v in getattr(model, net).state_dict().items()}


def generate(w: Weights, z: np.ndarray, embedded: np.ndarray | None = None) -> np.ndarray:
    """Return images (B, 28, 28) in [0, 1] of codes (B, latent) and e_y (B, 32), if any."""
    z = z if embedded is None else np.concatenate([z, embedded], 1)
    h = (z @ w["layers.0.weight"].T).reshape(len(z), -1, 7, 7)
    h = np.maximum(_batch_norm(h, w, "layers.2"), 0)
    for convolution, norm in (("layers.4", "layers.5"), ("layers.7", "layers.8")):
        h = np.maximum(
            _batch_norm(_transposed_convolution(h, w[f"{convolution}.weight"]), w, norm), 0
        )
    x = _same(h, w["layers.10.weight"], w["layers.10.bias"])[:, 0]  # (B, 28, 28)
    return (np.tanh(x) + 1) / 2


def score(w: Weights, images: np.ndarray, norm: str) -> np.ndarray:
    """Return D, (B,), of images (B, 28, 28) in [0, 1], by a net without classes whose norm is
    "batch", "layer" or "none".
    """
    h = _halving_convolution(2 * images[:, None] - 1, w["layers.0.weight"], w["layers.0.bias"])
    h = _halving_convolution(_leaky(h), w["layers.2.weight"], w["layers.2.bias"])  # (B, 2c, 7, 7)
    if norm == "batch":
        h = _batch_norm(h, w, "layers.3")
    elif norm == "layer":
        flat = h.reshape(len(h), -1)
        mean, spread = flat.mean(1), np.sqrt(flat.var(1) + EPS)
        h = (h - mean[:, None, None, None]) / spread[:, None, None, None]
        h = h * _maps(w["layers.3.weight"]) + _maps(w["layers.3.bias"])
    return _leaky(h).reshape(len(h), -1) @ w["head.weight"][0] + w["head.bias"][0]


def image_delta(model: Any, z: Any, images: Any, embedded: Any = None) -> Delta:
    """Compare images (B, 28, 28) with G's in float64."""
    theirs = generate(weights_of(model, "generator"), np.asarray(z, dtype=float), embedded)
    return {"delta": relative_gap(theirs, images), "against": "G: numpy, float64"}


def score_delta(model: Any, images: Any, scores: Any) -> Delta:
    """Compare scores (B,) with D's in float64, relative to the largest above 1."""
    w, norm = weights_of(model, "discriminator"), model.config.norm
    theirs = score(w, np.asarray(images, dtype=float), norm)
    return {"delta": relative_gap(theirs, scores), "against": "D: numpy, float64"}


def slope_delta(model: Any, z: Any, v: Any, slope: Any, step: float = 1e-4) -> Delta:
    """Compare J(z) v, (784,), with central differences of G along v in float64."""
    w = weights_of(model, "generator")
    ends = np.stack([np.asarray(z) + step * np.asarray(v), np.asarray(z) - step * np.asarray(v)])
    up, down = generate(w, ends)
    theirs = ((up - down) / (2 * step)).ravel()
    return {"delta": relative_gap(theirs, slope), "against": "J v: central differences, float64"}


def arc_delta(a: np.ndarray, z: np.ndarray, way: np.ndarray) -> Delta:
    """Compare slerp's points (n + 1, d) from a to z with the weights that SciPy gives both ends.

    SciPy knows ends of length one only; its points lie between them with the same weights.
    """
    from scipy.spatial import geometric_slerp

    units = np.stack([a / np.linalg.norm(a), z / np.linalg.norm(z)], 1)  # (d, 2)
    points = geometric_slerp(units[:, 0], units[:, 1], np.linspace(0, 1, len(way)))
    weights = np.linalg.lstsq(units, np.asarray(points).T, rcond=None)[0]  # (2, n + 1)
    delta = relative_gap(weights.T @ np.stack([a, z]), way)
    return {"delta": delta, "against": "scipy.spatial.geometric_slerp"}


def _transposed_convolution(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the transposed convolution of maps (B, C, H, W) by (C, O, 4, 4): (B, O, 2H, 2W)."""
    B, _, H, W = x.shape
    out = np.zeros((B, kernel.shape[1], 2 * H + 2, 2 * W + 2))
    for p in range(4):
        for q in range(4):
            part = np.tensordot(x, kernel[:, :, p, q], (1, 0))  # (B, H, W, O)
            out[:, :, p : p + 2 * H : 2, q : q + 2 * W : 2] += part.transpose(0, 3, 1, 2)
    return out[:, :, 1:-1, 1:-1]


def _halving_convolution(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Return the convolution of maps (B, C, H, W) by (O, C, 4, 4): (B, O, H/2, W/2)."""
    return _convolution(x, kernel, bias, 2)


def _same(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Return the convolution of maps (B, C, H, W) by (O, C, 3, 3): (B, O, H, W)."""
    return _convolution(x, kernel, bias, 1)


def _convolution(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, stride: int) -> np.ndarray:
    H, W = x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    out = np.zeros((len(x), H // stride, W // stride, len(kernel)))
    for p in range(kernel.shape[2]):
        for q in range(kernel.shape[3]):
            seen = padded[:, :, p : p + H : stride, q : q + W : stride]
            out += np.tensordot(seen, kernel[:, :, p, q], (1, 1))
    return out.transpose(0, 3, 1, 2) + _maps(bias)


def _batch_norm(x: np.ndarray, w: Weights, name: str) -> np.ndarray:
    mean, var = w[f"{name}.running_mean"], w[f"{name}.running_var"]
    scale = w[f"{name}.weight"] / np.sqrt(var + EPS)
    return (x - _maps(mean)) * _maps(scale) + _maps(w[f"{name}.bias"])


def _maps(values: np.ndarray) -> np.ndarray:
    return values[:, None, None]


def _leaky(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, 0.2 * x)
