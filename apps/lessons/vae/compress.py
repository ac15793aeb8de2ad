"""View "compress": a picture sent as a code of few bits."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.shared import pictures
from apps.lessons.shared.pictures import PIXELS
from apps.lessons.vae.autoencoders import NAMES, codes, decode, encode
from apps.lessons.vae.inputs import MOST_BITS, Inputs
from apps.lessons.vae.reconstruction import (
    ROLES,
    net_checks,
    present_nets,
    side_by_side,
    squared_error,
)
from apps.stage import board as b
from apps.stage.contract import Board
from core.models.vae import latent

LEVEL_BITS = 8  # of a pixel of the original
SENT = 20 * 4  # bits of the code that "your turn" asks about


def compress(inputs: Inputs) -> Board:
    """Show a picture decoded from few bits by each net, and the error by bits."""
    image = pictures.select(inputs.drawn, inputs.digit, inputs.letter)
    there = present_nets()
    mu = {name: encode(name, image[None])[0] for name in there}  # (1, latent)
    sent = {name: latent.quantise(z, inputs.bits, *reach(name)) for name, z in mu.items()}
    sizes = {
        name: b.text(b.word("bits_are", n=str(z.size * inputs.bits), d=str(z.size)), size="small")
        for name, z in sent.items()
    }
    again = {name: decode(name, z)[0] for name, z in sent.items()}
    pad = pictures.pad(image, b.word("original"), 5)
    first = b.row(pad, b.text("→"), *side_by_side(again, image, sizes), gap="mid")
    curves = {name: error_by_bits(name) for name in there}
    lines = [
        b.series(NAMES[name], [e for _, e in rows], ROLES[name], x=[size for size, _ in rows])
        for name, rows in curves.items()
    ]
    chart = b.chart(
        b.word("bits_curve"),
        lines,
        x=b.word("bits_axis"),
        y=b.word("bits_error_axis"),
        xlog=True,
        low=0,
        width=640,
        height=200,
    )
    whole = PIXELS * LEVEL_BITS
    return {
        "frames": [b.frame(b.column(first, chart, gap="mid"))],
        "facts": [b.fact(b.word("original_bits"), f"{PIXELS} × {LEVEL_BITS} = {whole}")],
        "checks": net_checks(image, mu, sent, again),
        "turn": {
            "ask": b.word("turn_bits"),
            "blanks": [b.blank(b.word("ratio"), [whole / SENT], "made", "ratio")],
        },
        "tables": {name: [("bits", "error"), *rows] for name, rows in curves.items()},
    }


@lru_cache(maxsize=8)
def reach(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and largest code of the 100 digits, each (latent,)."""
    return codes(name).min(0), codes(name).max(0)


@lru_cache(maxsize=8)
def error_by_bits(name: str) -> tuple[tuple[int, float], ...]:
    """Return (bits a picture, mean squared error over the 100 digits) for 1 to 8 bits a number."""
    z, clean = codes(name), pictures.digits()[0]
    out = []
    for bits in range(1, MOST_BITS + 1):
        again = decode(name, latent.quantise(z, bits, *reach(name)))
        out.append((bits * z.shape[1], squared_error(again, clean)))
    return tuple(out)
