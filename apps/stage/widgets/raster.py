"""Numbers as squares of colour, written in where there is room; rectangles around some of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

import numpy as np

from apps.stage.look import number
from apps.stage.numbers import format_number
from apps.stage.widgets.base import Drawn, Label, Role

PLACES = 4  # decimals of an entry that goes to the page
LETTER, PAD = number("raster", "letter"), number("raster", "pad")  # room that a number takes
SMALLEST = number("raster", "smallest")  # width of one without numbers


class Outline(TypedDict):
    """A rectangle around entries."""

    box: list[float]  # first row, first column, rows, columns; it may reach out of the raster
    role: Role  # its colour
    dashed: bool  # whether it is dashed


class Press(TypedDict):
    """What pressing an entry does."""

    input: str  # the input that becomes [*at, row, column]; "" for none
    at: list[int]  # what stands before row and column in it
    frame: int | None  # the frame that is shown then, from 0; None for the one that is
    each: bool  # whether each entry has a frame of its own, row by row from `frame` on


class Raster(Drawn):
    """Numbers as squares of colour."""

    w: Literal["raster"]
    label: Label  # what stands over it
    rows: list[list[float | None]]  # its entries; None for what is not there yet
    span: float  # the magnitude that has the full colour, above 0
    role: Role  # colour of `span`, paper at 0; "" for vermilion above zero, blue and struck below
    size: float  # width in pixels
    tall: float  # height of an entry as a share of its width
    least: float  # width under which it cannot be read
    digits: int | None  # decimals of the numbers in the squares, None for no numbers
    ticks: bool  # whether its rows and columns are numbered, from 0
    outlines: list[Outline]  # rectangles around entries
    press: Press | None  # what pressing an entry does, None for nothing
    key: str  # what a "your turn" hides it by, "" for never


def outline(
    row: float, column: float, rows: float = 1, columns: float = 1, role: Role = "ink",
    dashed: bool = False,
) -> Outline:  # fmt: skip
    """Return a rectangle around entries, from `row` and `column` on."""
    box = [float(v) for v in (row, column, rows, columns)]
    return {"box": box, "role": role, "dashed": dashed}


def press(
    name: str = "", at: Sequence[int] = (), *, frame: int | None = None, each: bool = False
) -> Press:
    """Return what pressing an entry does.

    Args:
        name: the input that becomes [*at, row, column], from 0; "" for none.
        at: what stands before row and column in it.
        frame: the frame that is shown then; None for the one that is.
        each: whether each entry has a frame of its own, row by row from `frame` on.
    """
    return {"input": name, "at": list(at), "frame": frame, "each": each}


def raster(
    label: Label,
    values: Any,
    *,
    role: Role = "",
    span: float | None = None,
    size: float = 168,
    tall: float = 1.0,
    digits: int | None = None,
    ticks: bool = False,
    outlines: Sequence[Outline] = (),
    press: Press | None = None,
    key: str = "",
) -> Raster:
    """Return numbers (H, W) as squares of colour.

    Args:
        label: what stands over it.
        values: (H, W); what is not finite is left empty.
        role: colour of `span`, paper at 0 and below; "" for vermilion above zero, blue and struck
            below.
        span: the magnitude that has the full colour; None for the largest.
        size: pixels of its width, or more where its numbers take more.
        tall: height of an entry as a share of its width.
        digits: decimals of the numbers in the squares; None for no numbers.
        ticks: whether its rows and columns are numbered, from 0.
        outlines: `outline`s of entries.
        press: what pressing an entry does, see `press`.
        key: what a "your turn" hides it by.
    """
    table = np.asarray(values, dtype=np.float64)
    there = np.isfinite(table)
    rows = [[round(v, PLACES) if ok else None for v, ok in zip(*pair)]
            for pair in zip(table.tolist(), there.tolist())]  # fmt: skip
    least = min(SMALLEST, size)
    if digits is not None:
        written = [len(format_number(v, digits)) for v in table[there].tolist()]
        least = table.shape[1] * (max(written, default=1) * LETTER + PAD)
    largest = float(np.abs(table[there]).max()) if there.any() else 0.0
    return {
        "w": "raster",
        "label": label,
        "rows": rows,
        "span": float(span or largest or 1.0),
        "role": role,
        "size": float(max(size, least)),
        "tall": tall,
        "least": float(least),
        "digits": digits,
        "ticks": ticks,
        "outlines": list(outlines),
        "press": press,
        "key": key,
    }
