"""The energies of chains over their steps, as a chart."""

from __future__ import annotations

import numpy as np

from apps.lessons.ebm import chains as c
from apps.stage import board as b

FOOT = 0.15  # share of the first fall of E that the curve shows


def energy_text(value: float) -> str:
    """Return an energy with a real minus."""
    return f"{value:.3f}".replace("-", "−")


def energy_chart(
    curves: list[b.Series], t: int, steps: int, trace: np.ndarray, width: int, height: int
) -> b.Widget:
    """Return the energies so far, with the mean of test digits as a rule.

    The fall out of the noise is so deep that the rest would be a flat line: of it only the foot is
    drawn, and the caption says where it began.
    """
    usual, first = c.usual_energy(), float(trace[0].mean())
    top = max(usual + FOOT * (first - usual), float(trace[-1].max()))
    seen = [
        {**one, "y": [v if v is not None and v <= top else None for v in one["y"]]}
        for one in curves
    ]
    return b.chart(
        b.word("trace", e=energy_text(first)),
        seen,
        x=b.word("steps"),
        cursor=t,
        x_range=(0, steps),
        low=float(min(trace.min(), usual)),
        high=top,
        rules=[{"y": usual, "label": b.word("usual")}],
        width=width,
        height=height,
    )
