"""Measure how far points in the plane are from a target density.

    p_c       the target's mass in cell c of side² cells over its bounds, plus one cell for the rest
              of the plane; exact for a mixture (products of normal distribution functions), by a
              midpoint rule on 25 points a cell elsewhere
    q_c       (n_c + α) / (N + α C), of N generated points; α = 0.1, so that no cell is empty
    KL        Σ p log(p / q) in nats;  KL(q‖p) is not used: one point where p is 0 makes it infinite
    JS        ½ Σ p log(p / m) + ½ Σ q log(q / m),  m = (p + q) / 2;  0 to log 2, here q = n / N
    W₁        min over pairings π of 1/n Σ_i |x_i − y_π(i)|, exact between two sets of n points
    quality   share of points within 3 σ of a mode                      (Srivastava et al. 2017)
    touched   modes that are the nearest of at least one such point     (the same; Lin 2018)
    covered   modes that get at least a tenth of their fair share N / M of such points: `touched`
              counts a stray point, this does not

Two finite samples of the same density are not at distance 0. `floor` measures what the target's
own samples get, which is as low as a perfect model goes. Papers: VEEGAN, arXiv 1705.07761,
section 4; PacGAN, arXiv 1712.04086. We deviate in `covered` and in exact cell masses.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from core.data.densities import Box, Density, Mixture, grid
from core.inputs import InputError

SIDE = 30  # cells a side of the histogram
ALPHA = 0.1
RADIUS = 3.0  # in σ: 98.9 % of a Gaussian in the plane
SHARE = 0.1  # of its fair share, that a covered mode gets


def cell_masses(target: Density, side: int = SIDE) -> Tensor:
    """Return p_c, (side² + 1,) float64, sum 1: row by row from the top, the rest of the plane
    last.
    """
    inside = _mixture_masses(target, side) if isinstance(target, Mixture) else _sums(target, side)
    return torch.cat([inside, (1 - inside.sum()).clamp_min(0)[None]])


def histogram(points: Tensor, bounds: Box, side: int = SIDE) -> Tensor:
    """Return how many of the points (N, 2) each cell holds, (side² + 1,) float64, in the order of
    `cell_masses`; points that are not finite count outside.
    """
    x0, x1, y0, y1 = bounds
    size = points.new_tensor([x1 - x0, y1 - y0], dtype=torch.float64)
    corner = points.new_tensor([x0, y0], dtype=torch.float64)
    at = torch.floor((points.double() - corner) / size * side)  # (N, 2): column, row from below
    column, row = at[:, 0], side - 1 - at[:, 1]
    inside = (column >= 0) & (column < side) & (row >= 0) & (row < side)
    cell = torch.where(inside, row * side + column, torch.full_like(column, side**2))
    return torch.bincount(cell.long(), minlength=side**2 + 1).double()


def divergences(points: Tensor, target: Density, side: int = SIDE) -> dict[str, float]:
    """Return {"kl", "js"} in nats between the target and a histogram of points (N, 2)."""
    return _divergences(histogram(_points(points), target.bounds, side), _masses(target, side))


def wasserstein(first: Tensor, second: Tensor) -> float:
    """Return W₁ between two sets of n points, (n, 2) each, in the plane's units.

    An exact assignment: O(n³), 6 ms for 256 points and 16 times that for 4 times as many.
    Infinite where a point is not finite or too far off for a distance.

    Raises:
        InputError: the sets differ in size.
    """
    from scipy.optimize import linear_sum_assignment

    first, second = _points(first).double(), _points(second).double()
    if first.shape != second.shape:
        got = f"{tuple(first.shape)} and {tuple(second.shape)}"
        raise InputError("shape", field="points", got=got, allowed="(n, 2) twice")
    far = torch.cdist(first, second, compute_mode="donot_use_mm_for_euclid_dist").numpy()
    if not np.isfinite(far).all():
        return math.inf
    rows, columns = linear_sum_assignment(far)
    return float(far[rows, columns].mean())


def modes(points: Tensor, target: Density) -> dict | None:
    """Count the modes of the target that points (N, 2) reach; None where it has no modes.

    Returns:
        of: M; covered and touched: 0 to M; quality: 0 to 1; counts: for each mode, how many points
        lie within 3 σ of it and nearer to no other, a list of M.
    """
    if not isinstance(target, Mixture) or target.modes is None:
        return None
    far = torch.cdist(_points(points).double(), target.modes)  # (N, M)
    near, which = far.min(1)
    good = which[near <= RADIUS * target.sigma]
    M = len(target.modes)
    counts = torch.bincount(good, minlength=M)
    return {
        "of": M,
        "covered": int((counts >= SHARE * len(points) / M).sum()),
        "touched": int((counts > 0).sum()),
        "quality": len(good) / len(points),
        "counts": counts.tolist(),
    }


def floor(
    target: Density,
    n: int,
    generator: torch.Generator,
    pairs: int = 256,
    side: int = SIDE,
) -> dict[str, float]:
    """Return {"kl", "js", "w1"} that the target's own samples get: n points, for w1 `pairs`
    against `pairs` others.
    """
    own = target.sample(n, generator)
    first, second = (target.sample(pairs, generator) for _ in range(2))
    return {**divergences(own, target, side), "w1": wasserstein(first, second)}


def _points(points: Tensor) -> Tensor:
    if points.dim() != 2 or points.shape[1] != 2 or not len(points):
        raise InputError("shape", field="points", got=tuple(points.shape), allowed="(N, 2)")
    return points.detach()


def _divergences(counts: Tensor, p: Tensor) -> dict[str, float]:
    smooth = (counts + ALPHA) / (counts.sum() + ALPHA * len(counts))
    raw = counts / counts.sum()
    middle = (p + raw) / 2
    js = (_relative(p, middle) + _relative(raw, middle)) / 2
    return {"kl": max(_relative(p, smooth), 0.0), "js": min(max(js, 0.0), math.log(2))}


def _relative(p: Tensor, q: Tensor) -> float:
    """Return Σ p log(p / q) over the cells where p is not 0."""
    held = p > 0
    return (p[held] * (p[held] / q[held]).log()).sum().item()


def _mixture_masses(target: Mixture, side: int) -> Tensor:
    """Return the exact mass of every cell, (side²,): Σ_k w_k times two differences of Φ."""
    x0, x1, y0, y1 = target.bounds
    edges = torch.linspace(0, 1, side + 1, dtype=torch.float64)
    parts = []
    for axis, line in enumerate((x0 + edges * (x1 - x0), y1 - edges * (y1 - y0))):
        away = (line - target.centres[:, axis, None]) / target.sigma  # (K, side + 1)
        parts.append(torch.special.ndtr(away).diff(dim=1).abs())  # (K, side)
    return torch.einsum("k,kj,ki->ij", target.weights, *parts).reshape(-1)


def _sums(target: Density, side: int, fine: int = 5) -> Tensor:
    """Return the mass of every cell, (side²,), by the midpoint rule on fine² points of it."""
    x0, x1, y0, y1 = target.bounds
    at = grid(target.bounds, side * fine)
    p = torch.cat([target.log_prob(part) for part in at.split(20_000)]).exp()
    cells = p.reshape(side, fine, side, fine).sum((1, 3)).reshape(-1)
    inside = cells * (x1 - x0) * (y1 - y0) / (side * fine) ** 2
    return inside / inside.sum().clamp_min(1)  # the rule's error must not exceed a mass of 1


@lru_cache(maxsize=16)
def _masses(target: Density, side: int) -> Tensor:
    return cell_masses(target, side)
