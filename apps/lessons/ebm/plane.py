"""View "plane": particles under Langevin dynamics on an energy that is known exactly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from apps.lessons.ebm.inputs import MIXTURES, Inputs
from apps.lessons.ebm.particles import (
    PARTICLES,
    STEPS,
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
from apps.stage.contract import Board, Fact

if TYPE_CHECKING:
    from core.models.ebm.ebm_traces import Moment


LEAST, MOST = 0.1, 100.0  # ends of the chart that are always shown, nats above the minimum
APART = 1.3  # ratio of two heights from which both have their lines


def plane(inputs: Inputs) -> Board:
    """Show particles that descend and are shaken, a frame a step."""
    name, temperature = inputs.landscape, inputs.temperature
    noise = 1.0 if inputs.metropolis else inputs.noise  # without noise there is no q to weigh
    moments = walk(name, inputs.step, temperature, noise, inputs.seed, inputs.metropolis)
    low = min(exact_mean(name, 0), float(moments[-1]["energy"].min()))
    heights = {"exact_above": exact_mean(name, temperature * noise**2) - low}
    if name in MIXTURES and not inputs.metropolis:
        heights["settled_above"] = settled_mean(name, inputs.step, temperature, noise) - low
    means = [mean(m) - low for m in moments]
    frames = []
    for t, m in enumerate(moments):
        text = b.word("stayed", n=str(PARTICLES - count_away(name, m)), of=str(PARTICLES))
        chart = energy_chart(means, heights, t)
        side = b.column(chart, b.text(text, size="wide"), gap="tight")
        view = b.row(field(name, moments, t, 390), side, gap="mid")
        frames.append(b.frame(view, b.word("step_n", n=str(t)), facts(inputs, m, means[t])))
    return {
        "frames": frames,
        "facts": [b.fact(b.word(key), short_number(v)) for key, v in heights.items()],
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
            "above_minimum": [["step", "mean E − min E"], *([t, v] for t, v in enumerate(means))],
            "particles": moments[-1]["x"].tolist(),
        },
    }


def facts(inputs: Inputs, moment: Moment, height: float) -> list[Fact]:
    """Return the numbers of a step: the mean energy, its error, and the share of steps taken."""
    error = spread(moment) / math.sqrt(PARTICLES)
    found = [b.fact(b.word("mean_above"), f"{short_number(height)} ± {error:.2g}")]
    if inputs.metropolis:
        share = float(moment["taken"].double().mean())
        found.append(b.fact(b.word("taken"), f"{100 * share:.0f} %"))
    return found


def energy_chart(means: list[float], heights: dict[str, float], t: int) -> b.Widget:
    """Return the particles' mean energy over the minimum up to step t, with the exact mean as a
    rule, and the one in which steps of this size settle where that is another.
    """
    exact = heights["exact_above"]
    settles = heights.get("settled_above", math.inf)
    rules = [{"y": exact, "label": b.word("exact_above")}] if exact >= LEAST else []
    if APART * exact <= settles <= MOST:
        rules.append({"y": settles, "label": b.word("settled_above")})
    return b.chart(
        b.word("above_minimum"),
        [b.series(b.word("particles"), [max(v, LEAST / 10) for v in means[: t + 1]], "made")],
        x=b.word("steps"),
        log=True,
        low=LEAST,
        high=MOST,
        x_range=(0, STEPS),
        rules=rules,
        width=370,
        height=260,
    )
