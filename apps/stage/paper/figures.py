"""Figures to take away: a tree of widgets (plain dicts) -> a matplotlib Figure, PNG, SVG or GIF.

The page draws the same trees (its web/widgets.js and web/pictures.js); sizes, colours and numbers
follow it. Here are the layout, text and matrices; pictures are in `apps.stage.paper.pictures`,
`apps.stage.paper.chart`, `apps.stage.paper.codes`, `apps.stage.paper.attention`, strokes in
`apps.stage.paper.pen`, numbers in `apps.stage.numbers`.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from apps.stage.numbers import carried, places, shown
from apps.stage.paper import attention, codes, contest, pictures
from apps.stage.paper import chart as curves
from apps.stage.paper import field as fields
from apps.stage.paper.flipbook import centred, gif
from apps.stage.paper.pen import (
    NUMBERS,
    Box,
    Pen,
    line,
    rounded,
    text_box,
    together,
    width_of,
    wrapped,
)

GAPS = {"row": {"": 9, "mid": 22, "wide": 44}, "column": {"": 20, "tight": 8, "wide": 30}}
MARGIN = 18.0
DIM = 0.35
LINE = 1.55  # a line's height in font sizes
CAPTION = 14.0
NUMBER = 15.5
SIZES = {"big": 22.0, "note": 15.0, "wide": 15.0, "small": 14.0}
MOST_WIDE = {"note": 240.0, "wide": 560.0}

Widget = dict[str, Any]


class Page:
    """What every widget needs: the shared parts, the reader's language, the decimals."""

    def __init__(self, parts: dict[str, Widget], say: Callable[[Any], str], decimals: int):
        self.parts, self.say, self.decimals = parts, say, decimals


def figure(
    view: Widget,
    parts: dict[str, Widget],
    say: Callable[[Any], str],
    decimals: int,
    theme: str = "light",
) -> Figure:
    """Draw a tree of widgets.

    Args:
        view: the outermost widget.
        parts: what {"w": "part", "id": name} stands for.
        say: label -> text.
        decimals: how many decimals a number shows.
        theme: "light" (white paper) or "dark".

    Returns:
        A figure just large enough; its fonts have the size in points that the page has in pixels.
    """
    box = laid(view, Page(parts, say, decimals))
    pen = Pen(theme)
    box.paint(pen, 0.0, 0.0)
    return pen.done(box, MARGIN)


def png(drawn: Figure, dpi: int = 200) -> bytes:
    """Return a figure as PNG, not transparent."""
    out = io.BytesIO()
    pixels(drawn, dpi).save(out, "png", dpi=(dpi, dpi), compress_level=4)
    return out.getvalue()


def svg(drawn: Figure) -> bytes:
    """Return a figure as SVG, its letters as outlines, so that it looks the same everywhere."""
    out = io.BytesIO()
    drawn.savefig(out, format="svg", dpi=288, metadata={"Date": None})  # dpi is for heatmaps in it
    return out.getvalue()


def pixels(drawn: Figure, dpi: int) -> Image.Image:
    """Return a figure as an RGB image."""
    drawn.set_dpi(dpi)
    canvas: Any = drawn.canvas
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())


def animation(
    draw: Callable[[int], Figure], count: int, pace_ms: int = 900, most: int = 40, dpi: int = 96
) -> bytes:
    """Return a looping GIF of frames 0 to count - 1, evenly chosen if too many, on one canvas.

    Args:
        draw: frame number -> figure.
        count: how many frames there are.
        pace_ms: how long each is shown, in milliseconds; the last one stays twice as long.
        most: the largest number of frames kept; first and last always are.
        dpi: pixels per inch.
    """
    kept = np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))
    shots = [pixels(draw(int(i)), dpi) for i in kept]
    return gif(centred(shots), pace_ms)


# ---- layout


def laid(widget: Widget, page: Page) -> Box:
    """Return any widget as a box."""
    box = DRAW[widget["w"]](widget, page)
    if not widget.get("dim"):
        return box
    return Box(box.width, box.height, lambda pen, x, y: box.paint(pen.faded(DIM), x, y), box.axis)


def row(widget: Widget, page: Page) -> Box:
    """Return widgets side by side, their axes on one height (gap "top": their tops)."""
    items = [laid(w, page) for w in widget["items"]]
    gap = GAPS["row"].get(widget["gap"], 9)
    axis = 0.0 if widget["gap"] == "top" else max((b.middle for b in items), default=0.0)
    tops = [0.0 if widget["gap"] == "top" else axis - b.middle for b in items]
    height = max((t + b.height for t, b in zip(tops, items)), default=0.0)

    def paint(pen: Pen, x: float, y: float) -> None:
        for top, box in zip(tops, items):
            box.paint(pen, x, y + top)
            x += box.width + gap

    width = sum(b.width for b in items) + gap * max(len(items) - 1, 0)
    return Box(width, height, paint)


def column(widget: Widget, page: Page) -> Box:
    """Return widgets one above the other, centred."""
    return stacked([laid(w, page) for w in widget["items"]], GAPS["column"].get(widget["gap"], 20))


def stacked(items: list[Box], gap: float) -> Box:
    """Return boxes one above the other, centred."""
    width = max((b.width for b in items), default=0.0)

    def paint(pen: Pen, x: float, y: float) -> None:
        for box in items:
            box.paint(pen, x + (width - box.width) / 2, y)
            y += box.height + gap

    height = sum(b.height for b in items) + gap * max(len(items) - 1, 0)
    return Box(width, height, paint)


