"""View "transposed": a transposed convolution part by part, and the checkerboard that it paints."""

from __future__ import annotations

import numpy as np

from apps.lessons.cnn.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.cnn import check
from core.models.cnn.transposed import Spread, overlaps, spread

SIDE = 4  # inputs a side
CELL, TOLERANCE = 40, 1e-12


def transposed(inputs: Inputs) -> Board:
    """Show each input's copy of the kernel added to the output, and how many fall on each place."""
    image, kernel = pictures_of(inputs)
    s = inputs.step
    trace = spread(image, kernel, s)
    side = overlaps(SIDE, inputs.kernel_side, s)
    inner = sorted(set(side["inner"].tolist()))
    return {
        "frames": [frame(image, kernel, trace, s, n) for n in range(SIDE**2 + 1)],
        "facts": [
            b.fact(b.word("out_size"), f"{trace['shape'][0]} × {trace['shape'][1]}"),
            b.fact(b.word("inner_counts"), ", ".join(map(str, inner)) or "—"),
            b.fact(b.word("even"), b.word("yes" if side["even"] else "no")),
        ],
        "checks": [
            b.delta_check(check.spread_delta(image, kernel, trace, s), TOLERANCE),
            b.delta_check(check.overlaps_delta(SIDE, inputs.kernel_side, s, side), 0),
        ],
        "turn": turn(inputs),
        "tables": {"image": image, "kernel": kernel, "out": trace["out"],
                   "overlap": trace["overlap"]},
    }  # fmt: skip


def pictures_of(inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs (4, 4), all 1 or random, and the kernel of equal weights."""
    k = inputs.kernel_side
    image = np.ones((SIDE, SIDE))
    if not inputs.even:
        image = np.random.default_rng(inputs.seed).integers(1, 10, (SIDE, SIDE)).astype(float)
    return image, np.ones((k, k))


def frame(image: np.ndarray, kernel: np.ndarray, trace: Spread, s: int, n: int) -> Frame:
    """Return the output after n inputs; after all of them the counts too."""
    k = len(kernel)
    out, count = np.zeros(trace["shape"]), np.zeros(trace["shape"])
    for m in range(n):
        i, j = divmod(m, SIDE)
        at = slice(i * s, i * s + k), slice(j * s, j * s + k)
        out[at] += trace["parts"][i, j]
        count[at] += 1
    i, j = divmod(max(n - 1, 0), SIDE)
    now = [b.outline(i * s, j * s, k, k, "made")] if 0 < n < SIDE**2 else []
    done = np.where(np.arange(SIDE**2).reshape(SIDE, SIDE) < n, image, 0.0)
    given = b.raster(
        b.word("inputs_name"),
        image,
        role="real",
        span=float(image.max()),
        digits=0,
        size=CELL * SIDE,
        outlines=[b.outline(i, j, role="made")] if 0 < n < SIDE**2 else [],
        press=b.press(frame=1, each=True),
    )
    used = b.text(
        b.word("inputs_so_far", n=str(int((done > 0).sum())), of=str(SIDE**2)), size="small"
    )
    result = b.raster(
        b.word("out_name"),
        out,
        role="made",
        span=float(trace["out"].max()),
        digits=0,
        size=min(26 * len(out), 380),
        outlines=now,
        key="out",
    )
    stamp = b.raster(b.word("kernel_name"), kernel, role="hidden", span=2.0, digits=0, size=30 * k)
    left = b.column(given, used, stamp, gap="tight")
    shades = b.raster(b.word("from_afar"), count, role="made", size=300)
    view = b.row(left, b.text("→"), result, shades, gap="wide")
    name = b.word("added_n", n=str(n))
    return b.frame(view, name)


def turn(inputs: Inputs) -> Turn:
    """Return the exercise: the output's side, and the most inputs that reach one place."""
    trace = overlaps(SIDE, inputs.kernel_side, inputs.step)
    counts = trace["counts"]
    ask = b.word("turn_transposed", n=str(SIDE), side=str(inputs.kernel_side), s=str(inputs.step))
    return {
        "ask": ask,
        "frame": 0,
        "blanks": [
            b.blank(b.word("out_side"), [len(counts)], "made", ""),
            b.blank(b.word("most_counts"), [int(counts.max())], "made", "out"),
        ],
    }
