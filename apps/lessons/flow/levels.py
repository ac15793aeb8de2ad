"""View "levels": dequantisation; the same flow on grey levels as they are, and with noise inside
each cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from apps.lessons.flow.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact

if TYPE_CHECKING:
    from core.models.flat.runs import State
    from core.models.flow.dequantise import Settings

MOMENTS = (0, 10, 25, 50, 100, 200, 300, 400)
Side = Literal["without", "with"]
ROLES: dict[Side, str] = {"without": "grad", "with": "made"}
FINE = 40  # points a cell at which a density is drawn


@dataclass(frozen=True)
class Moment:
    """One moment of a training.

    Attributes:
        step: how many steps were done.
        state: what the training would go on from.
        x: where the density is drawn, (n,).
        p: the density there, (n,).
        nll: −E log p in nats, without drawing.
        levels: P_k, the data's levels.
    """

    step: int
    state: State
    x: np.ndarray
    p: np.ndarray
    nll: float
    levels: np.ndarray


Training = Sequence[Moment]


def levels(inputs: Inputs) -> Board:
    """Show both trainings, with noise and without, a frame a moment."""
    from core.models.flow.dequantise import floor

    runs: dict[Side, Training] = {side: train(settings(inputs, side)) for side in ROLES}
    lowest = floor(settings(inputs, "with"))
    frames = []
    for step in sorted({moment.step for run in runs.values() for moment in run}):
        now: dict[Side, Moment] = {side: last_before(run, step) for side, run in runs.items()}
        charts = [hill(side, moment) for side, moment in now.items()]
        view = b.column(b.row(*charts, gap="mid"), curve(runs, lowest, step), gap="tight swap")
        frames.append(b.frame(view, b.word("step_n", n=f"{step:,}"), facts(now, lowest)))
    above = [moment.nll >= lowest - 1e-9 for moment in runs["with"]]
    rows = {side: [{"step": m.step, "nll": m.nll} for m in run] for side, run in runs.items()}
    return {
        "frames": frames,
        "facts": [],
        "checks": [
            b.check(slope_delta(list(runs.values())), "torch.autograd: dy/dx", 1e-9),
            b.law(b.word("floor_holds"), sum(above), len(above)),
        ],
        "turn": {
            "ask": b.word("turn_cell"),
            "choices": [b.word("choice_cell.a"), b.word("choice_cell.b"), b.word("choice_cell.c")],
            "answer": 1,
        },
        "tables": {**rows, "floor": lowest},
    }


def settings(inputs: Inputs, side: Side) -> Settings:
    """Return the settings of one of the two trainings."""
    from core.models.flow.dequantise import Settings

    return Settings(noise=side == "with", parts=inputs.parts, rate=inputs.rate, seed=inputs.seed)


@lru_cache(maxsize=16)
def train(settings: Settings) -> Training:
    """Return the moments of a training.

    Without noise it may end early: no float has digits left for the spike.
    """
    from core.models.flow import dequantise

    state, out = dequantise.begin(settings), []
    for some in np.diff([0, *MOMENTS]).tolist():
        seen = []
        if some:
            state, seen = dequantise.advance(state, settings, some)
        out.append(moment_of(state, settings))
        if len(seen) < some:
            break
    return tuple(out)


def moment_of(state: State, settings: Settings) -> Moment:
    """Return one moment: its density at points that are dense around the levels' middles."""
    import torch

    from core.models.flow import dequantise

    L = len(settings.levels)
    even = np.linspace(0, 1, (FINE // 2 if settings.noise else FINE) * L + 1)
    close = np.concatenate([[0.0], np.geomspace(1e-9, 0.3 / L, 28)])
    middles = (np.arange(L) + 0.5) / L
    near = (middles[:, None] + np.concatenate([-close[::-1], close])).ravel()
    x = even if settings.noise else np.unique(np.concatenate([even, near]))
    return Moment(
        step=int(state["counts"][0]),
        state=state,
        x=x,
        p=dequantise.log_prob(state, torch.as_tensor(x)).exp().numpy(),
        nll=dequantise.nll(state, settings),
        levels=np.array(settings.levels),
    )


def last_before(run: Training, step: int) -> Moment:
    """Return the last moment of a run up to a step."""
    return [moment for moment in run if moment.step <= step][-1]


def hill(side: Side, now: Moment) -> b.Widget:
    """Return the learned density and the data's: spikes, or a step a cell."""
    return steps_chart(now) if side == "with" else spikes_chart(now)


def steps_chart(now: Moment) -> b.Widget:
    """Return the density that is learned with noise over the data's, a step a cell."""
    L = len(now.levels)
    heights = L * now.levels
    edges = np.repeat(np.linspace(0, 1, L + 1), 2)[1:-1]
    return b.chart(
        b.word("noise.with"),
        [
            b.series(b.word("data_cells"), np.repeat(heights, 2), "real", x=edges),
            b.series("p(x)", now.p, ROLES["with"], x=now.x),
        ],
        x=b.word("grey_axis"),
        rules=[],
        x_range=(0.0, 1.0),
        width=370,
        height=225,
        low=0.0,
        high=1.15 * float(max(heights.max(), 4.0)),
    )


def spikes_chart(now: Moment) -> b.Widget:
    """Return the density that is learned without noise on a log axis, a rule a level."""
    L = len(now.levels)
    return b.chart(
        b.word("noise.without"),
        [b.series("p(x)", np.maximum(now.p, 0.01), ROLES["without"], x=now.x)],
        x=b.word("grey_axis"),
        rules=[{"x": (k + 0.5) / L, "label": ""} for k in range(L)],
        x_range=(0.0, 1.0),
        width=370,
        height=225,
        log=True,
        low=0.01,
        high=float(10 ** np.ceil(np.log10(max(now.p.max(), 100.0)))),
    )


def curve(runs: dict[Side, Training], lowest: float, step: int) -> b.Widget:
    """Return NLL over the steps of both trainings, with the floor that noise gives."""
    lines = [
        b.series(
            b.word(f"noise_short.{side}"),
            [moment.nll for moment in run],
            ROLES[side],
            x=[moment.step for moment in run],
        )
        for side, run in runs.items()
    ]
    steps = [moment.step for moment in runs["with"]]
    lines.append(b.series(b.word("floor_rule"), [lowest] * len(steps), "real", x=steps))
    return b.chart(
        b.word("nll_both"),
        lines,
        x=b.word("steps"),
        cursor=step,
        width=440,
        height=205,
    )


def facts(now: dict[Side, Moment], lowest: float) -> list[Fact]:
    """Return both NLL, the floor, and how high the density is."""
    return [
        *(b.fact(b.word(f"nll_of.{side}"), f"{one.nll:.3f} nat") for side, one in now.items()),
        b.fact(b.word("floor_rule"), f"{lowest:.3f} nat"),
        b.fact(b.word("tallest"), f"{now['without'].p.max():.3g}"),
    ]


def slope_delta(runs: Sequence[Training]) -> float:
    """Return how far log p is from the log of autograd's dy/dx, at the fourth moment of each."""
    import torch

    from core.models.flow import dequantise

    worst = 0.0
    for run in runs:
        x = torch.linspace(0.02, 0.98, 33, dtype=torch.float64, requires_grad=True)
        state = run[min(3, len(run) - 1)].state
        (slope,) = torch.autograd.grad(dequantise.forward(state, x).sum(), x)
        ours, seen = dequantise.log_prob(state, x).detach(), slope > 1e-6
        worst = max(worst, float((slope.log() - ours)[seen].abs().max()))
    return worst
