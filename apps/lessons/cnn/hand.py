"""View "hand": one convolution of a small picture, window by window."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.cnn.inputs import SMALL, Inputs
from apps.lessons.cnn.kernels import kernel_of, small_picture
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from apps.stage.numbers import places
from core.models.cnn import check
from core.models.cnn.convolution import Convolution, convolve

TOLERANCE = 1e-12
CELL = 26  # pixels of an input's square


def hand(inputs: Inputs) -> Board:
    """Show the kernel at each of its places: the window, the products, their sum."""
    image, changes = small_picture(inputs)
    kernel = kernel_of(inputs)
    sizes = (inputs.stride, inputs.padding, inputs.dilation)
    trace = convolve(image, kernel, *sizes, flip=inputs.flip)
    h, w = trace["shape"]
    turned = kernel[::-1, ::-1] if inputs.flip else kernel
    deltas = [
        check.convolve_delta(image, turned, trace, *sizes),
        check.correlate_delta(image, kernel, trace, *sizes, inputs.flip),
    ]
    asked = int(np.abs(trace["out"]).argmax())
    return {
        "frames": [frame(trace, kernel, turned, inputs, k) for k in range(h * w)],
        "facts": [b.fact(b.word("out_size"), f"{h} × {w}")],
        "checks": [b.delta_check(delta, TOLERANCE) for delta in deltas],
        "values": {"kernel": kernel.tolist()},
        "inputs": changes,
        "turn": turn(trace, asked),
        "tables": {"image": image, "kernel": kernel, "out": trace["out"]},
    }


def frame(
    trace: Convolution, kernel: np.ndarray, turned: np.ndarray, inputs: Inputs, k: int
) -> Frame:
    """Return the k-th place of the kernel: picture, kernel, outputs so far, and the sum."""
    w = trace["shape"][1]
    i, j = divmod(k, w)
    digits = places(trace["out"].tolist(), 2)
    so_far = np.where(np.arange(trace["out"].size) <= k, trace["out"].ravel(), np.nan)
    first = (i * inputs.stride, j * inputs.stride)
    d = inputs.dilation
    picture = b.raster(
        b.word("picture_padded" if inputs.padding else "picture_name"),
        trace["padded"],
        role="real",
        size=CELL * len(trace["padded"]),
        digits=0,
        outlines=[*ring(inputs.padding), *under(first, d)],
        press=b.press("toggle"),
    )
    out = b.raster(
        b.word("out_name"),
        so_far.reshape(trace["out"].shape),
        span=float(np.abs(trace["out"]).max() or 1),
        size=CELL * SMALL,
        digits=digits,
        outlines=[b.outline(i, j, role="made")],
        press=b.press(frame=0, each=True),
        key="out",
    )
    above = b.row(
        picture,
        b.text("∗" if inputs.flip else "⋆", size="big"),
        b.matrix(b.word("kernel_name"), kernel, "hidden", edit="kernel"),
        b.text("="),
        out,
        gap="mid",
    )
    below = b.column(
        b.lines("", [sum_line(trace, turned, i, j)], key="out"),
        b.lines("", [size_line(inputs, w)], key="size"),
        gap="tight",
    )
    name = b.word("place", row=str(i + 1), col=str(j + 1))
    return b.frame(b.column(above, below, gap="mid"), name)


def place_name(i: int, j: int) -> str:
    """Return the name of an output, counted from 1."""
    return f"out[{i + 1}, {j + 1}]"


def under(first: tuple[int, int], d: int) -> list[Any]:
    """Return the outlines of what lies under a kernel: one square, or nine where it is spread."""
    row, column = first
    if d == 1:
        return [b.outline(row, column, 3, 3, "made")]
    return [b.outline(row + a * d, column + c * d, role="made") for a in range(3) for c in range(3)]


def ring(p: int) -> list[Any]:
    """Return the outline of the picture within its zeros."""
    return [b.outline(p, p, SMALL, SMALL, "real", dashed=True)] if p else []


def sum_line(trace: Convolution, turned: np.ndarray, i: int, j: int) -> list[Any]:
    """Write out one output: kernel times picture, over the pixels that are not 0."""
    window = trace["windows"][i, j].ravel()
    pairs = [(k, x) for k, x in zip(turned.ravel(), window) if x and k]
    name = place_name(i, j)
    if not pairs:
        return [f"{name} = ", b.num(0, "made")]
    kernel, pixels = zip(*pairs)
    result = [" = ", b.num(float(trace["out"][i, j]), "made")]
    return [*b.products(name, kernel, pixels, ("hidden", "real")), *result]


def size_line(inputs: Inputs, size: int) -> list[Any]:
    """Write out the size law with this scene's numbers."""
    p, d, s = inputs.padding, inputs.dilation, inputs.stride
    law = f"⌊({SMALL} + 2·{p} − {d}·(3 − 1) − 1) / {s}⌋ + 1 = "
    return ["⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1 = ", law, b.num(size, "made")]


def turn(trace: Convolution, k: int) -> Turn:
    """Return the exercise: the size, and the output of the largest magnitude."""
    i, j = divmod(k, trace["shape"][1])
    ask = b.word("turn_hand", row=str(i + 1), col=str(j + 1))
    return {
        "ask": ask,
        "frame": k,
        "blanks": [
            b.blank(b.word("out_side"), [trace["shape"][1]], "made", "size"),
            b.blank(place_name(i, j), [float(trace["out"][i, j])], "made", "out"),
        ],
    }
