"""View "three": the same particles by Langevin's step, without noise, with too large a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.lessons.ebm.inputs import Inputs
from apps.lessons.ebm.particles import (
    checks,
    count_away,
    descent_law,
    exact_mean,
    field,
    mean,
    settled_mean,
    short_number,
    sigma,
    walk,
)
from apps.stage import board as b
from apps.stage.contract import Board

if TYPE_CHECKING:
    from core.models.ebm.ebm_traces import Moment

SHORT = 40  # steps of the three beside each other
KINDS = ("langevin", "still", "large")
ROLES = ("made", "real", "grad")


def three(inputs: Inputs) -> Board:
    """Show the same particles three times: Langevin's step, no noise, too large a step."""
    name = inputs.mixture
    limit = 4 * sigma(name) ** 2
    steps = [limit * share for share in (inputs.share, inputs.share, inputs.large)]
    runs = [walk(name, e, 1.0, n, inputs.seed) for e, n in zip(steps, (1.0, 0.0, 1.0))]
    low = min(exact_mean(name, 0), *(float(m["energy"].min()) for m in runs[1]))
    curves = [[max(mean(m) - low, 1e-4) for m in run[: SHORT + 1]] for run in runs]
    frames = []
    for t in range(SHORT + 1):
        pictures = b.row(
            *(run_view(name, run, t, kind, e) for run, kind, e in zip(runs, KINDS, steps)),
            gap="mid",
        )
        chart = energy_chart(curves, exact_mean(name, 1) - low, t)
        frames.append(b.frame(b.row(pictures, chart, gap="mid"), b.word("step_n", n=str(t))))
    falls = descent_law(runs[1]) if steps[1] < limit else []
    return {
        "frames": frames,
        "facts": [
            b.fact(b.word("limit"), short_number(limit)),
            b.fact(b.word("exact_above"), short_number(exact_mean(name, 1) - low)),
            b.fact(b.word("settled_above"), short_number(settled_mean(name, steps[0], 1, 1) - low)),
        ],
        "checks": [*checks(name, runs[0]), *falls],
        "turn": {
            "ask": b.word("turn_factor", q=short_number(steps[2] / limit)),
            "frame": 0,
            "blanks": [b.blank("1 − ε/(2σ²)", [1 - 2 * steps[2] / limit], "grad", "factor")],
        },
        "tables": {
            "above_minimum": [["step", *KINDS], *([t, *v] for t, v in enumerate(zip(*curves)))],
            "step": dict(zip(KINDS, steps)),
        },
    }


def run_view(name: str, run: Sequence[Moment], t: int, kind: str, e: float) -> b.Widget:
    """Draw the particles of one run at step t, with its step size and the lost ones under them."""
    text = b.word("step_is", e=short_number(e), lost=count_away(name, run[t]))
    picture = field(name, run, t, 205, b.word(f"kind_{kind}"))
    return b.column(picture, b.text(text, size="small"), gap="tight")


def energy_chart(curves: list[list[float]], exact: float, t: int) -> b.Widget:
    """Return the mean energies over the minimum up to step t, with the exact mean as a rule."""
    return b.chart(
        b.word("above_minimum"),
        [
            b.series(b.word(f"kind_{kind}"), curve[: t + 1], role)
            for curve, kind, role in zip(curves, KINDS, ROLES)
        ],
        x=b.word("steps"),
        log=True,
        low=1e-4,
        high=1e4,
        x_range=(0, SHORT),
        rules=[{"y": exact, "label": b.word("exact_mean")}],
        width=310,
        height=225,
    )
