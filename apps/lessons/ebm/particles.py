"""Particles under Langevin dynamics on an exact energy E = −log p: their walk, their picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.stage import board as b
from apps.stage.contract import Check, Law

if TYPE_CHECKING:
    from core.models.ebm.ebm_traces import Moment

PARTICLES = 160
STEPS = 60
SIDE, SMALL = 40, 28  # cells a side of a surface
PALE = 1.7  # times the largest height that would have the full colour: particles stay visible
TRACED, TAIL = 10, 8  # particles whose way is drawn, and how many steps of it


# ---- the particles


def walk(
    name: str, step: float, temperature: float, noise: float, seed: int, metropolis: bool = False
) -> tuple[Moment, ...]:
    """Return the moments of `langevin`, the start first; of equal settings they are kept."""
    return _walk(name, float(step), float(temperature), float(noise), seed, metropolis)


@lru_cache(maxsize=16)
def _walk(
    name: str, step: float, temperature: float, noise: float, seed: int, metropolis: bool
) -> tuple[Moment, ...]:
    import torch

    from core.data.densities import density
    from core.models.ebm.langevin import langevin, surface

    draw = torch.Generator().manual_seed(seed)
    x0, x1, y0, y1 = density(name).bounds
    at = torch.rand(PARTICLES, 2, generator=draw, dtype=torch.float64)
    start = torch.tensor([x0, y0]) + at * torch.tensor([x1 - x0, y1 - y0])
    options = {"steps": STEPS, "temperature": temperature, "noise": noise, "generator": draw}
    return tuple(langevin(surface(name), start, step, metropolis=metropolis, **options))


def mean(moment: Moment) -> float:
    """Return the particles' mean energy, the lost ones at the energy with which they left."""
    return float(moment["energy"].nan_to_num(posinf=1e12).mean())


def spread(moment: Moment) -> float:
    """Return the standard deviation of the particles' energies."""
    return float(moment["energy"].nan_to_num(posinf=1e12).std())


@lru_cache(maxsize=64)
def exact_mean(name: str, temperature: float) -> float:
    """Return the exact mean of E under exp(−E / T), at 0 its minimum."""
    from core.data.densities import density
    from core.models.ebm.check import mean_energy
    from core.models.ebm.langevin import surface

    return mean_energy(surface(name), density(name).bounds, temperature)


def settled_mean(name: str, step: float, temperature: float, noise: float) -> float:
    """Return the mean of E in which steps of ε settle where a mixture's parts lie far apart: each
    is a Gaussian valley, in which it is (settled variance) / σ² over the bottom.
    """
    from core.models.ebm.langevin import settled_variance

    width = sigma(name)
    settled = settled_variance(width, step, temperature, noise) / width**2
    return exact_mean(name, temperature * noise**2) + settled - temperature * noise**2


def sigma(name: str) -> float:
    """Return σ of a mixture's parts."""
    from core.data.densities import Mixture, density

    found = density(name)
    return found.sigma if isinstance(found, Mixture) else math.nan


def checks(name: str, moments: Sequence[Moment]) -> list[Check]:
    """Return the checks of E and ∇E where the particles start."""
    from core.data.densities import Mixture, density
    from core.models.ebm.check import mixture_delta, slope_delta
    from core.models.ebm.langevin import surface

    first, target = moments[0], density(name)
    found = [b.delta_check(slope_delta(surface(name), first["x"], first["gradient"]), 1e-6)]
    if isinstance(target, Mixture):
        found.append(b.delta_check(mixture_delta(target, first["x"], first["energy"]), 1e-12))
    return found


def descent_law(moments: Sequence[Moment]) -> list[Law]:
    """Return the law that without noise no particle's energy rises while ε < 4 σ²."""
    pairs = list(zip(moments, moments[1:]))
    falls = sum(int((b_["energy"] <= a["energy"] + 1e-9).sum()) for a, b_ in pairs)
    return [b.law(b.word("law_falls"), falls, len(pairs) * PARTICLES)]


# ---- the picture


@lru_cache(maxsize=16)
def heights(name: str, side: int) -> tuple[np.ndarray, float]:
    """Return log(1 + E − E_min) over the bounds, (side, side), and its largest value."""
    from core.data.densities import density, grid
    from core.models.ebm.langevin import surface

    values = surface(name)(grid(density(name).bounds, side)).numpy().reshape(side, side)
    high = np.log1p(values - values.min())
    return high, float(high.max())


def in_picture(name: str, moment: Moment) -> Any:
    """Mark the particles in the picture, (PARTICLES,) booleans."""
    from core.data.densities import density

    x0, x1, y0, y1 = density(name).bounds
    x, y = moment["x"][:, 0], moment["x"][:, 1]
    return (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)


def count_away(name: str, moment: Moment) -> int:
    """Count the particles that have left the picture."""
    return PARTICLES - int(in_picture(name, moment).sum())


def field(name: str, moments: Sequence[Moment], t: int, size: int, label: b.Label = "") -> b.Widget:
    """Return the energy's surface with the particles at step t and the last of some ways."""
    from core.data.densities import density

    bounds = density(name).bounds
    small = size < 300
    high, most = heights(name, SMALL if small else SIDE)
    way = np.array([m["x"][:TRACED].tolist() for m in moments[max(0, t - TAIL) : t + 1]])
    way[np.abs(way) > 50] = np.nan  # far outside: no line leads there
    points = moments[t]["x"][in_picture(name, moments[t])]
    return b.field(
        label,
        bounds,
        [
            b.surface(high, 0.0, PALE * most, above="grad"),
            b.curves(list(way.swapaxes(0, 1)), "hidden", "" if small else b.word("ways"), width=1),
            b.dots(points, "made", "" if small else b.word("particles"),
                   radius=2.2 if small else 3),
        ],
        size=size,
        note=b.word("surface_note"),
        key=f"{name}.{size}",
    )  # fmt: skip


def short_number(value: float) -> str:
    """Return a number as a line of text has it."""
    if not math.isfinite(value):
        return "—"
    return (f"{value:.1e}" if abs(value) >= 1e4 else f"{value:.4g}").replace("-", "−")
