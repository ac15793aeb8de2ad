"""View "blind": a D that is shown the strokes and one that is not, on right and wrong pairs."""

from __future__ import annotations

import numpy as np

from apps.lessons.pix2pix import models as m
from apps.lessons.pix2pix.inputs import Inputs
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Turn

WAYS = {"sees": m.HALF, "blind": m.BLIND}
SIZE = 128


def blind(inputs: Inputs) -> Board:
    """Show one sheet of type beside its own strokes and beside others', with both verdicts."""
    which = m.checked(inputs.syllable) + m.SHOWN.replace(inputs.syllable, "")[:2]
    x, y = m.pairs(which)
    strokes = np.stack([x[0], x[1], x[2]])
    types = np.stack([y[0]] * 3)  # the first's type beside each one's strokes
    logits = {way: m.verdicts(name, strokes, types) for way, name in WAYS.items()}
    columns = []
    for k in range(3):
        label = b.word("right_pair" if k == 0 else "wrong_pair")
        columns.append(
            b.column(
                b.text(label, "ok" if k == 0 else "grad", "small"),
                b.grey("", strokes[k], size=SIZE, role="real"),
                b.grey("", types[k], size=SIZE, role="real"),
                gap="tight",
            )
        )
    heads = [b.head(""), *(b.head(b.word("right_pair" if k == 0 else "wrong_pair"))
                           for k in range(3)), b.head(b.word("ranking"))]  # fmt: skip
    rows = []
    for way, name in WAYS.items():
        found = [float(m.sigmoid(one).mean()) for one in logits[way]]
        rank = nets.card_value(name, "D's ranking of mismatches") or 0.0
        rows.append([b.cell(b.word(f"d_{way}")),
                     *(b.cell(f"{p:.2f}", bar=p, role="ok") for p in found),
                     b.cell(f"{rank:.3f}")])  # fmt: skip
    view = b.column(b.row(*columns, gap="wide"), b.table("", heads, rows), gap="mid")
    gap = float(np.ptp(logits["blind"].mean((1, 2))))
    return {
        "frames": [b.frame(view, b.word("blind_name"))],
        "facts": [
            b.fact(b.word(f"l1_{way}"), f"{nets.card_value(name, 'L1') or 0.0:.4f}")
            for way, name in WAYS.items()
        ],
        "checks": [
            *(m.verdict_check(name, strokes, types, logits[way]) for way, name in WAYS.items()),
            b.law(b.word("law_blind"), int(gap == 0.0), 1),
        ],
        "turn": turn(),
        "tables": {"verdicts": {way: m.sigmoid(one).mean((1, 2)) for way, one in logits.items()}},
    }


def turn() -> Turn:
    """Return the exercise: what a blind D says of right type beside wrong strokes."""
    return {
        "ask": b.word("turn_blind"),
        "choices": [b.word("choice_lower"), b.word("choice_same"), b.word("choice_higher")],
        "answer": 1,
    }
