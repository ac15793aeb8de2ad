"""Flow matching in the plane with the velocity that a perfect net would learn: torch float64.

    pairs      x_t = (1 − t) z + t x,  z ~ N(0, I) and x ~ p drawn apart, t from 0 to 1; each pair's
               velocity is x − z all the way
    velocity   v(x, t) = E[x − z | x_t = x], the minimum of E‖v(x_t, t) − (x − z)‖²
    flow       dx/dt = v(x, t): at every t its points are distributed as x_t (continuity equation)
    density    d/dt log p_t(x(t)) = −div v(x(t), t)

For a mixture p = Σ_k w_k N(c_k, σ² I) all of it is known, with s² = (1 − t)² + t² σ²:

    x_t ~ Σ_k w_k N(t c_k, s² I),   r_k = P(k | x_t = x)
    v = a x + (1 − a t) m,   m = Σ_k r_k c_k,   a = (t σ² − (1 − t)) / s²
    div v = 2 a + (1 − a t) t / s² · tr Cov_r(c)

Papers: Lipman et al. 2023, arXiv 2210.02747; Liu et al. 2023, arXiv 2209.03003.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.densities import Mixture
from core.inputs import integer, number

MOST_STEPS = 1000
AT_ONCE = 4096  # points whose distances from all centres are held


@dataclass(frozen=True)
class Path:
    """n points at S + 1 times, carried from the Gaussian to the data.

    Attributes:
        t: times from 0 to 1, (S + 1,).
        x: points, (S + 1, n, 2).
        log_det: log|det ∂x(t)/∂z|, the sum of div v · Δt, (S + 1, n).
    """

    t: Tensor
    x: Tensor
    log_det: Tensor


def spread(what: Mixture, t: float) -> float:
    """Return s², the variance of x_t around the centre that it comes from."""
    return (1 - t) ** 2 + t**2 * what.sigma**2


def at_time(what: Mixture, t: float) -> Mixture:
    """Return the distribution of x_t: the standard normal at t = 0, the data at t = 1."""
    number("t", t, 0, 1)
    return Mixture(t * what.centres, what.weights, spread(what, t) ** 0.5, what.bounds)


def velocity(what: Mixture, x: Tensor, t: float) -> tuple[Tensor, Tensor]:
    """Return v(x, t), (n, 2), and its divergence, (n,), at points (n, 2) float64.

    Args:
        what: the data's distribution p.
        x: points.
        t: time, 0 to 1.
    """
    parts = [_velocity(what, part, number("t", t, 0, 1)) for part in x.split(AT_ONCE)]
    return torch.cat([v for v, _ in parts]), torch.cat([div for _, div in parts])


def _velocity(what: Mixture, x: Tensor, t: float) -> tuple[Tensor, Tensor]:
    c, s2 = what.centres, spread(what, t)
    a = (t * what.sigma**2 - (1 - t)) / s2
    far = torch.cdist(x, t * c, compute_mode="donot_use_mm_for_euclid_dist")  # (n, K)
    r = (what.weights.log() - far**2 / (2 * s2)).softmax(1)
    m = r @ c  # (n, 2)
    variance = r @ (c**2).sum(1) - (m**2).sum(1)  # tr Cov, (n,)
    return a * x + (1 - a * t) * m, 2 * a + (1 - a * t) * t / s2 * variance


def follow(what: Mixture, z: Tensor, steps: int, order: int = 1) -> Path:
    """Carry points z (n, 2) float64 from t = 0 to 1 along v in equal steps.

    Args:
        what: the data's distribution p.
        z: draws of N(0, I).
        steps: S, 1 to 1000.
        order: 1, Euler's method, as samplers are run; 4, Runge and Kutta's.

    Raises:
        InputError: steps are not that.
    """
    h = 1 / integer("steps", steps, 1, MOST_STEPS)
    x, log_det = z, z.new_zeros(len(z))
    out = [(x, log_det)]
    for k in range(steps):
        t = k * h
        v, div = velocity(what, x, t) if order == 1 else _fourth(what, x, t, h)
        x, log_det = x + h * v, log_det + h * div
        out.append((x, log_det))
    times = torch.linspace(0, 1, steps + 1, dtype=z.dtype)
    return Path(times, torch.stack([x for x, _ in out]), torch.stack([d for _, d in out]))


def _fourth(what: Mixture, x: Tensor, t: float, h: float) -> tuple[Tensor, Tensor]:
    """Return Runge and Kutta's mean velocity over a step from t, and that of the divergence."""
    v1, d1 = velocity(what, x, t)
    v2, d2 = velocity(what, x + h / 2 * v1, t + h / 2)
    v3, d3 = velocity(what, x + h / 2 * v2, t + h / 2)
    v4, d4 = velocity(what, x + h * v3, min(t + h, 1.0))
    return (v1 + 2 * v2 + 2 * v3 + v4) / 6, (d1 + 2 * d2 + 2 * d3 + d4) / 6
