"""Densities in the plane with exact log-density, to sample from and to learn.

    mixture        p(x) = Σ_k w_k N(x; c_k, σ² I),     x (B, 2)
    curve          p(x) = ∫ N(x; c(t), σ² I) dt / |T|: t uniform, Gaussian noise around c(t). By
                   Gauss-Legendre quadrature over t it is a mixture, exact to float64 if σ is not
                   much smaller than the nodes' distance
    pinwheel       x = R(φ_k + γ e^ρ) (r, s)ᵀ,  r ~ N(1, σ_r²), s ~ N(0, σ_s²), ρ² = r² + s²: a
                   rotation by an angle that depends on ρ, which it keeps, so |det| = 1 and the way
                   back is exact (elsewhere the angle depends on r, which gives neither)
    checkerboard   uniform on 8 of the 16 unit squares of [−2, 2]²; −∞ elsewhere
    entropy        −∫ p log p, by a midpoint rule on a grid; no model's mean NLL can be below it

Two moons has the geometry of scikit-learn's make_moons. Nothing is standardised.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.inputs import array, choice, number

Box = tuple[float, float, float, float]
LARGEST = 4.0  # coordinate of a drawn point
MOST = 400  # drawn points


@dataclass(frozen=True)
class Mixture:
    """An isotropic Gaussian mixture.

    Attributes:
        centres: c_k, (K, 2) float64.
        weights: w_k, (K,), sum 1.
        sigma: σ, one for all.
        bounds: x0, x1, y0, y1 of a picture that holds all but a negligible part.
        modes: the centres that mode coverage counts, (M, 2); none for a curve.
        curve: t (B,) in [0, 1) -> points (B, 2) that samples scatter around, uniformly in t; None
            where the components themselves are drawn.
    """

    centres: Tensor
    weights: Tensor
    sigma: float
    bounds: Box
    modes: Tensor | None = None
    curve: Callable[[Tensor], Tensor] | None = None

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Return n points, (n, 2) float64."""
        if self.curve:
            centre = self.curve(torch.rand(n, generator=generator, dtype=torch.float64))
        else:
            centre = self.centres[
                torch.multinomial(self.weights, n, replacement=True, generator=generator)
            ]
        noise = torch.randn(n, 2, generator=generator, dtype=torch.float64)
        return centre + self.sigma * noise

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p in nats of points (B, 2), (B,) float64."""
        far = torch.cdist(x.double(), self.centres, compute_mode="donot_use_mm_for_euclid_dist")
        log = self.weights.log() - (far / self.sigma) ** 2 / 2  # (B, K)
        return log.logsumexp(1) - math.log(2 * math.pi * self.sigma**2)


@dataclass(frozen=True)
class Pinwheel:
    """Arms of a pinwheel (Johnson et al. 2016).

    Attributes:
        arms: how many.
        radial: standard deviation along an arm, before the scale.
        tangential: across it.
        rate: γ, how far it is bent.
        scale: that all is multiplied by at the end.
        bounds: as of a mixture.
    """

    arms: int = 5
    radial: float = 0.3
    tangential: float = 0.1
    rate: float = 0.25
    scale: float = 1.5
    bounds: Box = (-3.5, 3.5, -3.5, 3.5)
    modes: None = None

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Return n points, (n, 2) float64."""
        noise = torch.randn(n, 2, generator=generator, dtype=torch.float64)
        straight = torch.stack([1 + self.radial * noise[:, 0], self.tangential * noise[:, 1]], 1)
        arm = torch.randint(self.arms, (n,), generator=generator)
        return self.scale * rotate(straight, self._angle(straight, arm))

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p in nats of points (B, 2), (B,) float64."""
        bent = x.double()[:, None] / self.scale  # (B, 1, 2)
        back = rotate(bent, -self._angle(bent, torch.arange(self.arms)))  # (B, arms, 2)
        along = ((back[..., 0] - 1) / self.radial) ** 2 / 2
        across = (back[..., 1] / self.tangential) ** 2 / 2
        area = 2 * math.pi * self.radial * self.tangential * self.scale**2 * self.arms
        return torch.logsumexp(-along - across, 1) - math.log(area)

    def _angle(self, x: Tensor, arm: Tensor) -> Tensor:
        return 2 * math.pi / self.arms * arm + self.rate * torch.exp(x.norm(dim=-1))


@dataclass(frozen=True)
class Checkerboard:
    """The black squares of a board."""

    bounds: Box = (-2.5, 2.5, -2.5, 2.5)
    modes: None = None

    def sample(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Return n points, (n, 2) float64."""
        square = torch.randint(8, (n,), generator=generator)
        inside = torch.rand(n, 2, generator=generator, dtype=torch.float64)
        row = square // 2  # 0 … 3
        column = 2 * (square % 2) + row % 2
        return torch.stack([column, row], 1) - 2 + inside

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p in nats of points (B, 2), (B,) float64: −log 8 or −∞."""
        at = torch.floor(x.double()) + 2  # (B, 2)
        black = (at >= 0).all(1) & (at <= 3).all(1) & ((at.sum(1) % 2) == 0)
        return torch.where(black, -math.log(8), -math.inf).double()


Density = Mixture | Pinwheel | Checkerboard


def rotate(x: Tensor, angle: Tensor) -> Tensor:
    """Return points (…, 2) turned about the origin by angles (…)."""
    c, s = angle.cos(), angle.sin()
    return torch.stack([c * x[..., 0] - s * x[..., 1], s * x[..., 0] + c * x[..., 1]], -1)


def density(name: str) -> Density:
    """Return one of `NAMES`.

    Raises:
        InputError: another name.
    """
    return _BY_NAME[choice("density", name, NAMES)]()


def from_points(points: object, sigma: float = 0.08) -> Mixture:
    """Return the density of a drawing: a Gaussian of width σ around each point.

    Args:
        points: [[x, y], …], 3 to 400 of them, from −4 to 4.
        sigma: σ, 0.01 to 1.

    Raises:
        InputError: points or sigma are not that.
    """
    centres = torch.from_numpy(array("points", points, ((3, MOST), 2), LARGEST))
    sigma = number("sigma", sigma, 0.01, 1)
    return Mixture(centres, _even(len(centres)), sigma, (-3.0, 3.0, -3.0, 3.0))


def grid(bounds: Box, side: int) -> Tensor:
    """Return the middles of side x side cells, (side², 2) float64, row by row from the top."""
    x0, x1, y0, y1 = bounds
    step = (torch.arange(side, dtype=torch.float64) + 0.5) / side
    ys, xs = torch.meshgrid(y1 - step * (y1 - y0), x0 + step * (x1 - x0), indexing="ij")
    return torch.stack([xs.reshape(-1), ys.reshape(-1)], 1)


def entropy(target: Density, side: int = 400) -> float:
    """Return −∫ p log p in nats, by the midpoint rule on side² cells of the target's bounds."""
    x0, x1, y0, y1 = target.bounds
    log = torch.cat([target.log_prob(part) for part in grid(target.bounds, side).split(20_000)])
    cell = (x1 - x0) * (y1 - y0) / side**2
    return -(torch.special.xlogy(log.exp(), log.exp()).sum() * cell).item()


