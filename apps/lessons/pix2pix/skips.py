"""View "skips": a U-Net whose skip connections are cut, one at a time and all."""

from __future__ import annotations

import numpy as np

from apps.lessons.pix2pix import models as m
from apps.lessons.pix2pix.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn

CUTS: tuple[tuple[int, ...], ...] = ((), (0,), (1,), (2,), (3,), (0, 1, 2, 3))
SIZE = 104  # pixels of a picture
MEASURED = 40  # held-out syllables whose error is measured


def skips(inputs: Inputs) -> Board:
    """Show the same strokes through the net, a frame a cut, and the error of each."""
    x, y = m.pairs(m.SHOWN, inputs.face)
    errors = measure(inputs.face)
    made = [m.translate(m.MAIN, x, inputs.face, cut) for cut in CUTS]
    parts: dict[str, b.Widget] = {}
    for kind, images, role in (("source", x, "real"), ("target", y, "real")):
        parts |= {
            f"{kind}{k}": b.grey("", one, size=SIZE, role=role) for k, one in enumerate(images)
        }
    return {
        "frames": [frame(k, made[k], errors) for k in range(len(CUTS))],
        "parts": parts,
        "facts": [b.fact(b.word("l1_of_source"), f"{m.l1(*held_out_pairs(inputs.face)):.3f}")],
        "checks": [
            m.translation_check(m.MAIN, x[:1], made[k][:1], inputs.face, CUTS[k])
            for k in (0, len(CUTS) - 1)
        ],
        "turn": turn(errors),
        "tables": {
            "errors": [["cut", "L1"], *([cut_name(c), e] for c, e in zip(CUTS, errors))],
            "made": {cut_name(c): one[0] for c, one in zip(CUTS, made)},
        },
    }


def held_out_pairs(face: str) -> tuple[np.ndarray, np.ndarray]:
    """Return strokes and type of every so-many-th held-out syllable, 40 of them."""
    from core.data.hangul import held_out_syllables

    which = held_out_syllables()
    return m.pairs(which[:: len(which) // MEASURED][:MEASURED], face)


def measure(face: str) -> list[float]:
    """Return the L1 of each cut's translations of held-out syllables to the true type."""
    x, y = held_out_pairs(face)
    return [m.l1(m.translate(m.MAIN, x, face, cut), y) for cut in CUTS]


def cut_name(cut: tuple[int, ...]) -> str:
    """Return which levels are cut, by their pixels."""
    return ", ".join(str(m.SKIPS[k]) for k in cut) or "-"


def cut_word(cut: tuple[int, ...]) -> b.Label:
    """Return a frame's name."""
    if len(cut) > 1:
        return b.word("cut_all")
    return b.word("cut_one", n=str(m.SKIPS[cut[0]])) if cut else b.word("cut_none")


def frame(k: int, made: np.ndarray, errors: list[float]) -> Frame:
    """Return one cut: strokes, what is made, true type, and the errors of all cuts."""
    n = len(made)
    rows = [
        under_name("row_source", "real", [b.part(f"source{i}") for i in range(n)]),
        under_name("row_made", "made", [b.grey("", one, size=SIZE) for one in made]),
        under_name("row_target", "real", [b.part(f"target{i}") for i in range(n)]),
    ]
    items = [
        {"label": cut_word(cut), "v": e, "role": "grad" if i == k else "ink"}
        for i, (cut, e) in enumerate(zip(CUTS, errors))
    ]
    chart = b.bars(b.word("l1_bars", n=str(MEASURED)), items, low=0, high=max(errors), digits=3)
    view = b.row(b.column(*rows, gap="tight"), chart, gap="mid")
    return b.frame(view, cut_word(CUTS[k]), [b.fact("L1", f"{errors[k]:.3f}")])


def under_name(key: str, role: str, pictures: list[b.Widget]) -> b.Widget:
    """Return a row of pictures under its name."""
    label = b.text(b.word(key), role, "small")  # pyright: ignore[reportArgumentType]
    return b.column(label, b.row(*pictures), gap="tight")


def turn(errors: list[float]) -> Turn:
    """Return the exercise: by how much the error grows where the most missed skip is cut."""
    singles = errors[1:-1]
    worst = int(np.argmax(singles))
    whole, cut = round(errors[0], 3), round(singles[worst], 3)
    ask = b.word("turn_skip", n=str(m.SKIPS[worst]), a=f"{whole:.3f}", b=f"{cut:.3f}")
    return {"ask": ask, "blanks": [b.blank("%", [round(100 * (cut / whole - 1))], "grad", "")]}
