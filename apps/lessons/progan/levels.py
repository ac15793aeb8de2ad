"""View "levels": the same codes at every level, and a level that is faded in by α."""

from __future__ import annotations

import numpy as np

from apps.lessons.progan import models as m
from apps.lessons.progan.inputs import SIDES, Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn

SHOWN = 10  # codes
STEPS = 10  # of α from 0 to 1
CROWD = 300  # codes whose digit is read at each level
SIZE = 620  # pixels of a row's width


def levels(inputs: Inputs) -> Board:
    """Show ten codes at each level, a mixture of two of them, and how they are read."""
    z = m.codes(SHOWN, inputs.seed)
    rows = [m.decode(z, level) for level in range(m.TOP + 1)]
    alphas = np.linspace(0, 1, STEPS + 1)
    mixed = [m.decode(z, inputs.level, float(alpha)) for alpha in alphas]
    shares = read_alike(inputs.seed)
    parts: dict[str, b.Widget] = {
        f"level{at}": strip(b.word("level_n", side=str(SIDES[at])), images)
        for at, images in enumerate(rows)
    }
    parts["read"] = b.bars(
        b.word("read_alike", n=str(CROWD)),
        [{"label": f"{side}×{side}", "v": 100 * v, "role": "made"}
         for side, v in zip(SIDES, shares)],
        low=0, high=100, digits=0,
    )  # fmt: skip
    ends = int(np.array_equal(mixed[0], rows[inputs.level - 1]))
    ends += int(np.array_equal(mixed[-1], rows[inputs.level]))
    return {
        "frames": [frame(inputs, float(a), one, mixed[0]) for a, one in zip(alphas, mixed)],
        "parts": parts,
        "checks": [
            m.image_check(z[:4], mixed[STEPS // 2][:4], inputs.level, float(alphas[STEPS // 2])),
            b.law(b.word("law_ends"), ends, 2),
        ],
        "turn": turn(),
        "tables": {
            "read": [["side", "share"], *map(list, zip(SIDES, shares))],
            "moved": [["alpha", "mean change"],
                      *([float(a), float(np.abs(one - mixed[0]).mean())]
                        for a, one in zip(alphas, mixed))],
        },
    }  # fmt: skip


def read_alike(seed: int) -> list[float]:
    """Return the share of codes that the classifier reads at each level as at the last."""
    z = m.codes(CROWD, seed)
    read = [nets.read_digits(m.decode(z, level)).argmax(1) for level in range(m.TOP + 1)]
    return [float((one == read[-1]).mean()) for one in read]


def strip(label: b.Label, images: np.ndarray) -> b.Widget:
    """Return a row of digits."""
    return b.grey(label, pictures.strip(images), size=SIZE)


def frame(inputs: Inputs, alpha: float, images: np.ndarray, start: np.ndarray) -> Frame:
    """Return all levels, and the mixture at one α."""
    old, new = SIDES[inputs.level - 1], SIDES[inputs.level]
    label = b.word("mixture", old=str(old), new=str(new), alpha=f"{alpha:.1f}",
                   rest=f"{1 - alpha:.1f}")  # fmt: skip
    rows = [b.part(f"level{at}") for at in range(m.TOP + 1)]
    left = b.column(*rows, strip(label, images), gap="tight")
    facts = [b.fact(b.word("moved"), float(np.abs(images - start).mean()))]
    return b.frame(b.row(left, b.part("read"), gap="mid"), f"α = {alpha:.1f}", facts)


def turn() -> Turn:
    """Return the exercise: products of a convolution at 16x16 and at 32x32."""
    sizes = [(SIDES[at], m.progan().config.channels[at]) for at in (m.TOP - 1, m.TOP)]
    blanks = [b.blank(f"{side}×{side}", [side**2 * maps**2 * 9], "grad", "")
              for side, maps in sizes]  # fmt: skip
    told = {f"{name}{k}": str(v) for k, one in enumerate(sizes) for name, v in zip("sc", one)}
    return {"ask": b.word("turn_levels", **told), "blanks": blanks}
