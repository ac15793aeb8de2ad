"""View "waves": sinusoidal positions; wavelengths, dot product by distance."""

from __future__ import annotations

import numpy as np

from apps.lessons.attention.case import TOLERANCE
from apps.lessons.attention.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board
from core.models.transformer import positions
from core.models.transformer.check import sinusoidal_delta

FINE = 4  # points of a drawn wave a position
EQUAL = 1e-9  # dot products that differ by less are the same


def waves(inputs: Inputs) -> Board:
    """Show a frame for each pair of entries: its wave, and its part of the dot product."""
    d, count = inputs.width, inputs.length
    table = positions.sinusoidal(count, d)
    products = positions.against_distance(positions.dots(table))
    found, long = sinusoidal_delta(table), positions.wavelengths(d)
    same = int((products["high"] - products["low"] < EQUAL).sum())
    frames = [
        b.frame(
            pair_view(i, d, count, products["mean"]),
            b.word("pair_n", n=str(i), last=str(d // 2 - 1)),
            [
                b.fact(b.sub("ω", i), 2 * np.pi / long[i]),
                b.fact(b.word("wavelength"), float(long[i])),
            ],
        )
        for i in range(d // 2)
    ]
    picture = b.heat(
        b.word("positions_of", T=str(count), d=str(d)),
        table.T,
        span=1,
        size=440,
        x=b.word("position_t"),
        y=b.word("entry_of"),
    )
    blanks = [
        b.blank("ω₁", [positions.frequencies(d)[1]], "real", ""),
        b.blank("2π/ω₁", [long[1]], "ink", ""),
    ]
    return {
        "frames": frames,
        "parts": {"picture": picture},
        "facts": [],
        "checks": [
            b.delta_check(found, TOLERANCE),
            b.law(b.word("law_distance"), same, count),
        ],
        # on the first pair's frame: on the next one's both are printed
        "turn": {"ask": b.word("turn_waves", d=str(d)), "frame": 0, "blanks": blanks},
        "tables": {
            "positions": table,
            "wavelengths": long,
            "dot product by distance": products["mean"],
        },
    }


def pair_view(i: int, d: int, count: int, products: np.ndarray) -> b.Widget:
    """Return the picture, the wave of pair i under it, and the dot product built up to pair i."""
    w = float(positions.frequencies(d)[i])
    t = np.linspace(0, count - 1, FINE * (count - 1) + 1)
    pair = b.chart(
        b.word("wave_of", rows=f"{2 * i}, {2 * i + 1}"),
        [
            b.series("sin ω t", np.sin(w * t).round(4), "grad", x=t),
            b.series("cos ω t", np.cos(w * t).round(4), "real", x=t),
        ],
        x=b.word("position_t"),
        low=-1,
        high=1,
        width=470,
        height=150,
    )
    far = np.arange(count)
    upto = np.cos(np.outer(far, positions.frequencies(d)[: i + 1])).sum(axis=1)
    dots = b.chart(
        b.word("dot_by_distance"),
        [
            b.series(b.word("all_pairs"), products, "hidden", x=far),
            b.series(b.word("pairs_upto", n=str(i)), upto, "made", x=far),
        ],
        x=b.word("distance"),
        y=b.word("dot_product"),
        rules=[{"y": d / 2, "label": f"d/2 = {d // 2}"}],
        width=380,
        height=310,
    )
    say = b.text(b.word("say_dot"), size="note")
    left = b.column(b.part("picture"), pair, gap="tight swap")
    return b.row(left, b.column(dots, say, gap="tight"), gap="mid")
