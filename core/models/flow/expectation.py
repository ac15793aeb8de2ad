"""Expectations over a target in the plane by adding up cells, without drawing a point.

    E[g(x)] = ∫ p(x) g(x) dx ≈ Σ_c p_c g(x_c),  p_c ∝ p(x_c) at the middles x_c of even cells

A midpoint rule: for Gaussians of width σ and cells no wider than that it is exact to seven digits.
So a flow's NLL, the entropy H(p) and the limit of fixed masks are compared without the error of a
draw: in exact arithmetic Σ p_c (−log q(x_c)) is never below the limit, whose moments are of the
same p_c.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from core.data.densities import Box, Density, Mixture, grid
from core.models.flow.real_nvp import Flow

FEWEST, MOST = 100, 400  # cells a side
SLIGHT = 1e-10  # of the largest p_c: what has less is left out
AT_ONCE = 20_000  # points that a flow is asked for


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells that hold a target.

    Attributes:
        at: their middles, (K, 2) float64.
        p: what each holds, (K,) float64, sum 1.
        log_p: log-density at the middles in nats, (K,).
    """

    at: Tensor
    p: Tensor
    log_p: Tensor

    @property
    def entropy(self) -> float:
        """H(p) in nats."""
        return -(self.p @ self.log_p).item()


@lru_cache(maxsize=32)
def cells(what: Density) -> Cells:
    """Return the cells of a target; remembered, as they take a moment."""
    at = grid(whole_of(what), side_of(what))
    log_p = torch.cat([what.log_prob(part) for part in at.split(AT_ONCE)])
    p = log_p.exp()
    there = p > SLIGHT * p.max()
    return Cells(at[there], p[there] / p[there].sum(), log_p[there])


def side_of(what: Density) -> int:
    """Return how many cells a side are no wider than 4/5 of a mixture's σ; 200 for the others."""
    if not isinstance(what, Mixture):
        return 200  # the board's squares are of whole cells then
    x0, x1, y0, y1 = whole_of(what)
    return min(MOST, max(FEWEST, math.ceil(max(x1 - x0, y1 - y0) / (0.8 * what.sigma))))


def whole_of(what: Density) -> Box:
    """Return a box that holds a target: six σ around a mixture's centres.

    A drawing's own bounds need not hold it.
    """
    if not isinstance(what, Mixture):
        return what.bounds
    (x0, y0), (x1, y1) = (f(what.centres, 0).values.tolist() for f in (torch.min, torch.max))
    far = 6 * what.sigma
    return x0 - far, x1 + far, y0 - far, y1 + far


@torch.no_grad()
def expected_nll(model: Flow, what: Density) -> float:
    """Return E[−log q(x)] in nats of a flow over a target."""
    held = cells(what)
    log_q = [model.log_prob(part.float()) for part in held.at.split(AT_ONCE)]
    return -(held.p @ torch.cat(log_q).double()).item()


@lru_cache(maxsize=32)
def limit_of_fixed_masks(what: Density) -> float:
    """Return the least NLL in nats of a flow whose couplings all keep x₁, however many they are.

    x₂ e^s + t again and again stays a straight line of x₂: q(x₁) and each q(x₂|x₁) are Gaussian,
    the best of which have p's moments. So it is ½ log 2πe Var x₁ + E ½ log 2πe Var(x₂|x₁).
    """
    held = cells(what)
    x1, column = held.at[:, 0].unique(return_inverse=True)  # (C,), which of them a cell is in
    x2 = held.at[:, 1]

    def added(values: Tensor) -> Tensor:
        return torch.zeros_like(x1).index_add_(0, column, values)  # (C,)

    along = added(held.p)  # p(x₁)
    mean = added(held.p * x2) / along
    inner = (added(held.p * (x2 - mean[column]) ** 2) / along).clamp_min(1e-12)  # Var(x₂|x₁)
    outer = along @ x1**2 - (along @ x1) ** 2  # Var x₁
    return 0.5 * (2 * math.log(2 * math.pi * math.e) + outer.log() + along @ inner.log()).item()