def ring(modes: int = 8, radius: float = 2.0, sigma: float = 0.1) -> Mixture:
    """Return Gaussians on a circle (Metz et al. 2017), whose modes Srivastava et al. 2017 count."""
    turn = 2 * math.pi * torch.arange(modes, dtype=torch.float64) / modes
    centres = radius * torch.stack([turn.cos(), turn.sin()], 1)
    return Mixture(centres, _even(modes), sigma, (-3.0, 3.0, -3.0, 3.0), centres)


def lattice(side: int = 5, gap: float = 1.0, sigma: float = 0.08) -> Mixture:
    """Return side x side Gaussians."""
    line = gap * (torch.arange(side, dtype=torch.float64) - (side - 1) / 2)
    centres = torch.cartesian_prod(line, line)
    return Mixture(centres, _even(side**2), sigma, (-3.0, 3.0, -3.0, 3.0), centres)


def clusters(sigma: float = 0.25) -> Mixture:
    """Return two Gaussians."""
    centres = torch.tensor([[-1.2, -0.8], [1.2, 0.8]], dtype=torch.float64)
    return Mixture(centres, _even(2), sigma, (-3.0, 3.0, -3.0, 3.0), centres)


def moons(sigma: float = 0.05) -> Mixture:
    """Return two half circles, one turned over and moved by (1, ½)."""

    def curve(t: Tensor) -> Tensor:
        lower, angle = t >= 0.5, math.pi * (2 * t % 1)
        x, y = torch.cos(angle), torch.sin(angle)
        return torch.stack([torch.where(lower, 1 - x, x), torch.where(lower, 0.5 - y, y)], 1)

    return _around(curve, sigma, (-1.5, 2.5, -1.3, 1.8), pieces=2)


def line(sigma: float = 0.08) -> Mixture:
    """Return a slanted line."""

    def curve(t: Tensor) -> Tensor:
        return torch.stack([4 * t - 2, 2 * t - 1], 1)

    return _around(curve, sigma, (-3.0, 3.0, -3.0, 3.0))


def spiral(sigma: float = 0.06) -> Mixture:
    """Return two turns of a spiral, denser towards its centre."""

    def curve(t: Tensor) -> Tensor:
        return 2.2 * rotate(torch.stack([t, torch.zeros_like(t)], 1), 4 * math.pi * t)

    return _around(curve, sigma, (-3.0, 3.0, -3.0, 3.0), pieces=4)


def rings(sigma: float = 0.08) -> Mixture:
    """Return two circles of radius 1 and 2 with the same share each."""

    def curve(t: Tensor) -> Tensor:
        angle = 4 * math.pi * t
        radius = torch.where(t < 0.5, 1.0, 2.0).double()
        return radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1)

    return _around(curve, sigma, (-3.0, 3.0, -3.0, 3.0), pieces=4)


def _around(
    curve: Callable[[Tensor], Tensor], sigma: float, bounds: Box, pieces: int = 1, nodes: int = 160
) -> Mixture:
    """Return the density around a curve, smooth on each of `pieces` equal parts of [0, 1)."""
    at, share = (torch.from_numpy(v) for v in np.polynomial.legendre.leggauss(nodes))
    t = torch.cat([(k + (at + 1) / 2) / pieces for k in range(pieces)])
    return Mixture(curve(t), share.repeat(pieces) / (2 * pieces), sigma, bounds, None, curve)


def _even(k: int) -> Tensor:
    return torch.full((k,), 1 / k, dtype=torch.float64)


_BY_NAME: dict[str, Callable[[], Density]] = {
    "ring": ring,
    "grid": lattice,
    "moons": moons,
    "line": line,
    "spiral": spiral,
    "clusters": clusters,
    "rings": rings,
    "pinwheel": Pinwheel,
    "checkerboard": Checkerboard,
}
NAMES = tuple(_BY_NAME)
