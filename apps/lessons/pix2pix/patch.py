"""View "patch": D's map of verdicts, what one of them sees, and the calculator of such fields."""

from __future__ import annotations

import numpy as np

from apps.lessons.pix2pix import models as m
from apps.lessons.pix2pix.inputs import SIDE, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Turn
from core.models.pix2pix import check
from core.models.pix2pix.field import Layer, follow, seen_by

OTHER = "보"  # the type that stands beside strokes of another syllable
STACKS: dict[str, tuple[int, list[int], int, int]] = {  # side, strides, kernel, padding
    "ours": (64, [2, 2, 1, 1], 4, 1),
    "paper": (256, [2, 2, 2, 1, 1], 4, 1),
    "patch16": (256, [2, 1, 1], 4, 1),
    "pixel": (256, [1, 1, 1], 1, 0),
}


def patch(inputs: Inputs) -> Board:
    """Show strokes and type, D's verdicts on them, and a row of convolutions with its field."""
    x, y = pair(inputs)
    logits = m.verdicts(m.MAIN, x[None], y[None], inputs.face)[0]
    p = m.sigmoid(logits)
    row, column = inputs.cell
    box = field_box(row, column)
    pictures = [
        b.raster(b.word(name), one, role=role, span=1, size=250, outlines=[box])
        for name, one, role in (("strokes", x, "real"), (f"beside_{inputs.beside}", y, "made"))
    ]
    judged = b.raster(
        b.word("verdicts"), p, role="ok", span=1, size=250,
        outlines=[b.outline(row, column, role="grad")], press=b.press("cell"),
    )  # fmt: skip
    view = b.column(b.row(*pictures, judged, gap="mid"), calculator(inputs.stack), gap="mid")
    side, strides, kernel, padding = STACKS[inputs.stack]
    return {
        "frames": [b.frame(view, b.word("patch_name"))],
        "facts": [
            b.fact(b.word("this_verdict"), f"{p[row, column]:.2f}"),
            b.fact(b.word("mean_verdict"), f"{p.mean():.2f}"),
        ],
        "checks": [
            m.verdict_check(m.MAIN, x[None], y[None], logits[None], inputs.face),
            field_check(follow(side, strides, kernel, padding), inputs.stack),
        ],
        "turn": turn(follow(side, strides, kernel, padding)),
        "tables": {"verdicts": p, "layers": table_of(inputs.stack)},
    }


def pair(inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """Return the strokes and what stands beside them, (64, 64) each."""
    (x,), (y,) = m.pairs(m.check_character(inputs.syllable), inputs.face)
    if inputs.beside == "made":
        return x, m.translate(m.MAIN, x[None], inputs.face)[0]
    if inputs.beside == "other":
        return x, m.pairs(OTHER, inputs.face)[1][0]
    return (x, np.zeros_like(y)) if inputs.beside == "blank" else (x, y)


def field_box(row: int, column: int):
    """Return the outline of what one verdict sees."""
    layers = follow(*STACKS["ours"])
    top, bottom = seen_by(layers, row, SIDE)
    left, right = seen_by(layers, column, SIDE)
    return b.outline(top, left, bottom - top + 1, right - left + 1, "grad")


def table_of(stack: str) -> list[list[str | int]]:
    """Return the calculator's rows with a heading."""
    side, strides, kernel, padding = STACKS[stack]
    layers = follow(side, strides, kernel, padding)
    head: list[str | int] = ["layer", "kernel", "stride", "size", "field", "jump"]
    return [head, *([i + 1, a.kernel, a.stride, a.size, a.field, a.jump]
                    for i, a in enumerate(layers))]  # fmt: skip


def calculator(stack: str) -> b.Widget:
    """Return a row of convolutions as a table: a column a layer."""
    side, strides, kernel, padding = STACKS[stack]
    layers = follow(side, strides, kernel, padding)
    heads = [b.head(b.word("head_layer")), b.head(b.word("image"))]
    heads += [b.head(b.word("layer_n", n=str(i + 1))) for i in range(len(layers))]
    kinds = [f"{one.kernel}×{one.kernel}, s = {one.stride}" for one in layers]
    rows: list[list[b.Label]] = [
        [b.word("convolution"), "", *kinds],
        [b.word("size"), str(side), *(str(one.size) for one in layers)],
        [b.word("field"), "1", *(str(one.field) for one in layers)],
    ]
    cells = [[b.cell(one) for one in row] for row in rows]
    return b.table(b.word(f"stack_{stack}"), heads, cells, on=[2])


def field_check(layers: list[Layer], stack: str) -> Check:
    """Return the check of the field and the size by the gradient of one verdict."""
    side, strides, kernel, padding = STACKS[stack]
    at = layers[-1].size // 2
    size, first, last = check.field_by_gradient(side, strides, kernel, padding, at)
    ours = (layers[-1].size, *seen_by(layers, at, side))
    off = max(abs(one - other) for one, other in zip(ours, (size, first, last)))
    return b.check(off, "autograd", 0)


def turn(layers: list[Layer]) -> Turn:
    """Return the exercise: size and field behind one more layer of stride 1."""
    last = layers[-1]
    ask = b.word("turn_field", n=str(last.size), r=str(last.field), j=str(last.jump))
    size, field = last.size - 1, last.field + 3 * last.jump
    return {
        "ask": ask,
        "blanks": [
            b.blank(b.word("size"), [size], "made", ""),
            b.blank(b.word("field"), [field], "made", ""),
        ],
    }
