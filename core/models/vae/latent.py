"""Ways through a latent space, and the independent numbers that a VAE's are held against.

    grid        z = center + scale u,  u evenly spaced, or the quantiles Φ⁻¹((k + ½) / n)
    blend       the picture between four tiles of a decoded grid, bilinear in the tiles' index
    lerp        (1 − t) a + t b
    slerp       sin((1 − t) ω)/sin ω a + sin(tω)/sin ω b,  ω the angle between a and b
                (Shoemake 1985; White 2016, arXiv 1609.04468, for latent spaces)
    quantised   each coordinate rounded to one of 2^bits levels in [−reach, reach]

All in numpy and float64; torch is imported where a check needs it.
"""

from __future__ import annotations

import base64
import io
from statistics import NormalDist
from typing import Any

import numpy as np

GRIDS = ("uniform", "quantile")
SPREAD = 3.0  # how many scales a uniform grid reaches
SIDE = 28


def nodes(kind: str, n: int, center: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """Return one coordinate of a grid's n tiles, rising, (n,)."""
    if kind == "uniform":
        u = np.linspace(-SPREAD, SPREAD, n)
    else:
        u = np.array([NormalDist().inv_cdf((k + 0.5) / n) for k in range(n)])
    return center + scale * u


def mesh(xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """Return the codes of a grid row by row, the first row at ys[0]: (rows * columns, 2)."""
    return np.stack([np.tile(xs, len(ys)), np.repeat(ys, len(xs))], axis=1)


def blend(tiles: np.ndarray, row: float, column: float) -> np.ndarray:
    """Return the picture at a place between the tiles (rows, columns, H, W), as the page does."""
    i = min(max(int(row), 0), tiles.shape[0] - 2)
    j = min(max(int(column), 0), tiles.shape[1] - 2)
    a, b = row - i, column - j
    upper = (1 - b) * tiles[i, j] + b * tiles[i, j + 1]
    lower = (1 - b) * tiles[i + 1, j] + b * tiles[i + 1, j + 1]
    return (1 - a) * upper + a * lower  # (H, W)


def sheet(tiles: np.ndarray) -> np.ndarray:
    """Return tiles (rows, columns, H, W) laid out as one picture (rows * H, columns * W)."""
    r, c, h, w = tiles.shape
    return tiles.transpose(0, 2, 1, 3).reshape(r * h, c * w)


def png_url(grey: np.ndarray) -> str:
    """Return a uint8 picture (H, W), or (H, W, 4) with opacity, as the data URL of a PNG."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(grey)).save(out, "png", compress_level=6)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def cloud(codes: np.ndarray, colours: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> str:
    """Return codes as dots over a decoded grid, a transparent PNG's data URL.

    Args:
        codes: (N, 2); those beyond the grid's nodes are left out.
        colours: (N, 3) of 0 to 255.
        xs: first coordinate of the columns' nodes, rising.
        ys: second coordinate of the rows' nodes, falling.
    """
    side = 720
    column = np.interp(codes[:, 0], xs, np.arange(len(xs)), -1, -1)
    row = np.interp(-codes[:, 1], -ys, np.arange(len(ys)), -1, -1)
    inside = (column >= 0) & (row >= 0)
    x = ((column[inside] + 0.5) / len(xs) * side).astype(int)
    y = ((row[inside] + 0.5) / len(ys) * side).astype(int)
    picture = np.zeros((side, side, 4), np.uint8)
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        picture[np.minimum(y + i, side - 1), np.minimum(x + j, side - 1), :3] = colours[inside]
        picture[np.minimum(y + i, side - 1), np.minimum(x + j, side - 1), 3] = 190
    return png_url(picture)


def lerp(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """Return the point at t in [0, 1] of the straight line from a to b."""
    return (1 - t) * a + t * b


def slerp(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """Return the point at t of the arc about the origin from a to b; straight if it has none."""
    cosine = a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-12)
    omega = np.arccos(np.clip(cosine, -1.0, 1.0))
    if np.sin(omega) < 1e-6:
        return lerp(a, b, t)
    return (np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega)


def quantised(z: np.ndarray, bits: int, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return codes (B, latent) rounded to the middles of 2^bits bins between low and high."""
    levels = 2**bits
    width = (high - low) / levels
    k = np.clip(np.floor((z - low) / width), 0, levels - 1)
    return low + (k + 0.5) * width


def kl_delta(mu: Any, logvar: Any, kl: Any) -> dict[str, Any]:
    """Compare KL(N(μ, σ²)‖N(0, 1)) of each dimension with torch.distributions, in float64."""
    import torch
    from torch.distributions import Normal, kl_divergence

    mean, spread = (torch.as_tensor(np.asarray(v, dtype=np.float64)) for v in (mu, logvar))
    prior = Normal(torch.zeros_like(mean), torch.ones_like(mean))
    theirs = kl_divergence(Normal(mean, (spread / 2).exp()), prior).numpy()
    return {"delta": gap(theirs, kl), "against": "torch.distributions.kl_divergence"}


def sample_delta(mu: Any, logvar: Any, eps: Any, z: Any) -> dict[str, Any]:
    """Compare z = μ + σ ε with torch.distributions' AffineTransform, in float64."""
    import torch
    from torch.distributions import AffineTransform

    mean, spread, noise = (
        torch.as_tensor(np.asarray(v, dtype=np.float64)) for v in (mu, logvar, eps)
    )
    theirs = AffineTransform(mean, (spread / 2).exp())(noise)
    return {
        "delta": gap(np.asarray(theirs), z),
        "against": "torch.distributions.AffineTransform",
    }


def likelihood_delta(logits: Any, x: Any, total: Any) -> dict[str, Any]:
    """Compare log p(x|z) of pictures with the sum of torch.distributions.Bernoulli's, relative."""
    import torch
    from torch.distributions import Bernoulli

    rows, seen = (torch.as_tensor(np.asarray(v, dtype=np.float64)) for v in (logits, x))
    theirs = Bernoulli(logits=rows, validate_args=False).log_prob(seen).flatten(1).sum(1)
    return {"delta": gap(theirs.numpy(), total), "against": "torch.distributions.Bernoulli"}


def gap(theirs: np.ndarray, ours: Any) -> float:
    """Return the largest difference, relative to the largest entry where that exceeds 1."""
    difference = np.abs(theirs - np.asarray(ours, dtype=np.float64)).max()
    return float(difference / max(1.0, np.abs(theirs).max()))
