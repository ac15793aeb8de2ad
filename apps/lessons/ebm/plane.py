"""View "plane": particles under Langevin dynamics on an energy that is known exactly."""

from __future__ import annotations

import math

from apps.lessons.ebm.inputs import MIXTURES, Inputs
from apps.lessons.ebm.particles import (
    PARTICLES,
    STEPS,
    ceiling,
    checks,
    count_away,
    exact_mean,
    field,
    mean,
    settled_mean,
    short_number,
    sigma,
    spread,
    walk,
)
from apps.stage import board as b
from apps.stage.contract import Board


def plane(inputs: Inputs) -> Board:
    """Show particles that descend and are shaken, a frame a step."""
    name, temperature = inputs.landscape, inputs.temperature
    noise = 1.0 if inputs.metropolis else inputs.noise  # without noise there is no q to weigh
    moments = walk(name, inputs.step, temperature, noise, inputs.seed, inputs.metropolis)
    exact, rules = exact_mean(name, temperature * noise**2), []
    if name in MIXTURES and not inputs.metropolis:
        rules = [settled_mean(name, inputs.step, temperature, noise)]
    means = [mean(m) for m in moments]
    frames = []
    for t, m in enumerate(moments):
        text = b.word("stayed", n=str(PARTICLES - count_away(name, m)), of=str(PARTICLES))
        side = b.column(
            energy_chart(means, exact, rules, t),
            b.text(text, size="wide"),
            gap="tight",
        )
        view = b.row(field(name, moments, t, 390), side, gap="mid")
        error = spread(m) / math.sqrt(PARTICLES)
        facts = [b.fact(b.word("mean_e"), f"{short_number(means[t])} ± {error:.2g}")]
        if inputs.metropolis:
            facts.append(
                b.fact(b.word("taken"), f"{100 * float(m['taken'].double().mean()):.0f} %")
            )
        frames.append(b.frame(view, b.word("step_n", n=str(t)), facts))
    return {
        "frames": frames,
        "facts": [
            b.fact(b.word("exact_mean"), short_number(exact)),
            *(b.fact(b.word("settled_mean"), short_number(v)) for v in rules),
        ],
        "without": ["noise"] if inputs.metropolis else [],
        "checks": checks(name, moments),
        "turn": {
            "ask": b.word("turn_step_limit", s=short_number(sigma(name))),
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


def energy_chart(means: list[float], exact: float, settled: list[float], t: int) -> b.Widget:
    """Return the particles' mean energy up to step t, with the exact mean as a rule, and the mean
    in which steps of this size settle.
    """
    high = ceiling(means, exact)
    settles = [v for v in settled if exact + 0.05 * (high - exact) < v <= high]
    return b.chart(
        b.word("mean_energy"),
        [b.series(b.word("particles"), means[: t + 1], "made")],
        x=b.word("steps"),
        rules=[
            {"y": exact, "label": b.word("exact_mean")},
            *({"y": v, "label": b.word("settled_mean")} for v in settles),
        ],
        x_range=(0, STEPS),
        high=high,
        width=370,
        height=260,
    )
