"""Langevin dynamics: downhill on an energy with as much noise as keeps the particles in p.

    target       p(x) ∝ exp(−E(x) / T),   x (B, D), T the temperature
    step         x' = x − ε/2 · ∇E(x)/T + n √ε ξ,   ξ ~ N(0, I)
    noise        n = 1 is Langevin's; n = 0 only descends, into the minima of E
    stationary   as ε → 0 the particles follow exp(−E / (T n²)); a finite ε leaves an error O(ε)
    Gaussian     E = x²/(2σ²), T = n = 1: x' = (1 − ε/(2σ²)) x + √ε ξ, its variance settles at
                 σ² / (1 − ε/(4σ²)); from ε = 4σ² on |1 − ε/(2σ²)| ≥ 1, and it diverges
    Metropolis   x' is taken with probability min(1, a), else the particle stays for this step;
                 a = exp(−(E(x') − E(x)) / (T n²)) q(x | x') / q(x' | x),  q the density of a step:
                 the particles follow exp(−E / (T n²)) whatever ε is, but a large one is refused

Paper: Welling & Teh 2011 (eq. 3 with all the data), whose ε and notation these are: drift
ε/2 ∇log p, noise N(0, ε). The step holds in the plane and in the calculation by hand; chains over
digits choose drift and noise apart (core.models.ebm.energy). The energies of `surface` are −log p
of core.data.densities, exact, so T = 1, n = 1 has a known end. Without `metropolis` every step is
taken: what too large a step does is to be seen. With it the chain is MALA (Roberts & Tweedie 1996).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from core.data.densities import Density, density
from core.inputs import InputError, array, choice, integer, number
from core.models.ebm.ebm_traces import LangevinStep, Moment

FAR = 1e3  # a coordinate beyond this has left for good
MAX_STEPS = 100_000
LANDSCAPES = ("ring", "grid", "moons", "line", "spiral", "clusters", "rings", "pinwheel")

Energy = Callable[[Tensor], Tensor]


def surface(target: Density | str) -> Energy:
    """Build the energy E(x) = −log p(x) in nats, (B, 2) -> (B,), of a density or a landscape.

    The checkerboard is none of them: its E is flat inside a square and infinite outside, so that
    no gradient leads anywhere.

    Args:
        target: a density, or one of `LANDSCAPES`.

    Raises:
        InputError: another name.
    """
    found = density(choice("density", target, LANDSCAPES)) if isinstance(target, str) else target
    return lambda x: -found.log_prob(x)


def slope(energy: Energy, x: Tensor) -> tuple[Tensor, Tensor]:
    """Compute E(x) (B,) and ∇E(x) (B, D) of points x (B, D), by autograd; no graph is kept."""
    with torch.enable_grad():
        at = x.detach().requires_grad_(True)
        value = energy(at)
        (gradient,) = torch.autograd.grad(value.sum(), at)
    return value.detach(), gradient


def terms(
    gradient: Tensor, xi: Tensor, step: float, temperature: float = 1.0, noise: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Compute the drift −ε/2 ∇E/T and the noise term n √ε ξ of one step (Welling & Teh 2011).

    Args:
        gradient: ∇E, of any shape.
        xi: ξ, of the same shape.
        step: ε.
        temperature: T.
        noise: n.
    """
    return -step / 2 * gradient / temperature, noise * math.sqrt(step) * xi


def settled_variance(
    sigma: float, step: float, temperature: float = 1.0, noise: float = 1.0
) -> float:
    """Return the variance in which steps of ε settle on E = x²/(2σ²), inf from ε = 4σ²T on."""
    share = step / (4 * sigma**2 * temperature)
    return noise**2 * temperature * sigma**2 / (1 - share) if share < 1 else math.inf


def log_acceptance(
    energy: Energy,
    x: Tensor,
    proposed: Tensor,
    step: float,
    temperature: float = 1.0,
    noise: float = 1.0,
) -> Tensor:
    """Compute log a of Metropolis and Hastings for steps from x to the proposed, both (B, D), (B,).

    It is −∞ where the proposed has no finite energy or gradient.
    """
    (here, down), (there, up) = slope(energy, x), slope(energy, proposed)
    forth = proposed - x + step / 2 * down / temperature
    back = x - proposed + step / 2 * up / temperature
    gap = (forth**2 - back**2).sum(1) / (2 * noise**2 * step)
    log = (here - there) / (temperature * noise**2) + gap
    return log.nan_to_num(-math.inf, posinf=-math.inf)


