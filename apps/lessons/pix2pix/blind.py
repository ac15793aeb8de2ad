"""View "blind": nets that learn from D alone; one D is shown the strokes, the other is not."""

from __future__ import annotations

import numpy as np

from apps.lessons.pix2pix import models as m
from apps.lessons.pix2pix.inputs import Inputs
from apps.lessons.pix2pix.rows import rows_of
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Turn

WAYS = {"sees": m.ADVERSARIAL, "blind": m.BLIND}
FIGURES = ("L1", "SSIM", "read")


def blind(inputs: Inputs) -> Board:
    """Show what both nets make of held-out strokes, their cards' figures, and D's verdicts."""
    which = m.check_character(inputs.syllable) + m.SHOWN.replace(inputs.syllable, "")[:5]
    x, y = m.pairs(which)
    made = {way: m.translate(name, x) for way, name in WAYS.items()}
    types = np.stack([y[0]] * len(x))  # the first's type beside each one's strokes
    logits = {way: m.verdicts(name, x, types) for way, name in WAYS.items()}
    rows = {"source": x, **{f"row_{way}": one for way, one in made.items()}, "target": y}
    view = b.row(rows_of(rows), figures(), gap="mid")
    gap = float(np.ptp(logits["blind"].mean((1, 2))))
    return {
        "frames": [b.frame(view, b.word("blind_name"))],
        "facts": [b.fact(b.word(f"read_{way}"), m.read(one)) for way, one in made.items()],
        "checks": [
            *(m.translation_check(name, x[:1], made[way][:1]) for way, name in WAYS.items()),
            b.law(b.word("law_blind"), int(gap == 0.0), 1),
        ],
        "turn": turn(),
        "tables": {
            "verdicts": {way: m.sigmoid(one).mean((1, 2)) for way, one in logits.items()},
            "made": {way: one[0] for way, one in made.items()},
        },
    }


def figures() -> b.Widget:
    """Return the cards' figures of 350 held-out syllables."""
    heads = [
        b.head(b.word("head_d")),
        *(b.head(b.word(one)) for one in ("figure_L1", "figure_SSIM", "figure_read")),
    ]
    rows = [
        [b.cell(b.word(f"d_{way}")), *(b.cell(f"{nets.card_value(name, one) or 0.0:.3f}")
                                       for one in FIGURES)]
        for way, name in WAYS.items()
    ]  # fmt: skip
    return b.table(b.word("card_figures"), heads, rows)


def turn() -> Turn:
    """Return the exercise: what a blind D says of right type beside wrong strokes."""
    return {
        "ask": b.word("turn_blind"),
        "choices": [b.word("choice_lower"), b.word("choice_same"), b.word("choice_higher")],
        "answer": 1,
    }
