"""View "balance": three nets of half the width, λ = 0, 100 and ∞, on the same strokes."""

from __future__ import annotations

from apps.lessons.pix2pix import models as m
from apps.lessons.pix2pix.inputs import Inputs
from apps.lessons.pix2pix.rows import rows_of
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Turn

WAYS = {"0": m.ADVERSARIAL, "100": m.HALF, "∞": m.L1}  # λ -> net
FIGURES = ("L1", "SSIM", "read", "grey pixels")
BEST = {"L1": min, "SSIM": max, "read": max}  # which way is better; of grey pixels neither


def balance(inputs: Inputs) -> Board:
    """Show what each λ makes of held-out strokes, and the figures of the nets' cards."""
    which = m.check_character(inputs.syllable) + m.SHOWN.replace(inputs.syllable, "")[:5]
    x, y = m.pairs(which)
    made = {way: m.translate(name, x) for way, name in WAYS.items()}
    rows = {"source": x, **{f"λ = {way}": one for way, one in made.items()}, "target": y}
    view = b.row(rows_of(rows), figures(), gap="mid")
    return {
        "frames": [b.frame(view, b.word("balance_name"))],
        "facts": [
            b.fact(b.word("read_way", w=f"λ = {way}"), m.read(one)) for way, one in made.items()
        ],
        "checks": [m.translation_check(name, x[:1], made[way][:1]) for way, name in WAYS.items()],
        "turn": turn(),
        "tables": {"made": {f"lambda {way}": one[0] for way, one in made.items()}},
    }


def figures() -> b.Widget:
    """Return the cards' figures of 350 held-out syllables, the better ones lit."""
    heads = [
        b.head(b.word("head_way")),
        *(b.head(b.word(f"figure_{name.replace(' ', '_')}")) for name in FIGURES),
    ]
    found = {
        way: [nets.card_value(name, one) or 0.0 for one in FIGURES] for way, name in WAYS.items()
    }
    best = [BEST[n](v[k] for v in found.values()) if n in BEST else None
            for k, n in enumerate(FIGURES)]  # fmt: skip
    rows = [
        [
            b.cell(f"λ = {way}"),
            *(b.cell(f"{v:.3f}", bar=1.0 if v == top else None, role="ok")
              for v, top in zip(values, best)),
        ]
        for way, values in found.items()
    ]  # fmt: skip
    return b.table(b.word("card_figures"), heads, rows)


def turn() -> Turn:
    """Return the exercise: G's loss under λ = 100 from its two parts."""
    ask = b.word("turn_lambda", g="0.90", l1="0.05")
    return {"ask": ask, "blanks": [b.blank("λ = 100", [5.9], "grad", "")]}
