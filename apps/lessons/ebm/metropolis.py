"""View "metropolis": what a finite step does to the variance, and what Metropolis makes of it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.ebm.inputs import Inputs
from apps.lessons.ebm.particles import short_number
from apps.stage import board as b
from apps.stage.contract import Board, Check, Law, Turn

if TYPE_CHECKING:
    from core.models.ebm.ebm_traces import Moment

PARTICLES, STEPS = 20_000, 40
START = 3.0  # the particles start uniform in [−3, 3]
REACH, BINS = 4.5, 36  # half width of the histograms, and their bins
MOST = 100.0  # variance from which the curve stays
KINDS = ("every", "metropolis")
ROLES = {"every": "grad", "metropolis": "made"}
PROPOSED = (0.5, 1.5)  # x and x′ of the exercise
ERRORS = 5  # standard errors that a variance may lie from the recursion


def metropolis(inputs: Inputs) -> Board:
    """Show particles on E = x²/2 twice: every step taken, and steps taken by Metropolis."""
    step = 4 * inputs.wide
    runs = {kind: walk(step, kind == "metropolis", inputs.seed) for kind in KINDS}
    variances = {kind: [variance(m) for m in run] for kind, run in runs.items()}
    frames = []
    for t in range(STEPS + 1):
        pictures = [histogram(kind, runs[kind][t], step) for kind in KINDS]
        view = b.row(*pictures, variance_chart(variances, t), gap="mid")
        frames.append(b.frame(view, b.word("step_n", n=str(t)), facts(runs, variances, t)))
    settled = settled_variance(step)
    return {
        "frames": frames,
        "facts": [
            b.fact("ε", short_number(step)),
            b.fact(b.word("settled"), short_number(settled) if np.isfinite(settled) else "∞"),
        ],
        "checks": [acceptance_check(runs["metropolis"], step), *variance_law(runs["every"], step)],
        "turn": turn(step),
        "tables": {
            "variance": [
                ["step", *KINDS],
                *([t, *v] for t, v in enumerate(zip(*variances.values()))),
            ]
        },
    }


# ---- the particles


def energy(x: Any) -> Any:
    """Return E(x) = x²/2 of points (B, 1), (B,)."""
    return (x**2).sum(1) / 2


@lru_cache(maxsize=8)
def walk(step: float, refuses: bool, seed: int) -> tuple[Moment, ...]:
    """Return the moments of the particles, the start first."""
    import torch

    from core.models.ebm.langevin import langevin

    draw = torch.Generator().manual_seed(seed)
    start = START * (2 * torch.rand(PARTICLES, 1, generator=draw, dtype=torch.float64) - 1)
    return tuple(langevin(energy, start, step, steps=STEPS, metropolis=refuses, generator=draw))


def variance(moment: Moment) -> float:
    """Return the particles' mean of x², at most 100: about 0, where their mean should be."""
    return min(float((moment["x"] ** 2).mean()), MOST)


def settled_variance(step: float) -> float:
    """Return the variance in which steps settle that are all taken."""
    from core.models.ebm.langevin import settled_variance as settled

    return settled(1.0, step)


# ---- the picture


def histogram(kind: str, moment: Moment, step: float) -> b.Widget:
    """Return the particles' density, with exp(−E)/Z and, where all steps are taken, their end."""
    edges = np.linspace(-REACH, REACH, BINS + 1)
    share = np.histogram(moment["x"].numpy(), edges)[0] / PARTICLES / (edges[1] - edges[0])
    at = np.linspace(-REACH, REACH, 61)
    curves = [
        b.series(
            b.word("particles"), np.repeat(share, 2), ROLES[kind], x=np.repeat(edges, 2)[1:-1]
        ),
        b.series("exp(−E)/Z", normal(at, 1.0), "real", x=at),
    ]
    settled = settled_variance(step)
    if kind == "every" and np.isfinite(settled):
        curves.append(b.series(b.word("settles_in"), normal(at, settled), "hidden", x=at))
    return b.chart(
        b.word(f"kind_{kind}"), curves, x="x", low=0, high=0.45, x_range=(-REACH, REACH),
        width=330, height=300,
    )  # fmt: skip


def normal(x: np.ndarray, spread: float) -> np.ndarray:
    """Return the density of N(0, spread) at x."""
    return np.exp(-(x**2) / (2 * spread)) / np.sqrt(2 * np.pi * spread)


def variance_chart(variances: dict[str, list[float]], t: int) -> b.Widget:
    """Return the variances up to step t, with the exact one as a rule."""
    high = max(max(values) for values in variances.values())
    return b.chart(
        b.word("variance"),
        [b.series(b.word(f"kind_{k}"), v[: t + 1], ROLES[k]) for k, v in variances.items()],
        x=b.word("steps"),
        log=high >= MOST,
        low=0.1 if high >= MOST else 0,
        high=max(high, 3.2),
        x_range=(0, STEPS),
        rules=[{"y": 1.0, "label": b.word("exact_variance")}],
        width=330,
        height=300,
    )


def facts(
    runs: dict[str, tuple[Moment, ...]], variances: dict[str, list[float]], t: int
) -> list[Any]:
    """Return the numbers of step t: both variances, and the share of steps that are taken."""
    taken = float(runs["metropolis"][t]["taken"].double().mean())
    most = variances["every"][t] >= MOST
    return [
        b.fact(
            b.word("variance_every"), f"> {MOST:.0f}" if most else f"{variances['every'][t]:.2f}"
        ),
        b.fact(b.word("variance_metropolis"), f"{variances['metropolis'][t]:.2f}"),
        b.fact(b.word("taken"), f"{100 * taken:.0f} %"),
    ]


# ---- checks and exercise


def acceptance_check(run: tuple[Moment, ...], step: float) -> Check:
    """Return the check of log a at the proposals of one step, by torch.distributions."""
    from core.models.ebm.check import metropolis_delta
    from core.models.ebm.langevin import log_acceptance

    x, proposed = run[0]["x"], run[-1]["x"]  # any two places: a is defined for all
    log = log_acceptance(energy, x, proposed, step)
    return b.delta_check(metropolis_delta(1.0, step, x, proposed, log), 1e-9)


def variance_law(run: tuple[Moment, ...], step: float) -> list[Law]:
    """Return the law that the variance follows v′ = (1 − ε/2)² v + ε, from a uniform start's 3."""
    if step >= 4:
        return []
    held, v = 0, START**2 / 3
    for moment in run:
        square = moment["x"] ** 2
        error = float(square.std()) / PARTICLES**0.5
        held += abs(float(square.mean()) - v) <= ERRORS * error
        v = (1 - step / 2) ** 2 * v + step
    return [b.law(b.word("law_variance"), held, len(run))]


def turn(step: float) -> Turn:
    """Return the exercise: the probability with which one proposal is taken."""
    here, there = PROPOSED
    share = min(1.0, float(np.exp(-step * (there**2 - here**2) / 8)))
    ask = b.word("turn_taken", e=short_number(step), x=str(here), y=str(there))
    return {"ask": ask, "frame": 0, "blanks": [b.blank("min(1, a)", [share], "made", "share")]}
