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
    short_number,
    sigma,
    spread,
    walk,
)
from apps.stage import board as b
from apps.stage.contract import Board


def plane(inputs: Inputs) -> Board:
    """Show particles that descend and are shaken, a frame a step."""
    name, temperature, noise = inputs.landscape, inputs.temperature, inputs.noise
    moments = walk(name, inputs.step, temperature, noise, inputs.seed)
    exact = exact_mean(name, temperature * noise**2)
    means = [mean(m) for m in moments]
    frames = []
    for t, m in enumerate(moments):
        text = b.word("stayed", n=str(PARTICLES - count_away(name, m)), of=str(PARTICLES))
        side = b.column(
            energy_chart(means, exact, t),
            b.text(text, size="wide"),
            gap="tight",
        )
        view = b.row(field(name, moments, t, 390), side, gap="mid")
        error = spread(m) / math.sqrt(PARTICLES)
        facts = [b.fact(b.word("mean_e"), f"{short_number(means[t])} ± {error:.2g}")]
        frames.append(b.frame(view, b.word("step_n", n=str(t)), facts))
    return {
        "frames": frames,
        "facts": [b.fact(b.word("exact_mean"), short_number(exact))],
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


def energy_chart(means: list[float], exact: float, t: int) -> b.Widget:
    """Return the particles' mean energy up to step t, with the exact mean as a rule."""
    return b.chart(
        b.word("mean_energy"),
        [b.series(b.word("particles"), means[: t + 1], "made")],
        x=b.word("steps"),
        rules=[{"y": exact, "label": b.word("exact_mean")}],
        x_range=(0, STEPS),
        high=ceiling(means, exact),
        width=370,
        height=260,
    )