def langevin(
    energy: Energy,
    x: Tensor,
    step: float,
    *,
    steps: int,
    temperature: float = 1.0,
    noise: float = 1.0,
    metropolis: bool = False,
    generator: torch.Generator | None = None,
) -> Iterator[Moment]:
    """Yield `steps` + 1 moments of particles under Langevin dynamics, the start first.

    Args:
        energy: (B, D) -> (B,), differentiable.
        x: where the particles start, (B, D), real numbers; float64 is kept.
        step: ε, 0 to 1000.
        steps: 0 to 100000.
        temperature: T, 1e-6 to 1e6.
        noise: n, 0 to 1000.
        metropolis: whether steps are taken or refused by a; ε and n are then at least 1e-6.
        generator: of ξ, and of what decides.

    Yields:
        Where the particles are, E and ∇E there, and the two terms that lead to the next x, both 0
        where a step is refused. A
        particle is lost once it is beyond 1000 or its energy is not finite. A lost particle stays
        where that was found (drift and noise 0); the others go on, and their draws do not hang on
        the lost ones.

    Raises:
        InputError: a setting is outside its range, or x is no (B, D).
    """
    least = 1e-6 if metropolis else 0
    number("step", step, least, 1000)
    number("temperature", temperature, 1e-6, 1e6)
    number("noise", noise, least, 1000)
    integer("steps", steps, 0, MAX_STEPS)
    if x.ndim != 2:
        raise InputError("shape", field="x", got=tuple(x.shape), allowed="(B, D)")
    return _moments(energy, x, step, steps, temperature, noise, metropolis, generator)


def _moments(
    energy: Energy,
    x: Tensor,
    step: float,
    steps: int,
    temperature: float,
    noise: float,
    metropolis: bool,
    generator: torch.Generator | None,
) -> Iterator[Moment]:
    for _ in range(steps + 1):
        value, gradient = slope(energy, x)
        lost = ~(value.isfinite() & gradient.isfinite().all(1) & (x.abs() <= FAR).all(1))  # (B,)
        xi = torch.randn(x.shape, generator=generator, dtype=x.dtype)
        drift, kick = terms(gradient, xi, step, temperature, noise)
        taken = ~lost
        if metropolis:
            log = log_acceptance(energy, x, x + drift + kick, step, temperature, noise)
            u = torch.rand(len(x), generator=generator, dtype=x.dtype)
            taken = taken & (u.log() < log)
        drift, kick = (torch.where(taken[:, None], part, 0.0) for part in (drift, kick))
        yield {
            "x": x,
            "energy": value,
            "gradient": gradient,
            "drift": drift,
            "noise": kick,
            "lost": lost,
            "taken": taken,
        }
        x = x + drift + kick


def langevin_step(x: Any, gradient: Any, step: Any, noise: Any) -> LangevinStep:
    """Compute one Langevin step x' = x − ε/2 ∇E(x) + √ε ξ with every term, as a table has it.

    Args:
        x: where the particle is, a list of 1 to 8 numbers.
        gradient: ∇E(x), as many.
        step: ε, greater than 0, at most 1000.
        noise: ξ, the noise that was drawn from N(0, I), as many numbers; zeros for a pure descent.
            It is multiplied by √ε here.

    Returns:
        Every term, with x, gradient and noise as given; in float64.

    Raises:
        InputError: no lists of 1 to 8 finite numbers of one length, or step is out of range.
    """
    at = array("x", x, ((1, 8),))
    down = array("grad", gradient, (len(at),))
    xi = array("noise", noise, (len(at),))
    size = number("step", step, 1e-12, 1000)
    drift, kick = terms(torch.from_numpy(down), torch.from_numpy(xi), size)
    return {
        "x": at.tolist(),
        "gradient": down.tolist(),
        "noise": xi.tolist(),
        "half_step": size / 2,
        "root_step": math.sqrt(size),
        "drift": drift.tolist(),
        "noise_term": kick.tolist(),
        "x_next": (torch.from_numpy(at) + drift + kick).tolist(),
    }
