"""Grids of codes, ways between codes and codes of few bits, in numpy and float64.

    nodes       z = center + scale u,  u evenly spaced, or the quantiles Φ⁻¹((k + ½) / n)
    lerp        (1 − t) a + t b
    slerp       sin((1 − t) ω)/sin ω a + sin(tω)/sin ω b,  ω the angle between a and b
    arc         ((1 − t) ‖a‖ + t ‖b‖) slerp(a/‖a‖, b/‖b‖),  direction and length apart
    quantise    low + (k + ½) w,  k = ⌊(z − low) / w⌋,  w = (high − low) / 2^bits

Papers: the plane at quantiles of the prior: Kingma & Welling 2014, arXiv 1312.6114, figure 4;
slerp: Shoemake 1985, for latent spaces White 2016, arXiv 1609.04468. We deviate in slerp where a
and b point the same way or opposite ways: there is no one arc, and we go straight.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np

GRIDS = ("uniform", "quantile")
SPREAD = 3.0  # how many scales a uniform grid reaches


def nodes(kind: str, n: int, center: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """Return one coordinate of a grid's tiles, rising.

    Args:
        kind: "uniform" from center − 3 scale to center + 3 scale, or "quantile" of the Gaussian.
        n: tiles.
        center: the Gaussian's mean.
        scale: its standard deviation.

    Returns:
        (n,).
    """
    if kind == "uniform":
        u = np.linspace(-SPREAD, SPREAD, n)
    else:
        u = np.array([NormalDist().inv_cdf((k + 0.5) / n) for k in range(n)])
    return center + scale * u


def mesh(xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """Return the codes of a grid row by row, the first row at ys[0]: (rows * columns, 2)."""
    return np.stack([np.tile(xs, len(ys)), np.repeat(ys, len(xs))], axis=1)


def lerp(a: Any, b: Any, t: float) -> Any:
    """Return the point at t in [0, 1] of the straight line from a to b, numbers or (latent,)."""
    return (1 - t) * a + t * b


def slerp(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """Return the point at t in [0, 1] of the arc about the origin from a to b, each (latent,)."""
    cosine = a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-12)
    omega = np.arccos(np.clip(cosine, -1.0, 1.0))
    if np.sin(omega) < 1e-6:
        return lerp(a, b, t)
    return (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)


def arc(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """Return the point at t in [0, 1] of a way from a to b, each (latent,), that turns evenly while
    its length changes evenly: it stays between the lengths of its ends.
    """
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if min(lengths) < 1e-12:  # an end at the origin has no direction
        return lerp(a, b, t)
    return lerp(*lengths, t) * slerp(a / lengths[0], b / lengths[1], t)


def quantise(z: np.ndarray, bits: int, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Round codes to the middles of 2^bits bins a coordinate; beyond the bins to the last.

    Args:
        z: (B, latent).
        bits: of each coordinate.
        low: the lowest bin's lower edge, (latent,).
        high: the highest bin's upper edge, (latent,).

    Returns:
        (B, latent).
    """
    levels = 2**bits
    width = (high - low) / levels
    k = np.clip(np.floor((z - low) / width), 0, levels - 1)
    return low + (k + 0.5) * width


def sheet(tiles: np.ndarray) -> np.ndarray:
    """Return tiles (rows, columns, H, W) laid out as one picture (rows * H, columns * W)."""
    r, c, h, w = tiles.shape
    return tiles.transpose(0, 2, 1, 3).reshape(r * h, c * w)
