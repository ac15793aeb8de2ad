"""View "toy": a stroke with several right places, and the picture that each loss asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.pix2pix.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Turn
from core.models.pix2pix import by_hand, check

if TYPE_CHECKING:
    from core.models.pix2pix.by_hand import Toy

WIDE = 3  # pixels of the stroke
GUESSES = ("mean", "median", "mode")
LOSSES = ("L2", "L1", "D")  # by guess: the loss that asks for it
ROW = 620  # pixels of a row's width


def toy(inputs: Inputs) -> Board:
    """Show the right answers, and what L2, L1 and an adversary ask for."""
    found = compute(inputs)
    answers = [
        b.raster(f"{b.sub('y', k + 1)},  p = {p:.2f}", [y], role="real", span=1, size=ROW)
        for k, (y, p) in enumerate(zip(found.answers, found.odds))
    ]
    asked = [
        b.raster(b.word(f"guess_{name}"), [row], role="made", span=1, size=ROW,
                 digits=decimals(row))
        for name, row in zip(GUESSES, (found.mean, found.median, found.mode))
    ]  # fmt: skip
    above = b.row(
        b.column(b.text(b.word("answers"), "real", "small"), *answers, gap="tight"),
        b.column(b.text(b.word("asked_for"), "made", "small"), *asked, gap="tight"),
        gap="wide",
    )
    best = float(found.verdicts.max())
    return {
        "frames": [b.frame(b.column(above, losses(found), gap="wide"), b.word("toy_name"))],
        "facts": [b.fact(b.word("best_d"), best)],
        "checks": checks(found),
        "turn": turn(found),
        "tables": {
            "losses": [["loss", *GUESSES], *([n, *row] for n, row in zip(("L1", "L2", "D"),
                                                                         found.losses.tolist()))],
            "answers": found.answers, "mean": found.mean, "median": found.median,
            "mode": found.mode,
        },
    }  # fmt: skip


def decimals(row: np.ndarray) -> int:
    """Return how many decimals a row takes, at most 2: a phone has room for one."""
    return next((n for n in (0, 1) if np.allclose(row, row.round(n))), 2)


def compute(inputs: Inputs) -> Toy:
    """Return the toy of a scene: the first place has the probability, the others share the rest."""
    n = inputs.answers
    places = [1 + k * inputs.shift for k in range(n)]
    odds = [inputs.odds, *[(1 - inputs.odds) / (n - 1)] * (n - 1)]
    return by_hand.toy(by_hand.strokes(places, WIDE), odds)


def losses(found: Toy) -> b.Widget:
    """Return the table of all losses, the least of each lit by a bar."""
    heads = [
        b.head(b.word("head_guess")),
        *(b.head(b.word(f"loss_{n}")) for n in ("L1", "L2", "D")),
    ]
    rows = []
    for k, name in enumerate(GUESSES):
        cells = [b.cell(b.word(f"head_{name}"))]
        for row in found.losses:
            value = float(row[k])
            least = np.isfinite(value) and value <= row.min() + 1e-12
            cells.append(b.cell(loss_text(value), bar=1.0 if least else None, role="ok"))
        rows.append(cells)
    return b.table("", heads, rows)


def loss_text(value: float) -> str:
    """Return a loss as it is printed."""
    return f"{value:.3f}" if np.isfinite(value) else "∞"


def checks(found: Toy) -> list[Check]:
    """Return the checks: no picture tried has a smaller L1 or L2."""
    l1 = check.best_by_trying(found.answers, found.odds, 1)
    l2 = check.best_by_trying(found.answers, found.odds, 2)
    return [
        b.check(abs(float(found.losses[0, 1]) - l1), "1001 levels, L1", 1e-9),
        b.check(abs(float(found.losses[1, 0]) - l2), "1001 levels, L2", 1e-5),
    ]


def turn(found: Toy) -> Turn:
    """Return the exercise: the second answer as a guess, its expected L1 and its verdict."""
    guess, p = found.answers[1], float(found.odds[1])
    l1 = float(found.odds @ np.abs(found.answers - guess).sum(1))
    return {
        "ask": b.word("turn_toy", p=f"{p:.2f}", n=str(len(found.odds))),
        "blanks": [
            b.blank("E Σ|y − c|", [l1], "grad", ""),
            b.blank("D(y₂)", [float(found.verdicts[1])], "hidden", ""),
        ],
    }
