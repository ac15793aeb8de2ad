"""Numbers as squares of colour, with rectangles around some of them."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb

from apps.stage.look import dash, number
from apps.stage.numbers import format_number
from apps.stage.paper.grey import shade_colours
from apps.stage.paper.heat import strike, tints
from apps.stage.paper.pen import NUMBERS, Box, Page, Pen, line, rounded_rectangle, together
from apps.stage.widgets import raster as widgets

SIZE, RULED = number("raster", "size"), number("raster", "ruled")
TICK = number("raster", "tick")  # room for the numbers of rows and columns
STROKE, DASH = number("raster", "stroke"), dash("raster", "dash")
TINT, EDGE = number("raster", "share", "tint"), number("figure", "edge")


def raster(widget: widgets.Raster, page: Page) -> Box:
    """Lay out squares of colour, their numbers, and the rectangles around some of them."""
    table = np.array(widget["rows"], dtype=np.float64)  # (n, m), NaN where there is nothing yet
    n, m = table.shape
    width, unit = widget["size"], widget["size"] / m
    tall = widget["tall"] * unit
    room = TICK if widget["ticks"] else 0.0

    def paint(pen: Pen, x: float, y: float) -> None:
        x, y = x + room, y + room
        if room:
            number_sides(pen, (n, m), x, y, (unit, tall))
        pen.image(x, y, width, tall * n, fill(table, widget, pen))
        if not widget["role"] and widget["digits"] is None:
            strike(pen, np.nan_to_num(table) / widget["span"], x, y, unit)
        if unit >= RULED and n + m > 2:
            across = [line((x, y + i * tall), (x + width, y + i * tall)) for i in range(1, n)]
            down = [line((x + j * unit, y), (x + j * unit, y + n * tall)) for j in range(1, m)]
            pen.shape(together([*across, *down]), None, "line", EDGE)
        pen.shape(rounded_rectangle(x, y, width, tall * n, 0), None, "line", EDGE)
        write(pen, table, widget["digits"], x, y, (unit, tall))
        for one in widget["outlines"]:
            i, j, high, wide = one["box"]
            corner = x + j * unit, y + i * tall
            shape = rounded_rectangle(*corner, wide * unit, high * tall, 0)
            pen.shape(shape, None, one["role"], STROKE, DASH if one["dashed"] else ())

    return Box(width + room, tall * n + room, paint)


def number_sides(
    pen: Pen, shape: tuple[int, int], x: float, y: float, entry: tuple[float, float]
) -> None:
    """Write the numbers of rows and columns beside and above them; `entry` is a square's size."""
    wide, tall = entry
    for i in range(shape[0]):
        pen.text(x - TICK / 2, y + (i + 0.5) * tall, str(i), SIZE, "ink", "center", NUMBERS)
    for j in range(shape[1]):
        pen.text(x + (j + 0.5) * wide, y - TICK / 2, str(j), SIZE, "ink", "center", NUMBERS)


def fill(table: np.ndarray, widget: widgets.Raster, pen: Pen) -> np.ndarray:
    """Return the squares' colours (n, m, 3)."""
    share = np.nan_to_num(table) / widget["span"]
    most = 1.0 if widget["digits"] is None else TINT
    if widget["role"]:
        return shade_colours(most * np.clip(share, 0, 1), pen, widget["role"])
    paper = np.array(to_rgb(pen.ink["paper"]))
    return most * tints(share, pen) + (1 - most) * paper


def write(
    pen: Pen,
    table: np.ndarray,
    digits: int | None,
    x: float,
    y: float,
    entry: tuple[float, float],
) -> None:
    """Write the numbers into their squares, each of the size `entry`."""
    wide, tall = entry
    if digits is None:
        return
    for i, j in np.argwhere(np.isfinite(table)):
        said = format_number(float(table[i, j]), digits)
        place = x + (j + 0.5) * wide, y + (i + 0.5) * tall
        pen.text(*place, said, SIZE, "ink", "center", NUMBERS)
