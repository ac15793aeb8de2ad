"""Particles under Langevin dynamics on an energy that is known exactly, E = −log p."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from apps.stage import board as b
from core.inputs import choice, integer, number

PARTICLES = 160
STEPS = 60
SHORT = 40  # steps of the three beside each other
SIDE, SMALL = 40, 28  # cells a side of a surface
PALE = 1.7  # times the largest height that would have the full colour: particles stay visible
TRACED, TAIL = 10, 8  # particles whose way is drawn, and how many steps of it
LANDSCAPES = ("clusters", "ring", "grid", "moons", "rings", "pinwheel")
MIXTURES = LANDSCAPES[:3]  # whose curvature is at most 1 / σ²: the limit of a step is 4 σ²
MAX_SEED = 2**31 - 1
ROLES = ("made", "real", "grad")


def plane(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of particles that descend and are shaken, a frame a step."""
    name = choice("landscape", inputs.get("landscape", "clusters"), LANDSCAPES)
    step = number("step", inputs.get("step", 0.02), 0.0005, 1)
    temperature = number("temperature", inputs.get("temperature", 1), 0.05, 10)
    shaken = number("noise", inputs.get("noise", 1), 0, 10)
    moments = followed(name, step, temperature, shaken, seed_of(inputs))
    exact = expected(name, temperature * shaken**2)
    means = [mean(m) for m in moments]
    frames = []
    for t, m in enumerate(moments):
        text = b.word("stayed", n=str(PARTICLES - away(name, m)), of=str(PARTICLES))
        side = b.column(
            b.chart(
                b.word("mean_energy"),
                [b.series(b.word("particles"), means[: t + 1], "made")],
                x=b.word("steps"),
                rules=[{"y": exact, "label": b.word("exact_mean")}],
                x_range=(0, STEPS),
                high=ceiling(means, exact),
                width=370,
                height=260,
            ),
            b.text(text, size="wide"),
            gap="tight",
        )
        view = b.row(field(name, moments, t, 390), side, gap="mid")
        error = spread(m) / math.sqrt(PARTICLES)
        facts = [b.fact(b.word("mean_e"), f"{said(means[t])} ± {error:.2g}")]
        frames.append(b.frame(view, b.word("step_n", n=str(t)), facts))
    return {
        "frames": frames,
        "facts": [b.fact(b.word("exact_mean"), said(exact))],
        "checks": checks(name, moments),
        "turn": {
            "ask": b.word("turn_step_limit", s=said(sigma(name))),
            "frame": 0,
            "blanks": [b.blank("4σ²", [4 * sigma(name) ** 2], "grad", "limit")],
        }
        if name in MIXTURES
        else None,
        "tables": {
            "mean_energy": [["step", "mean E"], *([t, v] for t, v in enumerate(means))],
            "particles": moments[-1]["x"].tolist(),
        },
    }


