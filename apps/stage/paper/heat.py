"""Matrices as colours, with their scale."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb

from apps.stage.look import TOKENS, number, numbers
from apps.stage.numbers import format_number
from apps.stage.paper.pen import (
    NUMBERS,
    Box,
    Page,
    Pen,
    disc,
    line,
    rounded_rectangle,
    together,
    width_of,
)
from apps.stage.widgets import heat as widgets

ABOVE, BELOW = TOKENS["sign"]["above"], TOKENS["sign"]["below"]  # colours for + and −
ROOM = number("heat", "room")  # points that an entry needs for its stroke to be seen
FAINT = number("sign", "share", "faint")  # of the span: nearer to zero a sign says little
RING, SCALE = numbers("heat", "ring"), numbers("heat", "scale")
SIZE = SCALE["size"]
SIDE = SCALE["width"] + 2 * SCALE["gap"]  # of the scale without its numbers
NAME = 20.0  # height of an axis's name
HIGH = SCALE["above"] + 20.0  # of the scale


def heat(widget: widgets.Heat, page: Page) -> Box:
    """Lay out a matrix as colours, vermilion above zero, blue and struck below, and its scale."""
    table = np.array(widget["rows"], dtype=np.float64)  # (n, m)
    share, width = table / widget["span"], float(widget["size"])
    height, unit = width * table.shape[0] / table.shape[1], width / table.shape[1]
    names = [page.say(widget["ylabel"]), page.say(widget["xlabel"])]
    columns = [page.say(one) for one in widget["columns"]]
    above, below = NAME * (bool(names[0]) + bool(columns)), NAME if names[1] else 0
    key = scale(widget["span"])
    full = max(width, key.width)

    def paint(pen: Pen, x: float, y: float) -> None:
        left = x + (full - width) / 2
        pen.text(left, y + 9, names[0], SIZE, "ink-2")
        y += above
        for j, column in enumerate(columns):
            pen.text(left + (j + 0.5) * unit, y - 9, column, SIZE, "ink-2", "center")
        pen.image(left, y, width, height, tints(share, pen))
        strike(pen, share, left, y, unit)
        pen.shape(
            rounded_rectangle(left, y, width, height, 0), None, "line", number("figure", "edge")
        )
        if widget["mark"]:
            i, j = ((k + 0.5) * unit for k in widget["mark"])
            radius = (RING["size"] - RING["stroke"]) / 2
            pen.shape(disc(left + j, y + i, radius), None, "ink", RING["stroke"])
        pen.text(left + width, y + height + 11, names[1], SIZE, "ink-2", "right")
        key.paint(pen, x + (full - key.width) / 2, y + height + below)

    return Box(full, above + height + below + key.height, paint, above + height / 2)


def scale(span: float) -> Box:
    """Lay out the colours from -span to span between the two numbers."""
    ends = [format_number(-span, 2), format_number(span, 2)]
    room = [width_of(e, SIZE, NUMBERS) for e in ends]

    def paint(pen: Pen, x: float, y: float) -> None:
        middle, left = y + (SCALE["above"] + HIGH) / 2, x + room[0] + SCALE["gap"]
        pen.text(x, middle, ends[0], SIZE, "ink-2", fonts=NUMBERS)
        band = tints(np.linspace(-1, 1, 91)[None], pen)
        pen.image(left, middle - SCALE["height"] / 2, SCALE["width"], SCALE["height"], band)
        pen.text(x + room[0] + SIDE, middle, ends[1], SIZE, "ink-2", fonts=NUMBERS)

    return Box(sum(room) + SIDE, HIGH, paint)


def strike(pen: Pen, share: np.ndarray, left: float, top: float, unit: float) -> None:
    """Strike every visible entry below zero, to show the sign without colour."""
    if unit < ROOM:
        return
    strokes = []
    for i, j in np.argwhere(share <= -FAINT):
        y = top + (i + 0.5) * unit
        strokes.append(line((left + (j + 0.15) * unit, y), (left + (j + 0.85) * unit, y)))
    if strokes:
        pen.shape(together(strokes), None, "paper", max(0.5, unit / 8))


def tints(share: np.ndarray, pen: Pen) -> np.ndarray:
    """Return the colours (n, m, 3) of numbers in [-1, 1]."""
    a = np.clip(np.abs(share), 0, 1)[..., None]
    hue = np.where(share[..., None] > 0, to_rgb(ABOVE), to_rgb(BELOW))
    return np.nan_to_num(a) * hue + (1 - np.nan_to_num(a)) * np.array(to_rgb(pen.ink["paper"]))
