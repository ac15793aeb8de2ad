"""Horizontal bars from zero."""

from __future__ import annotations

from collections.abc import Sequence

from apps.stage.look import number, numbers
from apps.stage.numbers import format_number
from apps.stage.paper.cells import grid
from apps.stage.paper.pen import (
    LINE,
    NUMBERS,
    Box,
    Page,
    Pen,
    line,
    rounded_rectangle,
    text_box,
    width_of,
)
from apps.stage.widgets import bars as widgets

SIZE, TRACK, HIGH = (number("bars", name) for name in ("size", "track", "height"))
GAP, RADIUS, ZERO = (numbers("bars", name) for name in ("gap", "radius", "zero"))


def bars(widget: widgets.Bars, page: Page) -> Box:
    """Lay out bars from zero, each with its number."""
    items = widget["items"]
    heads = [_head(item, page) for item in items]
    first = max((h.width for h in heads), default=0.0)
    said = [format_number(item["v"], widget["digits"]) for item in items]
    last = max((width_of(s, SIZE, NUMBERS) for s in said), default=0.0)
    tall = [max(h.height, float(int(SIZE * LINE))) for h in heads]

    def paint(pen: Pen, x: float, y: float) -> None:
        start = x + first + GAP["x"]
        for item, head, digits, room in zip(items, heads, said, tall):
            middle = y + room / 2
            head.paint(pen, x + first - head.width, middle - head.height / 2)
            bar(pen, start, middle, item, (widget["low"], widget["high"]))
            right = start + TRACK + GAP["x"] + last
            pen.text(right, middle, digits, SIZE, "ink", "right", NUMBERS, True)
            y += room + GAP["y"]

    return Box(
        first + TRACK + last + 2 * GAP["x"],
        sum(tall) + GAP["y"] * max(len(items) - 1, 0),
        paint,
    )


def _head(item: widgets.Item, page: Page) -> Box:
    if pixels := item.get("cells"):
        return grid(pixels)
    return text_box(page.say(item["label"]), SIZE, "ink")


def bar(pen: Pen, x: float, y: float, item: widgets.Item, ends: Sequence[float]) -> None:
    """Draw a bar on its track, whose left end and middle are given, from zero to its number."""
    low, high = ends

    def place(value: float) -> float:
        return (min(high, max(low, value)) - low) / (high - low) * TRACK

    pen.shape(rounded_rectangle(x, y - HIGH / 2, TRACK, HIGH, RADIUS["track"]), "wash")
    a, b = sorted((place(0), place(item["v"] or 0.0)))
    if b > a:
        pen.shape(rounded_rectangle(x + a, y - HIGH / 2, b - a, HIGH, RADIUS["bar"]), item["role"])
    zero, half = x + place(0), HIGH / 2 + ZERO["over"]
    pen.shape(line((zero, y - half), (zero, y + half)), None, "ink-2", ZERO["width"])
