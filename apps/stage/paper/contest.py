"""Tables with headings and blind tests, each as a `Box` (web/contest.js)."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from apps.stage.paper.codes import tinted
from apps.stage.paper.pen import NUMBERS, Box, Pen, Says, line, rounded, width_of

SIZE, HIGH, GAP = 15.0, 30.0, 22.0
MOST, COLUMNS, TILE = 24, 8, 64.0  # pictures of a blind test on paper

Widget = dict[str, Any]


def table(widget: Widget, page: Says) -> Box:
    """Return a table: names to the left, numbers to the right, bars behind them."""
    heads = [
        [page.say(h["label"]) + (f" {h['arrow']}" if h["arrow"] else "")] for h in widget["heads"]
    ]
    units = [page.say(h["unit"]) for h in widget["heads"]]
    rows = [[page.say(c["text"]) for c in row] for row in widget["rows"]]
    whole = [len(row) == 2 and len(heads) > 2 for row in rows]
    wide = [max(width_of(h[0], 13), width_of(u, 12)) for h, u in zip(heads, units)]
    for row, spans in zip(rows, whole):
        for j, said in enumerate(row[:1] if spans else row):
            wide[j] = max(wide[j], width_of(said, SIZE, NUMBERS if j else ("Pretendard",)))
    right = np.cumsum([w + GAP for w in wide])  # right edges of the columns
    width, top = float(right[-1]), 44.0
    height = top + HIGH * len(rows)

    def paint(pen: Pen, x: float, y: float) -> None:
        for j, (head, unit) in enumerate(zip(heads, units)):
            at, align = (x + 8, "left") if j == 0 else (x + right[j] - 8, "right")
            pen.text(at, y + 12, head[0], 13, "ink-2", align)
            pen.text(at, y + 28, unit, 12, "ink-2", align)
        pen.shape(line((x, y + top - 4), (x + width, y + top - 4)), None, "ink-2", 1.5)
        for i, (row, said) in enumerate(zip(widget["rows"], rows)):
            level = y + top + HIGH * i
            if i in widget["on"]:
                pen.shape(rounded(x, level + 1, width, HIGH - 2, 6), pen.mix("accent", 0.1))
            ink = "ink-2" if i in widget["faint"] else "ink"
            pen.text(x + 8, level + HIGH / 2, said[0], SIZE, ink, heavy=ink == "ink")
            if whole[i]:
                pen.text(x + right[0] + 8, level + HIGH / 2, said[1], SIZE, "ink-2")
                continue
            for j in range(1, len(row)):
                edge, bar = x + right[j], row[j]["bar"]
                if bar is not None:
                    gauge(pen, edge - 8 - wide[j], level + HIGH - 5, wide[j], bar, row[j]["role"])
                pen.text(edge - 8, level + HIGH / 2 - 2, said[j], SIZE, ink, "right", NUMBERS)
        pen.shape(line((x, y + height), (x + width, y + height)), None, "line", 1)

    return Box(width, height, paint)


def gauge(pen: Pen, x: float, y: float, width: float, share: float, role: str) -> None:
    """Draw a bar under a number, filled from the left as far as its share."""
    pen.shape(rounded(x, y, width, 3, 0), "wash")
    pen.shape(rounded(x, y, max(width * min(1.0, share), 1.0), 3, 1), role)


def quiz(widget: Widget, page: Says) -> Box:
    """Return a blind test's first pictures, each with its number, and no answer."""
    del page
    n, rows, cols = min(MOST, len(widget["kinds"])), widget["rows"], widget["cols"]
    raw = np.frombuffer(base64.b64decode(widget["shades"]), dtype=np.uint8)
    shades = raw.reshape(-1, rows, cols)[:n] / 255
    across, step, deep = min(COLUMNS, n), TILE + 10, TILE * rows / cols + 26

    def paint(pen: Pen, x: float, y: float) -> None:
        for i, one in enumerate(shades):
            left, top = x + step * (i % across), y + deep * (i // across)
            tall = TILE * rows / cols
            pen.image(left, top, TILE, tall, tinted(one, pen, "ink"))
            pen.shape(rounded(left, top, TILE, tall, 0), None, "line", 1)
            pen.text(left + TILE / 2, top + tall + 12, str(i + 1), 13, "ink-2", "center")

    return Box(step * across - 10, deep * -(-n // across), paint)
