"""Dequantisation: the same flow on grey levels as they are, and with noise inside each cell."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.flow import models as fm
from apps.stage import board as b
from core.inputs import integer, number

MOMENTS = (0, 10, 25, 50, 100, 200, 300, 400)
SIDES = (("without", False, "grad"), ("with", True, "made"))
FINE = 40  # points a cell at which a density is drawn


def levels(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a moment of both trainings."""
    from core.models.flow.dequantise import floor

    runs = {name: trained(noise, *asked(inputs)) for name, noise, _ in SIDES}
    lowest = floor(settings(True, *asked(inputs)))
    steps = sorted({state["step"] for run in runs.values() for state in run["moments"]})
    frames = []
    for step in steps:
        now = {name: at(run, step) for name, run in runs.items()}
        charts = [hill(name, now[name], role) for name, _, role in SIDES]
        view = b.column(b.row(*charts, gap="mid"), curve(runs, lowest, step), gap="tight swap")
        frames.append(b.frame(view, b.word("step_n", n=f"{step:,}"), facts(now, lowest)))
    above = [row["nll"] >= lowest - 1e-9 for row in runs["with"]["moments"]]
    return {
        "frames": frames,
        "facts": [],
        "checks": [
            b.check(slope_delta(runs, asked(inputs)), "torch.autograd: dy/dx", 1e-9),
            b.law(b.word("floor_holds"), sum(above), len(above)),
        ],
        "turn": {
            "ask": b.word("turn_cell"),
            "choices": [b.word("choice_cell.a"), b.word("choice_cell.b"), b.word("choice_cell.c")],
            "answer": 1,
        },
        "tables": {
            name: [{"step": row["step"], "nll": row["nll"]} for row in run["moments"]]
            for name, run in runs.items()
        }
        | {"floor": lowest},
    }


def asked(inputs: dict[str, Any]) -> tuple[int, float, int]:
    """Return how many parts the flow has, the learning rate and the seed."""
    parts = integer("parts", inputs.get("parts", 8), 1, 32)
    return parts, number("rate", inputs.get("rate", 0.02), 0, 0.2), fm.seed(inputs)


def settings(noise: bool, parts: int, rate: float, seed: int) -> Any:
    """Return the settings of one of the two trainings."""
    from core.models.flow.dequantise import Settings

    return Settings(noise=noise, parts=parts, rate=rate, seed=seed)


@lru_cache(maxsize=16)
def trained(noise: bool, parts: int, rate: float, seed: int) -> dict[str, Any]:
    """Return the moments of a training: step, state, NLL without drawing, density on a grid.

    Without noise it may end early: no float has digits left for the spike.
    """
    from core.models.flow import dequantise

    chosen = settings(noise, parts, rate, seed)
    state, out = dequantise.begin(chosen), []
    for some in np.diff([0, *MOMENTS]).tolist():
        if some:
            state, seen = dequantise.advance(state, chosen, some)
            if len(seen) < some:
                out.append(moment(state, chosen))
                break
        out.append(moment(state, chosen))
    return {"moments": out}


def moment(state: Any, chosen: Any) -> dict[str, Any]:
    """Return one moment: its density at points that are dense around the levels' middles."""
    import torch

    from core.models.flow import dequantise

    L = len(chosen.levels)
    even = np.linspace(0, 1, (FINE // 2 if chosen.noise else FINE) * L + 1)
    close = np.concatenate([[0.0], np.geomspace(1e-9, 0.3 / L, 28)])
    middles = (np.arange(L) + 0.5) / L
    near = (middles[:, None] + np.concatenate([-close[::-1], close])).ravel()
    x = even if chosen.noise else np.unique(np.concatenate([even, near]))
    p = dequantise.log_prob(state, torch.as_tensor(x)).exp().numpy()
    steps = int(state["counts"][0])
    return {
        "step": steps,
        "state": state,
        "x": x,
        "p": p,
        "nll": dequantise.nll(state, chosen),
        "P": np.array(chosen.levels),
    }


def at(run: dict[str, Any], step: int) -> dict[str, Any]:
    """Return the last moment of a run up to a step."""
    return [row for row in run["moments"] if row["step"] <= step][-1]


def hill(name: str, now: dict[str, Any], role: str) -> b.Widget:
    """Return the learned density, and what the data are: spikes, or a step a cell."""
    L = len(now["P"])
    if name == "with":
        edges = np.repeat(np.linspace(0, 1, L + 1), 2)[1:-1]
        data = b.series(b.word("data_cells"), np.repeat(L * now["P"], 2), "real", x=edges)
        scale: dict[str, Any] = {"low": 0.0, "high": 1.15 * float(max(L * now["P"].max(), 4.0))}
        rules = []
    else:
        data = None
        top = float(10 ** np.ceil(np.log10(max(now["p"].max(), 100.0))))
        scale = {"log": True, "low": 0.01, "high": top}
        rules = [{"x": (k + 0.5) / L, "label": ""} for k in range(L)]
    p = np.maximum(now["p"], 0.01) if name == "without" else now["p"]
    return b.chart(
        b.word(f"noise.{name}"),
        [*([data] if data else []), b.series("p(x)", p, role, x=now["x"])],
        x=b.word("grey_axis"),
        rules=rules,
        x_range=(0.0, 1.0),
        width=370,
        height=225,
        **scale,
    )


def curve(runs: dict[str, Any], lowest: float, step: int) -> b.Widget:
    """Return NLL over the steps of both trainings, with the floor that noise gives."""
    lines = [
        b.series(
            b.word(f"noise_short.{name}"),
            [row["nll"] for row in runs[name]["moments"]],
            role,
            x=[row["step"] for row in runs[name]["moments"]],
        )
        for name, _, role in SIDES
    ]
    steps = [row["step"] for row in runs["with"]["moments"]]
    lines.append(b.series(b.word("floor_rule"), [lowest] * len(steps), "real", x=steps))
    return b.chart(
        b.word("nll_both"),
        lines,
        x=b.word("steps"),
        cursor=step,
        width=440,
        height=205,
    )


def facts(now: dict[str, dict], lowest: float) -> list[dict]:
    """Return both NLL, the floor, and how high the density is."""
    return [
        *(b.fact(b.word(f"nll_of.{name}"), f"{now[name]['nll']:.3f} nat") for name, _, _ in SIDES),
        b.fact(b.word("floor_rule"), f"{lowest:.3f} nat"),
        b.fact(b.word("tallest"), f"{now['without']['p'].max():.3g}"),
    ]


def slope_delta(runs: dict[str, Any], given: tuple[int, float, int]) -> float:
    """Return how far log p is from the log of autograd's dy/dx, at both trainings' ends."""
    import torch

    from core.models.flow import dequantise

    worst = 0.0
    for run in runs.values():
        x = torch.linspace(0.02, 0.98, 33, dtype=torch.float64, requires_grad=True)
        state = run["moments"][min(3, len(run["moments"]) - 1)]["state"]
        (slope,) = torch.autograd.grad(dequantise.forward(state, x).sum(), x)
        ours, seen = dequantise.log_prob(state, x).detach(), slope > 1e-6
        worst = max(worst, float((slope.log() - ours)[seen].abs().max()))
    return worst
