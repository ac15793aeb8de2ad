"""Blind tests: their first pictures, to be guessed on paper."""

from __future__ import annotations

import base64

import numpy as np

from apps.stage.look import number, numbers
from apps.stage.paper.grey import draw_framed, shade_colours
from apps.stage.paper.pen import Box, Page, Pen
from apps.stage.widgets import quiz as widgets

PRINT = numbers("quiz", "print")
COLUMNS, MOST = (int(number("quiz", "print", "bare", name)) for name in ("columns", "most"))
TILE = PRINT["size"]


def quiz(widget: widgets.Quiz, page: Page) -> Box:
    """Lay out a blind test's first pictures, each with its number, and no answer."""
    n, rows, cols = min(MOST, len(widget["kinds"])), widget["rows"], widget["cols"]
    raw = np.frombuffer(base64.b64decode(widget["shades"]), dtype=np.uint8)
    shades = raw.reshape(-1, rows, cols)[:n] / 255
    tall = TILE * rows / cols
    across, step, deep = min(COLUMNS, n), TILE + PRINT["gap"], tall + 26

    def paint(pen: Pen, x: float, y: float) -> None:
        for i, one in enumerate(shades):
            left, top = x + step * (i % across), y + deep * (i // across)
            draw_framed(pen, left, top, TILE, tall, shade_colours(one, pen, "ink"))
            said, middle = str(i + 1), left + TILE / 2
            pen.text(middle, top + tall + 12, said, PRINT["number"], "ink-2", "center")

    return Box(step * across - PRINT["gap"], deep * -(-n // across), paint)
