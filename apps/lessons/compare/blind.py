"""View "blind": a blind test of real and generated digits."""

from __future__ import annotations

import numpy as np

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board
from core.measure import check
from core.measure.comparison import SEED, Family
from core.measure.intervals import wilson

TRIALS = 40  # pictures of a blind test: half of them real
LEVEL = 0.95


def blind(inputs: Inputs) -> Board:
    """Show a blind test: real digits and those of two families, shuffled by the seed."""
    one, other = (
        m.select_family(n, getattr(inputs, n), m.ready_families()) for n in ("first", "second")
    )
    if one is other:  # two are asked for: the next one in its place
        other = next((family for family in m.ready_families() if family is not one), one)
    seed = inputs.order
    pictures, kinds = trials(one, other, seed)
    groups = [
        b.group("real", b.word("real_digits"), 0, "real"),
        *(b.group(f.card, f.title, 1) for f in (one, other)),
    ]
    options = [b.word("guess_real"), b.word("guess_made")]
    key = f"{one.card} {other.card} {seed}"
    right, of = 14, 20
    low, high = wilson(right, of, LEVEL)
    found = check.score_delta(right, of, LEVEL, (low, high))
    return {
        "frames": [
            b.frame(b.quiz(b.word("blind_ask"), pictures, kinds.tolist(), groups, options, key=key))
        ],
        "facts": [],
        "checks": [b.compared(found, 1e-12)],
        "turn": {
            "ask": b.word("turn_wilson", right=str(right), n=str(of)),
            "blanks": [b.blank(b.word("interval_name"), [low, high], "ink", "interval")],
        },
        "limits": m.limits("first", "second"),
        "inputs": {"second": other.card},
        "tables": {"kinds": ["real", one.card, other.card], "order": kinds},
    }


def trials(one: Family, other: Family, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures (40, 28, 28) in [0, 1] in the order they are shown, and their sources: 0
    real, 1 and 2 the families.
    """
    rng = np.random.default_rng(seed)
    kinds = rng.permutation(np.repeat([0, 1, 2], [TRIALS // 2, TRIALS // 4, TRIALS // 4]))
    sources = [m.real()["images"], m.images(one, SEED), m.images(other, SEED)]
    taken = [iter(rng.permutation(len(source))) for source in sources]
    return np.stack([sources[k][next(taken[k])] for k in kinds]) / 255, kinds
