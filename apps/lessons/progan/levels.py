"""View "levels": the same codes at every level, and a level that is faded in by α."""

from __future__ import annotations

import numpy as np

from apps.lessons.progan import models as m
from apps.lessons.progan.inputs import SIDES, Inputs
from apps.lessons.progan.reduced import reduce
from apps.lessons.shared import pictures
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn

SHOWN = 10  # codes
STEPS = 10  # of α from 0 to 1
CROWD = 100  # codes whose pictures at two sizes are matched
SIZE = 560  # pixels of a row's width


def levels(inputs: Inputs) -> Board:
    """Show ten codes at each level, a mixture of two of them, and how alike the levels are."""
    z = m.codes(SHOWN, inputs.seed)
    rows = [m.decode(z, level) for level in m.LEVELS]
    alphas = np.linspace(0, 1, STEPS + 1)
    mixed = [m.decode(z, inputs.level, float(alpha)) for alpha in alphas]
    matched = own_matches(inputs.seed)
    parts: dict[str, b.Widget] = {
        f"level{at}": strip(b.word("level_n", side=str(SIDES[at])), images)
        for at, images in enumerate(rows)
    }
    parts["matched"] = b.bars(
        b.word("own_matches", n=str(CROWD)),
        [
            {"label": f"{side}×{side}", "v": count, "role": "made"}
            for side, count in zip(SIDES, matched)
        ],
        low=0,
        high=CROWD,
        digits=0,
    )
    ends = int(np.array_equal(mixed[0], rows[inputs.level - 1]))
    ends += int(np.array_equal(mixed[-1], rows[inputs.level]))
    half = STEPS // 2
    return {
        "frames": [frame(inputs, float(a), one, mixed[0]) for a, one in zip(alphas, mixed)],
        "parts": parts,
        "checks": [
            m.image_check(z[:4], mixed[half][:4], inputs.level, float(alphas[half])),
            b.law(b.word("law_ends"), ends, 2),
        ],
        "turn": turn(),
        "tables": {
            "matched": [["side", "codes"], *map(list, zip(SIDES, matched))],
            "moved": [
                ["alpha", "mean change"],
                *([float(a), float(np.abs(x - mixed[0]).mean())] for a, x in zip(alphas, mixed)),
            ],
        },
    }


def own_matches(seed: int) -> list[int]:
    """Return how many of 100 codes are more alike to their own last picture than to any other's.

    A level's picture is compared with the last ones at its own size, by the correlation of their
    pixels; a picture of no code's own would find its own once in 100.
    """
    z = m.codes(CROWD, seed)
    found = []
    for level, side in enumerate(SIDES):
        here = m.framed(z, level).reshape(CROWD, -1)
        last = reduce(m.framed(z), side).reshape(CROWD, -1)
        alike = np.corrcoef(here, last)[:CROWD, CROWD:]
        found.append(int((alike.argmax(1) == np.arange(CROWD)).sum()))
    return found


def strip(label: b.Label, images: np.ndarray) -> b.Widget:
    """Return a row of digits."""
    return b.grey(label, pictures.strip(images), size=SIZE)


def frame(inputs: Inputs, alpha: float, images: np.ndarray, start: np.ndarray) -> Frame:
    """Return all levels, and the mixture at one α."""
    old, new = SIDES[inputs.level - 1], SIDES[inputs.level]
    label = b.word(
        "mixture", old=str(old), new=str(new), alpha=f"{alpha:.1f}", rest=f"{1 - alpha:.1f}"
    )
    rows = [b.part(f"level{at}") for at in m.LEVELS]
    left = b.column(*rows, strip(label, images), gap="tight")
    facts = [b.fact(b.word("moved"), float(np.abs(images - start).mean()))]
    return b.frame(b.row(left, b.part("matched"), gap="mid"), f"α = {alpha:.1f}", facts)


def turn() -> Turn:
    """Return the exercise: products of a convolution at 16x16 and at 32x32."""
    channels = m.progan().config.channels
    sizes = [(SIDES[at], channels[at]) for at in (m.TOP - 1, m.TOP)]
    blanks = [
        b.blank(f"{side}×{side}", [side**2 * maps**2 * 9], "grad", "") for side, maps in sizes
    ]
    told = {f"{name}{k}": str(v) for k, one in enumerate(sizes) for name, v in zip("sc", one)}
    return {"ask": b.word("turn_levels", **told), "blanks": blanks}
