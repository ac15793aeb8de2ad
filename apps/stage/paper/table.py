"""Tables with headings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.stage.look import number, numbers
from apps.stage.paper.pen import (
    LINE,
    NUMBERS,
    WORDS,
    Box,
    Page,
    Pen,
    line,
    rounded_rectangle,
    width_of,
)
from apps.stage.widgets import table as widgets

SIZES, PAD, RULE = (numbers("table", name) for name in ("size", "pad", "rule"))
GAUGE, LIT = numbers("table", "gauge"), number("table", "share", "on")
HIGH = SIZES["name"] * LINE + PAD["top"] + PAD["bottom"]  # of a row
OVER = 44.0  # height of the headings with their units


def table(widget: widgets.Table, page: Page) -> Box:
    """Lay out a table: names to the left, numbers to the right, bars under them."""
    heads = [
        page.say(h["label"]) + (f" {h['arrow']}" if h["arrow"] else "") for h in widget["heads"]
    ]
    units = [page.say(h["unit"]) for h in widget["heads"]]
    rows = [[page.say(c["text"]) for c in row] for row in widget["rows"]]
    wide = widths(heads, units, rows)
    right = np.cumsum([w + 2 * PAD["x"] for w in wide]).tolist()  # right edges of the columns
    width, height = right[-1], OVER + HIGH * len(rows)

    def paint(pen: Pen, x: float, y: float) -> None:
        for j, (head, unit) in enumerate(zip(heads, units)):
            at, align = (x + PAD["name"], "left") if j == 0 else (x + right[j] - PAD["x"], "right")
            pen.text(at, y + 12, head, SIZES["head"], "ink-2", align)
            pen.text(at, y + 28, unit, SIZES["unit"], "ink-2", align)
        pen.shape(line((x, y + OVER - 4), (x + width, y + OVER - 4)), None, "ink-2", RULE["head"])
        for i, (row, said) in enumerate(zip(widget["rows"], rows)):
            level = y + OVER + HIGH * i
            middle = level + (HIGH + PAD["top"] - PAD["bottom"]) / 2
            under = line((x, level + HIGH), (x + width, level + HIGH))
            pen.shape(under, None, "line", RULE["row"])
            if i in widget["on"]:
                pen.shape(
                    rounded_rectangle(x, level + 1, width, HIGH - 2, 6), pen.mix("accent", LIT)
                )
            ink = "ink-2" if i in widget["faint"] else "ink"
            pen.text(x + PAD["name"], middle, said[0], SIZES["name"], ink, heavy=ink == "ink")
            if spans(said, heads):
                pen.text(x + right[0] + PAD["x"], middle, said[1], SIZES["whole"], "ink-2")
                continue
            for j in range(1, len(row)):
                edge, bar = x + right[j], row[j]["bar"]
                if bar is not None:
                    low = level + HIGH - GAUGE["bottom"] - GAUGE["height"]
                    gauge(pen, edge - PAD["x"] - wide[j], low, wide[j], bar, row[j]["role"])
                pen.text(edge - PAD["x"], middle, said[j], SIZES["row"], ink, "right", NUMBERS)

    return Box(width, height, paint)


def spans(row: Sequence[str], heads: Sequence[str]) -> bool:
    """Return whether a row's second entry stands across all columns but the first."""
    return len(row) == 2 and len(heads) > 2


def widths(
    heads: Sequence[str], units: Sequence[str], rows: Sequence[Sequence[str]]
) -> list[float]:
    """Return how wide the columns' texts are, in points."""
    wide = [
        max(width_of(h, SIZES["head"]), width_of(u, SIZES["unit"])) for h, u in zip(heads, units)
    ]
    for row in rows:
        for j, said in enumerate(row[:1] if spans(row, heads) else row):
            size, fonts = (SIZES["row"], NUMBERS) if j else (SIZES["name"], WORDS)
            wide[j] = max(wide[j], width_of(said, size, fonts))
    return wide


def gauge(pen: Pen, x: float, y: float, width: float, share: float, role: str) -> None:
    """Draw a bar under a number, filled from the left as far as its share."""
    pen.shape(rounded_rectangle(x, y, width, GAUGE["height"], 0), "wash")
    long = max(width * min(1.0, share), 1.0)
    pen.shape(rounded_rectangle(x, y, long, GAUGE["height"], GAUGE["radius"]), role)
