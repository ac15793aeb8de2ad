"""Text, and widgets set side by side or one above the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from apps.stage.look import number, numbers
from apps.stage.paper.pen import LINE, TONE, Box, Page, Pen, text_box, width_of, wrap
from apps.stage.widgets import Label, Widget
from apps.stage.widgets import layout as widgets

GAPS = {kind: numbers(kind, "gap") for kind in ("row", "column")}
CAPTION, UNDER = number("figure", "caption", "size"), number("figure", "caption", "gap")
SIZES, MOST_WIDE = numbers("text", "size"), numbers("text", "width")


def row(widget: widgets.Row, page: Page) -> Box:
    """Lay out widgets side by side, their axes on one height (gap "top": their tops)."""
    items = [page.box(w) for w in widget["items"]]
    gap, level = gap_of("row", widget["gap"]), "top" in widget["gap"].split()
    axis = 0.0 if level else max((b.middle for b in items), default=0.0)
    tops = [0.0 if level else axis - b.middle for b in items]
    height = max((t + b.height for t, b in zip(tops, items)), default=0.0)

    def paint(pen: Pen, x: float, y: float) -> None:
        for top, box in zip(tops, items):
            box.paint(pen, x, y + top)
            x += box.width + gap

    width = sum(b.width for b in items) + gap * max(len(items) - 1, 0)
    return Box(width, height, paint)


def column(widget: widgets.Column, page: Page) -> Box:
    """Lay out widgets one above the other, centred."""
    return stack([page.box(w) for w in widget["items"]], gap_of("column", widget["gap"]))


def gap_of(kind: str, names: str) -> float:
    """Return the gap in points of a "row" or a "column"; of several names the first one counts."""
    return GAPS[kind][(names or "usual").split()[0]]


def stack(items: Sequence[Box], gap: float) -> Box:
    """Return boxes one above the other, centred, a gap in points between them."""
    width = max((b.width for b in items), default=0.0)

    def paint(pen: Pen, x: float, y: float) -> None:
        for box in items:
            box.paint(pen, x + (width - box.width) / 2, y)
            y += box.height + gap

    height = sum(b.height for b in items) + gap * max(len(items) - 1, 0)
    return Box(width, height, paint)


def add_caption(label: Label, body: Box, page: Page) -> Box:
    """Return a box under its label; a row still aligns the body."""
    words = page.say(label)
    if not words:
        return body
    over = text_box(words, CAPTION, "ink-2")
    both = stack([over, body], UNDER)
    return Box(both.width, both.height, both.paint, over.height + UNDER + body.middle)


def part(widget: widgets.Part, page: Page) -> Box:
    """Lay out a part shared by many frames."""
    return page.box(cast(Widget, page.parts[widget["id"]]))


def text(widget: widgets.Text, page: Page) -> Box:
    """Lay out a line of text, or of a note its paragraph."""
    kind = widget["size"]
    size = SIZES[kind if kind in SIZES else "usual"]
    colour, share = ("ink-2", 1.0) if kind == "small" else (widget["role"], TONE)
    said = page.say(widget["text"])
    if kind not in MOST_WIDE:
        return text_box(said, size, colour, heavy=kind == "big", share=share)
    rows = wrap(said, size, MOST_WIDE[kind])
    width, high = max((width_of(r, size) for r in rows), default=0.0), LINE * size

    def paint(pen: Pen, x: float, y: float) -> None:
        for i, words in enumerate(rows):
            left = x + (width - width_of(words, size)) / 2 if kind == "wide" else x
            pen.text(left, y + (i + 0.5) * high, words, size, pen.mix_ink(colour, share))

    return Box(width, high * len(rows), paint)