def under_caption(label: Any, body: Box, page: Page) -> Box:
    """Return a box under its label; a row still aligns the body."""
    words = page.say(label)
    if not words:
        return body
    over = text_box(words, CAPTION, "ink-2")
    both = stacked([over, body], 4)
    return Box(both.width, both.height, both.paint, over.height + 4 + body.middle)


def part(widget: Widget, page: Page) -> Box:
    """Return what stays the same over many frames."""
    return laid(page.parts[widget["id"]], page)


# ---- text and numbers


def text(widget: Widget, page: Page) -> Box:
    """Return a line of text, or of a note its paragraph."""
    size, kind = SIZES.get(widget["size"], 18.0), widget["size"]
    colour = "ink-2" if kind == "small" else widget["role"]
    said = page.say(widget["text"])
    if kind not in MOST_WIDE:
        return text_box(said, size, colour, heavy=kind == "big")
    rows = wrapped(said, size, MOST_WIDE[kind])
    width, high = max((width_of(r, size) for r in rows), default=0.0), LINE * size

    def paint(pen: Pen, x: float, y: float) -> None:
        for i, words in enumerate(rows):
            left = x + (width - width_of(words, size)) / 2 if kind == "wide" else x
            pen.text(left, y + (i + 0.5) * high, words, size, colour)

    return Box(width, high * len(rows), paint)


def matrix(widget: Widget, page: Page) -> Box:
    """Return a bracketed table of tinted cells, its numbers aligned at the point."""
    rows, show = widget["rows"], places(widget["rows"], page.decimals)
    said = [[shown(v, show) for v in r] for r in rows]
    high, gap = 27.0, 4.0
    wide = [max(width_of(s, NUMBER, NUMBERS) for s in column_) + 12 for column_ in zip(*said)]
    left = 8 + gap + np.cumsum([0.0, *(w + gap for w in wide)])  # (columns + 1,)
    top = 2 + gap + (high + gap) * np.arange(len(rows) + 1)  # (rows + 1,)
    width, height = left[-1] + 8, top[-1] + 2
    bad = {tuple(m) for m in widget["mark"]}

    def paint(pen: Pen, x: float, y: float) -> None:
        bracket(pen, x + 1, x + 7, y, height)
        bracket(pen, x + width - 1, x + width - 7, y, height)
        for i, words in enumerate(said):
            share = 0.3 if i in widget["on"] else 0.12
            cells = [rounded(x + a, y + top[i], w, high, 6) for a, w in zip(left, wide)]
            usual = [cell for j, cell in enumerate(cells) if (i, j) not in bad]
            if usual:
                pen.shape(together(usual), pen.mix(widget["role"], share))
            for j, number in enumerate(words):
                if (i, j) in bad:
                    pen.shape(cells[j], pen.mix("grad", 0.14), "grad", 2)
                right = x + left[j] + wide[j] - 6
                pen.text(right, y + top[i] + high / 2, number, NUMBER, "ink", "right", NUMBERS)

    return under_caption(widget["label"], Box(width, height, paint), page)


def bracket(pen: Pen, outer: float, inner: float, y: float, height: float) -> None:
    """Draw one bracket of a matrix."""
    top, bottom = y + 1, y + height - 1
    path = line((inner, top), (outer, top), (outer, bottom), (inner, bottom))
    pen.shape(path, None, "ink-2", 2)


def lines(widget: Widget, page: Page) -> Box:
    """Return sums written out, a row a line, numbers in their role's colour."""
    size, high, gap = 16.0, 28.0, 3.0

    def token(piece: Any) -> tuple[str, str]:
        if isinstance(piece, dict) and "v" in piece:
            number = shown(piece["v"], min(page.decimals, carried(piece["v"])))
            return number, piece.get("role") or "ink"
        return page.say(piece), "ink"

    rows = [[token(piece) for piece in one] for one in widget["lines"]]
    wide = [sum(width_of(words, size, NUMBERS) for words, _ in one) for one in rows]
    width, height = max(wide, default=0.0) + 20, (high + gap) * len(rows) - gap

    def paint(pen: Pen, x: float, y: float) -> None:
        for i, one in enumerate(rows):
            top, left = y + i * (high + gap), x + 10
            if widget["on"] == i:
                pen.shape(rounded(x, top, width, high, 8), pen.mix("accent", 0.12))
            for words, role in one:
                pen.text(left, top + high / 2, words, size, role, "left", NUMBERS, role != "ink")
                left += width_of(words, size, NUMBERS)

    return under_caption(widget["label"], Box(width, height, paint), page)


def _picture(draw: Callable[[Widget, Page], Box]) -> Callable[[Widget, Page], Box]:
    return lambda widget, page: under_caption(widget["label"], draw(widget, page), page)


DRAW: dict[str, Callable[[Widget, Page], Box]] = {
    **{"row": row, "column": column, "part": part, "text": text, "matrix": matrix, "lines": lines},
    **{k: _picture(getattr(contest, k)) for k in ("table", "quiz")},
    **{k: _picture(getattr(pictures, k)) for k in ("cells", "heat", "bars", "net")},
    **{k: _picture(getattr(codes, k)) for k in ("grey", "plane")},
    **{k: _picture(getattr(attention, k)) for k in ("ties", "lookup", "strip", "heads")},
    "chart": _picture(curves.chart),
    "field": _picture(fields.field),
}
