"""Matrices, and sums written out with their numbers."""

from __future__ import annotations

import math

import numpy as np

from apps.stage.look import number, numbers
from apps.stage.numbers import count_decimals, format_number, places
from apps.stage.paper.pen import (
    NUMBER,
    NUMBERS,
    Box,
    Page,
    Pen,
    line,
    rounded_rectangle,
    together,
    width_of,
)
from apps.stage.widgets import matrix as widgets

SIZE, GAP, RADIUS = (
    number("matrix", "size"),
    number("matrix", "gap"),
    number("matrix", "radius", "cell"),
)
PAD, MARGIN, SHARE = (numbers("matrix", name) for name in ("pad", "margin", "share"))
BRACKET, OUTLINE = numbers("matrix", "bracket"), number("matrix", "outline")
# a browser gives a table's row a whole number of pixels
HIGH = math.floor(SIZE * number("matrix", "bare", "line") + 2 * PAD["y"])

SUM, SUM_GAP, SUM_PAD = number("lines", "size"), number("lines", "gap"), numbers("lines", "pad")
SUM_HIGH = SUM * number("lines", "bare", "line") + 2 * SUM_PAD["y"]


def matrix(widget: widgets.Matrix, page: Page) -> Box:
    """Lay out a bracketed table of tinted cells, its numbers aligned at the point."""
    rows, show = widget["rows"], places(widget["rows"], page.decimals)
    said = [[format_number(v, show) for v in r] for r in rows]
    wide = [max(width_of(s, SIZE, NUMBERS) for s in one) + 2 * PAD["x"] for one in zip(*said)]
    left = MARGIN["x"] + GAP + np.cumsum([0.0, *(w + GAP for w in wide)])  # (columns + 1,)
    top = MARGIN["y"] + GAP + (HIGH + GAP) * np.arange(len(rows) + 1)  # (rows + 1,)
    width, height = left[-1] + MARGIN["x"], top[-1] + MARGIN["y"]
    bad = {tuple(m) for m in widget["mark"]}

    def paint(pen: Pen, x: float, y: float) -> None:
        bracket(pen, x, 1, y, height)
        bracket(pen, x + width, -1, y, height)
        for i, words in enumerate(said):
            share = SHARE["on" if i in widget["on"] else "cell"]
            cells = [
                rounded_rectangle(x + a, y + top[i], w, HIGH, RADIUS) for a, w in zip(left, wide)
            ]
            usual = [cell for j, cell in enumerate(cells) if (i, j) not in bad]
            if usual:
                pen.shape(together(usual), pen.mix(widget["role"], share))
            for j, said_ in enumerate(words):
                if (i, j) in bad:
                    pen.shape(cells[j], pen.mix("grad", SHARE["bad"]), "grad", OUTLINE)
                right = x + left[j] + wide[j] - PAD["x"]
                pen.text(right, y + top[i] + HIGH / 2, said_, SIZE, "ink", "right", NUMBERS)

    return Box(width, height, paint)


def bracket(pen: Pen, x: float, way: int, y: float, height: float) -> None:
    """Draw one bracket of a matrix from an edge, to the right (way 1) or to the left (-1)."""
    half = BRACKET["stroke"] / 2
    outer, inner, top, bottom = (
        x + way * half,
        x + way * BRACKET["width"],
        y + half,
        y + height - half,
    )
    path = line((inner, top), (outer, top), (outer, bottom), (inner, bottom))
    pen.shape(path, None, "ink-2", BRACKET["stroke"])


def lines(widget: widgets.Lines, page: Page) -> Box:
    """Lay out sums, a row a line, numbers in their role's colour."""

    def say_piece(piece: widgets.Token) -> tuple[str, str]:
        if isinstance(piece, dict) and "v" in piece:
            said = format_number(piece["v"], min(page.decimals, count_decimals(piece["v"])))
            return said, piece.get("role") or "ink"
        return page.say(piece), "ink"

    rows = [[say_piece(piece) for piece in one] for one in widget["lines"]]
    wide = [sum(width_of(words, SUM, NUMBERS) for words, _ in one) for one in rows]
    width = max(wide, default=0.0) + 2 * SUM_PAD["x"]
    height = (SUM_HIGH + SUM_GAP) * len(rows) - SUM_GAP

    def paint(pen: Pen, x: float, y: float) -> None:
        for i, one in enumerate(rows):
            top, left = y + i * (SUM_HIGH + SUM_GAP), x + SUM_PAD["x"]
            if widget["on"] == i:
                tint = pen.mix("accent", number("lines", "share", "on"))
                pen.shape(
                    rounded_rectangle(x, top, width, SUM_HIGH, number("lines", "radius")), tint
                )
            for words, role in one:
                middle = top + SUM_HIGH / 2
                tone = pen.mix_ink(role, NUMBER)
                pen.text(left, middle, words, SUM, tone, "left", NUMBERS, role != "ink")
                left += width_of(words, SUM, NUMBERS)

    return Box(width, height, paint)
