"""Tables with headings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.stage.paper.pen import NUMBERS, WORDS, Box, Page, Pen, line, rounded, width_of
from apps.stage.widgets import table as widgets

SIZE, HIGH, GAP = 15.0, 30.0, 22.0
HEAD, UNIT, OVER = 13.0, 12.0, 44.0  # a heading, its unit, the height of both


def table(widget: widgets.Table, page: Page) -> Box:
    """Lay out a table: names to the left, numbers to the right, bars under them."""
    heads = [
        page.say(h["label"]) + (f" {h['arrow']}" if h["arrow"] else "") for h in widget["heads"]
    ]
    units = [page.say(h["unit"]) for h in widget["heads"]]
    rows = [[page.say(c["text"]) for c in row] for row in widget["rows"]]
    wide = widths(heads, units, rows)
    right = np.cumsum([w + GAP for w in wide]).tolist()  # right edges of the columns
    width, height = right[-1], OVER + HIGH * len(rows)

    def paint(pen: Pen, x: float, y: float) -> None:
        for j, (head, unit) in enumerate(zip(heads, units)):
            at, align = (x + 8, "left") if j == 0 else (x + right[j] - 8, "right")
            pen.text(at, y + 12, head, HEAD, "ink-2", align)
            pen.text(at, y + 28, unit, UNIT, "ink-2", align)
        pen.shape(line((x, y + OVER - 4), (x + width, y + OVER - 4)), None, "ink-2", 1.5)
        for i, (row, said) in enumerate(zip(widget["rows"], rows)):
            level = y + OVER + HIGH * i
            if i in widget["on"]:
                pen.shape(rounded(x, level + 1, width, HIGH - 2, 6), pen.mix("accent", 0.1))
            ink = "ink-2" if i in widget["faint"] else "ink"
            pen.text(x + 8, level + HIGH / 2, said[0], SIZE, ink, heavy=ink == "ink")
            if spans(said, heads):
                pen.text(x + right[0] + 8, level + HIGH / 2, said[1], SIZE, "ink-2")
                continue
            for j in range(1, len(row)):
                edge, bar = x + right[j], row[j]["bar"]
                if bar is not None:
                    gauge(pen, edge - 8 - wide[j], level + HIGH - 5, wide[j], bar, row[j]["role"])
                pen.text(edge - 8, level + HIGH / 2 - 2, said[j], SIZE, ink, "right", NUMBERS)
        pen.shape(line((x, y + height), (x + width, y + height)), None, "line", 1)

    return Box(width, height, paint)


def spans(row: Sequence[str], heads: Sequence[str]) -> bool:
    """Return whether a row's second entry stands across all columns but the first."""
    return len(row) == 2 and len(heads) > 2


def widths(
    heads: Sequence[str], units: Sequence[str], rows: Sequence[Sequence[str]]
) -> list[float]:
    """Return how wide the columns' texts are, in points."""
    wide = [max(width_of(h, HEAD), width_of(u, UNIT)) for h, u in zip(heads, units)]
    for row in rows:
        for j, said in enumerate(row[:1] if spans(row, heads) else row):
            wide[j] = max(wide[j], width_of(said, SIZE, NUMBERS if j else WORDS[:1]))
    return wide


def gauge(pen: Pen, x: float, y: float, width: float, share: float, role: str) -> None:
    """Draw a bar under a number, filled from the left as far as its share."""
    pen.shape(rounded(x, y, width, 3, 0), "wash")
    pen.shape(rounded(x, y, max(width * min(1.0, share), 1.0), 3, 1), role)
