"""View "truncated": numbers of a normal distribution cut off at ±ψ, redrawn beside scaled."""

from __future__ import annotations

import math

import numpy as np

from apps.lessons.biggan.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.biggan import by_hand, check
from core.models.biggan.by_hand import TruncatedTrace, variance

COUNTS = (10, 100, 1_000, 10_000, 100_000)
LISTED = 8  # first draws in the table
BINS = 60
REACH = 2.5  # of the chart, in multiples of ψ


def truncated(inputs: Inputs) -> Board:
    """Show more and more draws, both ways of making them small, and their variances."""
    psi = inputs.psi
    trace = by_hand.draw_truncated(COUNTS[-1], psi, inputs.seed)
    exact = variance(psi)
    inside = int((np.abs(trace["values"]) <= psi).sum())
    return {
        "frames": [frame(n, psi, trace) for n in COUNTS],
        "facts": [
            b.fact(b.word("var_formula"), exact),
            b.fact("ψ²", psi**2),
        ],
        "checks": [
            b.delta_check(check.variance_delta(psi, exact), 1e-8),
            b.law(b.word("law_inside"), inside, COUNTS[-1]),
        ],
        "turn": turn(),
        "tables": {
            "draws": [["z", "redrawn", "value", "scaled"],
                      *zip(*(trace[k][:100].tolist()
                             for k in ("first", "redrawn", "values", "scaled")))],
            "variance": [["n", "redrawn", "scaled"],
                         *([n, float(trace["values"][:n].var()), float(trace["scaled"][:n].var())]
                           for n in COUNTS)],
        },
    }  # fmt: skip


def frame(n: int, psi: float, trace: TruncatedTrace) -> Frame:
    """Return the first draws as a table, and the shares of all n in a chart."""
    values, scaled = trace["values"][:n], trace["scaled"][:n]
    facts = [
        b.fact(b.word("var_redrawn"), float(values.var())),
        b.fact(b.word("var_scaled"), float(scaled.var())),
        b.fact(b.word("beyond"), f"{100 * float((np.abs(scaled) > psi).mean()):.1f} %"),
        b.fact(b.word("tries_each"), f"{1 + float(trace['redrawn'][:n].mean()):.2f}"),
    ]
    view = b.row(draws_table(trace), chart(psi, values, scaled), gap="mid")
    return b.frame(view, b.word("draws_n", n=f"{n:,}"), facts)


def draws_table(trace: TruncatedTrace) -> b.Widget:
    """Return the first draws: z, how often it was drawn anew, and what both ways make of it."""
    heads = [b.head("z"), *(b.head(b.word(f"head_{k}")) for k in ("redrawn", "value", "scaled"))]
    rows = [
        [b.cell(number(z)), b.cell(str(again) if again else "·"), b.cell(number(v)),
         b.cell(number(s))]
        for z, again, v, s in zip(*(trace[k][:LISTED].tolist()
                                    for k in ("first", "redrawn", "values", "scaled")))
    ]  # fmt: skip
    return b.table(b.word("first_draws"), heads, rows)


def number(value: float) -> str:
    """Return a number as the table prints it."""
    return f"{value:.3f}".replace("-", "−")


def chart(psi: float, values: np.ndarray, scaled: np.ndarray) -> b.Widget:
    """Return how often numbers fall where, both ways, and the density that redrawing has."""
    reach = REACH * psi
    edges = np.linspace(-reach, reach, BINS + 1)
    x = np.repeat(edges, 2)[1:-1]
    drawn = [
        b.series(b.word(name), np.repeat(share(z, edges), 2), role, x=x)
        for name, z, role in (("way_redrawn", values, "made"), ("way_scaled", scaled, "hidden"))
    ]
    grid = np.linspace(-psi, psi, 81)
    density = np.exp(-(grid**2) / 2) / math.sqrt(2 * math.pi) / math.erf(psi / math.sqrt(2))
    drawn.append(b.series(b.word("density"), density, "ink", x=grid, dash=True))
    rules = [{"x": -psi, "label": "−ψ"}, {"x": psi, "label": "ψ"}]
    return b.chart(
        b.word("densities"), drawn, x="z", low=0, rules=rules, x_range=(-reach, reach), width=520,
        height=330,
    )  # fmt: skip


def share(z: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return how many numbers a unit of length each bin holds, as a share of all."""
    return np.histogram(z, edges)[0] / len(z) / (edges[1] - edges[0])


def turn() -> Turn:
    """Return the exercise: both variances at ψ = 1, from φ(1) and Φ(1)."""
    phi, below = 0.2420, 0.8413
    blanks = [
        b.blank(b.word("way_redrawn"), [1 - 2 * phi / (2 * below - 1)], "made", ""),
        b.blank(b.word("way_scaled"), [1.0], "hidden", ""),
    ]
    return {"ask": b.word("turn_truncated", phi=f"{phi:.4f}", below=f"{below:.4f}"),
            "blanks": blanks}  # fmt: skip
