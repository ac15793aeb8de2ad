"""View "pixel": one pixel's conditional, what it is told, and what each pixel costs in bits."""

from __future__ import annotations

import numpy as np

from apps.lessons.pixelcnn import models as m
from apps.lessons.pixelcnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Law, Turn
from apps.stage.numbers import format_number
from core.models.pixelcnn import check

FLIPPED = 24  # later pixels that are flipped one at a time, for the law
SEEN = 0.3  # shade of paper that is seen; what is not seen stays blank
MOST_BITS = 4.0  # of the map's full colour


def pixel(inputs: Inputs) -> Board:
    """Show a picture, what the chosen pixel is told of it, and the map of what pixels cost."""
    import torch

    image, (row, column) = inputs.picture, m.place(inputs.pixel)
    net, x = m.model(), m.batch(inputs.picture)
    with torch.no_grad():
        logits = net(x)[0, 0].double().numpy()
        nats = -net.pixel_log_prob(x)[0, 0].double().numpy()
    seen = net.seen(row, column).numpy()
    logit, own = float(logits[row, column]), int(image[row, column])
    p = float(1 / (1 + np.exp(-logit)))
    bits = float(nats[row, column] / m.LN2)
    at = inputs.pixel
    grids = b.row(
        m.grid(m.source_name(inputs), image, 8, edit="drawn"),
        m.grid(b.word("told_pixels", n=str(int(seen.sum()))), shades(image, seen), 8, flip=at),
        m.grid(
            b.word("bits_map"), np.clip(nats / m.LN2 / MOST_BITS, 0, 1), 8, "grad", pick="pixel",
            flip=at,
        ),
        gap="wide",
    )  # fmt: skip
    place = {"row": str(row + 1), "column": str(column + 1)}
    lines = b.lines(
        b.word("pixel_at", **place),
        [
            ["P(x = 1) = σ(", b.num(round(logit, 4)), ") = ", b.num(p, "made")],
            [b.word("costs_bits", own=str(own)), b.num(bits, "grad"), " bit"],
        ],
        key="bits",
    )
    total = float(nats.sum())
    return {
        "frames": [b.frame(b.column(grids, lines, gap="mid"))],
        "facts": [
            b.fact("−log p(x)", f"{total:.2f} nat"),
            b.fact(b.word("in_bits"), f"{total / m.LN2:.1f}"),
            b.fact(b.word("bits_per_pixel"), f"{m.bits_per_pixel(total):.4f}"),
        ],
        "checks": [
            b.delta_check(check.log_prob_delta(net, x.numpy(), [-total]), m.SINGLE),
            later_law(inputs, x, float(logits[row, column])),
        ],
        "values": {"drawn": bits_text(image)},
        "turn": turn(p, own),
        "tables": {"image": image, "p": 1 / (1 + np.exp(-logits)), "nats": nats, "seen": seen},
    }


def shades(image: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return shades of what a pixel is told: ink dark, paper light, the rest blank."""
    return np.where(seen, np.where(image > 0, 1.0, SEEN), 0.0)


def bits_text(image: np.ndarray) -> str:
    """Return a picture of 0 and 1 as the page draws it."""
    return "".join("1" if v > 0 else "0" for v in image.ravel())


def later_law(inputs: Inputs, x, logit: float) -> Law:
    """Return the law that no flip of the pixel or a later one changes its logit, bit for bit."""
    import torch

    left = range(inputs.pixel, m.PIXELS)
    some = sorted({left[int(k)] for k in np.linspace(0, len(left) - 1, FLIPPED)})
    others = x.repeat(len(some), 1, 1, 1)  # (n, 1, 28, 28)
    for k, at in enumerate(some):
        others[k].view(-1)[at] = 1 - others[k].view(-1)[at]
    row, column = m.place(inputs.pixel)
    with torch.no_grad():
        found = m.model()(torch.cat([x, others]))[:, 0, row, column]
    return b.law(b.word("law_later"), int((found[1:] == found[0]).sum()), len(some))


def turn(p: float, own: int) -> Turn:
    """Return the exercise: what the chosen pixel costs in bits, from its probability."""
    shown = round(p, 4)
    share = shown if own else 1 - shown
    ask = b.word("turn_bits", p=format_number(p, 4), own=str(own))
    value = -np.log2(share) if share > 0 else 0.0
    return {"ask": ask, "blanks": [b.blank("−log₂ P", [float(value)], "grad", "bits")]}
