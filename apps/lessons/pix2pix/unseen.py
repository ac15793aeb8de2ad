"""View "unseen": syllables never trained on, by nets that saw 114, 256, 1000 or 2000 others."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.pix2pix import models as m
from apps.lessons.pix2pix.inputs import Inputs
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Turn

SIZES = (114, 256, 1000, 2000)
SIDE = 150


def net_of(n: int) -> str:
    """Return the net that was trained on n syllables, by L1 alone."""
    return m.L1 if n == SIZES[-1] else f"{m.MAIN}-{n}"


def unseen(inputs: Inputs) -> Board:
    """Show one syllable by each net, the nearest training type, and the cards' errors."""
    from core.data.hangul import training

    (x,), (y,) = m.pairs(m.check_character(inputs.syllable))
    made = {n: m.translate(net_of(n), x[None])[0] for n in SIZES}
    name, near = nearest(inputs.syllable)
    above = b.row(
        b.grey(b.word("strokes"), x, size=SIDE, role="real"),
        *(b.grey(b.word("trained_on", n=f"{n:,}"), one, size=SIDE) for n, one in made.items()),
        b.grey(b.word("true_type"), y, size=SIDE, role="real"),
        b.grey(b.word("nearest", name=name), near, size=SIDE, role="real"),
        gap="mid",
    )
    known = inputs.syllable in training()
    return {
        "frames": [b.frame(b.column(above, chart(), gap="mid"), b.word("unseen_name"))],
        "facts": [
            b.fact(inputs.syllable, b.word("trained" if known else "held")),
            *(b.fact(f"L1, {n:,}", f"{m.l1(one, y):.3f}") for n, one in made.items()),
            b.fact(b.word("l1_nearest"), f"{m.l1(near, y):.3f}"),
        ],
        "checks": [m.translation_check(net_of(n), x[None], made[n][None]) for n in SIZES],
        "turn": turn(),
        "tables": {"made": {f"{n} syllables": one for n, one in made.items()}},
    }


def chart() -> b.Widget:
    """Return the error of 350 held-out syllables over the number of training syllables."""
    errors = [nets.card_value(net_of(n), "L1") or 0.0 for n in SIZES]
    return b.chart(
        b.word("error_chart"),
        [b.series("L1", errors, "grad", x=SIZES)],
        x=b.word("training_syllables"),
        xlog=True,
        low=0,
        rules=[{"y": nets.card_value(m.L1, "L1 of the source") or 0.0, "label": b.word("bare")}],
        width=560,
        height=230,
    )


@lru_cache(maxsize=64)
def nearest(syllable: str) -> tuple[str, np.ndarray]:
    """Return the training syllable whose type is nearest in L1, but itself, and its type."""
    from core.data.hangul import training

    which = training().replace(syllable, "")
    types = all_types(which)
    at = int(np.abs(types - m.pairs(syllable)[1][0]).mean((1, 2)).argmin())
    return which[at], types[at]


@lru_cache(maxsize=2)
def all_types(which: str) -> np.ndarray:
    """Return the true type of many syllables, (n, 64, 64)."""
    from core.data.hangul import glyphs

    return glyphs().pairs(which)[1][:, 0].numpy()


def turn() -> Turn:
    """Return the exercise: the error's share that is left from the fewest to the most."""
    few, most = (round(nets.card_value(net_of(n), "L1") or 1.0, 4) for n in (SIZES[0], SIZES[-1]))
    ask = b.word("turn_unseen", a=f"{few:.4f}", b=f"{most:.4f}")
    return {"ask": ask, "blanks": [b.blank("%", [round(100 * (1 - most / few))], "grad", "")]}
