"""View "draw": strokes drawn with a pen, and the type that the net makes of them in two faces."""

from __future__ import annotations

import numpy as np

from apps.lessons.pix2pix import models as m
from apps.lessons.pix2pix.inputs import FACES, SIDE, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn

INKED = 0.4  # from this share of ink on, a pixel of the example is drawn on the pad
CELL = 5  # pixels of a pad's cell


def draw(inputs: Inputs) -> Board:
    """Show the pad, and both faces beside it."""
    strokes = on_pad(inputs)
    made = {face: m.translate(m.MAIN, strokes[None], face)[0] for face in FACES}
    pad = b.cells(
        b.word("pad"), strokes * 2 - 1, (SIDE, SIDE), size=CELL, edit="drawn", role="real",
        brush=2, pen="0" if inputs.tool == "eraser" else "1",
    )  # fmt: skip
    types = [b.grey(b.word(f"face_{face}"), made[face], size=CELL * SIDE) for face in FACES]
    empty = not strokes.any()
    facts = [b.fact(b.word("ink"), f"{int(strokes.sum())} / {SIDE * SIDE}")]
    if empty:
        most = max(float(one.max()) for one in made.values())
        facts.append(b.fact(b.word("blank"), b.word("blank_said", v=f"{most:.2f}")))
    else:
        seen = m.read(np.stack(list(made.values())))
        facts += [b.fact(b.word(f"read_{face}"), one) for face, one in zip(FACES, seen)]
    return {
        "frames": [b.frame(b.row(pad, *types, gap="wide"), b.word("draw_name"), facts)],
        "checks": [m.translation_check(m.MAIN, strokes[None], made[FACES[0]][None])],
        "turn": turn(strokes, made),
        "tables": {"strokes": strokes, **made},
    }


def on_pad(inputs: Inputs) -> np.ndarray:
    """Return what stands on the pad, (64, 64) of 0 and 1: a drawing, else a syllable's strokes."""
    if inputs.drawn is not None:
        return np.array([float(c) for c in inputs.drawn]).reshape(SIDE, SIDE)
    return (m.pairs(m.check_character(inputs.syllable))[0][0] > INKED).astype(float)


def turn(strokes: np.ndarray, made: dict[str, np.ndarray]) -> Turn | None:
    """Return the exercise: how many times as much ink the round face lays as the strokes have."""
    ink = float(strokes.sum())
    if not ink:
        return None
    total = round(float(made["round"].sum()), 1)
    ask = b.word("turn_ink", n=f"{int(ink)}", m=f"{total:.1f}")
    return {"ask": ask, "blanks": [b.blank(b.word("ratio"), [total / ink], "made", "")]}