def three(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the same particles three times: Langevin's step, no noise, too large a step."""
    name = choice("mixture", inputs.get("mixture", "clusters"), MIXTURES)
    limit = 4 * sigma(name) ** 2
    steps = [
        limit * number(field_name, inputs.get(field_name, usual), 0.01, 4)
        for field_name, usual in (("share", 0.2), ("share", 0.2), ("large", 1.2))
    ]
    noises, seed = (1.0, 0.0, 1.0), seed_of(inputs)
    runs = [followed(name, e, 1.0, n, seed) for e, n in zip(steps, noises)]
    low = min(expected(name, 0), *(float(m["energy"].min()) for m in runs[1]))
    curves = [[max(mean(m) - low, 1e-4) for m in run[: SHORT + 1]] for run in runs]
    kinds = ("langevin", "still", "large")
    frames = []
    for t in range(SHORT + 1):
        pictures = b.row(
            *(
                b.column(
                    field(name, run, t, 205, b.word(f"kind_{kind}")),
                    b.text(b.word("step_is", e=said(e), lost=away(name, run[t])), size="small"),
                    gap="tight",
                )
                for run, kind, e in zip(runs, kinds, steps)
            ),
            gap="mid",
        )  # fmt: skip
        chart = b.chart(
            b.word("above_minimum"),
            [
                b.series(b.word(f"kind_{kind}"), curve[: t + 1], role)
                for curve, kind, role in zip(curves, kinds, ROLES)
            ],
            x=b.word("steps"),
            log=True,
            low=1e-4,
            high=1e4,
            x_range=(0, SHORT),
            rules=[{"y": expected(name, 1) - low, "label": b.word("exact_mean")}],
            width=310,
            height=225,
        )
        frames.append(b.frame(b.row(pictures, chart, gap="mid"), b.word("step_n", n=str(t))))
    falls = fallen(runs[1]) if steps[1] < limit else []
    return {
        "frames": frames,
        "facts": [b.fact(b.word("limit"), said(limit))],
        "checks": [*checks(name, runs[0]), *falls],
        "turn": {
            "ask": b.word("turn_factor", q=said(steps[2] / limit)),
            "frame": 0,
            "blanks": [b.blank("1 − ε/(2σ²)", [1 - 2 * steps[2] / limit], "grad", "factor")],
        },
        "tables": {
            "above_minimum": [["step", *kinds], *([t, *v] for t, v in enumerate(zip(*curves)))],
            "step": dict(zip(kinds, steps)),
        },
    }


# ---- the particles


def followed(
    name: str, step: float, temperature: float, noise: float, seed: int
) -> tuple[dict[str, Any], ...]:
    """Return the moments of `langevin`, the start first; of equal settings they are kept."""
    return _followed(name, float(step), float(temperature), float(noise), seed)


@lru_cache(maxsize=16)
def _followed(
    name: str, step: float, temperature: float, noise: float, seed: int
) -> tuple[dict[str, Any], ...]:
    import torch

    from core.data.densities import density
    from core.models.ebm.langevin import langevin, surface

    draw = torch.Generator().manual_seed(seed)
    x0, x1, y0, y1 = density(name).bounds
    at = torch.rand(PARTICLES, 2, generator=draw, dtype=torch.float64)
    start = torch.tensor([x0, y0]) + at * torch.tensor([x1 - x0, y1 - y0])
    options = {"steps": STEPS, "temperature": temperature, "noise": noise, "generator": draw}
    return tuple(langevin(surface(name), start, step, **options))


def mean(moment: dict[str, Any]) -> float:
    """Return the particles' mean energy, the lost ones at what they had when they left."""
    return float(moment["energy"].nan_to_num(posinf=1e12).mean())


def spread(moment: dict[str, Any]) -> float:
    """Return the standard deviation of the particles' energies."""
    return float(moment["energy"].nan_to_num(posinf=1e12).std())


@lru_cache(maxsize=64)
def expected(name: str, temperature: float) -> float:
    """Return the exact mean of E under exp(−E / T), at 0 its minimum."""
    from core.data.densities import density
    from core.models.ebm.check import mean_energy
    from core.models.ebm.langevin import surface

    return mean_energy(surface(name), density(name).bounds, temperature)


def sigma(name: str) -> float:
    """Return σ of a mixture's parts."""
    from core.data.densities import Mixture, density

    found = density(name)
    return found.sigma if isinstance(found, Mixture) else math.nan


def checks(name: str, moments: Any) -> list[dict[str, Any]]:
    """Return the checks of E and ∇E where the particles start."""
    from core.data.densities import Mixture, density
    from core.models.ebm.check import mixture_delta, slope_delta
    from core.models.ebm.langevin import surface

    first, target = moments[0], density(name)
    found = slope_delta(surface(name), first["x"], first["gradient"])
    out = [b.check(found["delta"], found["against"], 1e-6)]
    if isinstance(target, Mixture):
        found = mixture_delta(target, first["x"], first["energy"])
        out.append(b.check(found["delta"], found["against"], 1e-12))
    return out


def fallen(moments: Any) -> list[dict[str, Any]]:
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


def inside(name: str, moment: dict[str, Any]) -> Any:
    """Return which particles are in the picture, (PARTICLES,)."""
    from core.data.densities import density

    x0, x1, y0, y1 = density(name).bounds
    x, y = moment["x"][:, 0], moment["x"][:, 1]
    return (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)


def away(name: str, moment: dict[str, Any]) -> int:
    """Return how many particles have left the picture."""
    return PARTICLES - int(inside(name, moment).sum())


def field(name: str, moments: Any, t: int, size: int, label: b.Label = "") -> b.Widget:
    """Return the energy's surface with the particles at step t and the last of some ways."""
    from core.data.densities import density

    bounds = density(name).bounds
    small = size < 300
    high, most = heights(name, SMALL if small else SIDE)
    way = np.array([m["x"][:TRACED].tolist() for m in moments[max(0, t - TAIL) : t + 1]])
    way[np.abs(way) > 50] = np.nan  # far outside: no line leads there
    points = moments[t]["x"][inside(name, moments[t])]
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


def ceiling(means: list[float], exact: float) -> float:
    """Return the least height of the chart, so that all runs of a landscape look alike."""
    return max(means[0], exact + 1)


def seed_of(inputs: dict[str, Any]) -> int:
    """Return the seed of the start and the noise."""
    return integer("seed", inputs.get("seed", 0), 0, MAX_SEED)


def said(value: float) -> str:
    """Return a number as a line of text has it."""
    if not math.isfinite(value):
        return "—"
    return (f"{value:.1e}" if abs(value) >= 1e4 else f"{value:.4g}").replace("-", "−")
