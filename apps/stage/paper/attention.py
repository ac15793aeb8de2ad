"""Tokens and what they pay attention to, each as a `Box` without its label (web/tokens.js)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from apps.stage.numbers import fixed
from apps.stage.paper.pen import NUMBERS, Box, Path, Pen, line, rounded, together, width_of

HIGH = 26.0  # of a token's box
MANY = 24  # tokens in a row, beyond which they stand close
FAINT = 0.02  # below it no line is drawn
SIZE = 15.0

Widget = dict[str, Any]


def ties(widget: Widget, page: Any) -> Box:
    """Return two rows of tokens and the lines between them; of a query that is now, its own."""
    rows = _rows(widget, page)
    up, down = ([page.say(one) for one in widget[k]] for k in ("queries", "keys"))
    names = [page.say(one) for one in widget["names"]]
    side = max((width_of(one, 13) + 14 for one in names if one), default=0.0)
    close = max(len(up), len(down)) > MANY
    wide = max(_long(up, close), _long(down, close), widget["width"] - side)
    tall = min(230.0, max(104.0, 0.28 * wide)) + 2 * HIGH
    tops, lows = (_places(one, side, wide, close) for one in (up, down))
    now = widget["now"]

    def paint(pen: Pen, x: float, y: float) -> None:
        a, b = y + HIGH, y + tall - HIGH
        for i, row in enumerate(rows):
            soft = pen if now in (None, i) else pen.faded(0.05)
            for j, w in enumerate(row):
                if w is not None and w >= FAINT:
                    tie = _tie(x + tops[i], a, x + lows[j], b)
                    soft.shape(tie, None, widget["role"], 1 + 4 * w, alpha=min(1.0, 0.12 + w))
        for texts, at, top, name in ((up, tops, y, names[0]), (down, lows, b, names[1])):
            pen.text(x, top + HIGH / 2, name, 13, "ink-2")
            for k, (said, middle) in enumerate(zip(texts, at)):
                weight = rows[now][k] if now is not None and top > y else 0.0
                token_box(pen, x + middle, top, said, weight or 0.0, widget["role"], close)

    return Box(side + wide, tall, paint)


def token_box(
    pen: Pen, middle: float, top: float, said: str, weight: float, role: str, close: bool
) -> None:
    """Draw one token, tinted by a weight."""
    wide, size = _room(said, close), SIZE - 2 * close
    tint = pen.mix(role, weight) if weight else "wash"
    pen.shape(rounded(middle - wide / 2, top, wide, HIGH, 3 if close else 6), tint, "line", 1)
    letters(pen, middle, top + HIGH / 2, said, size, "paper" if weight > 0.55 else "ink")


def letters(pen: Pen, x: float, y: float, said: str, size: float, colour: str) -> None:
    """Draw a token's letters around a point; a space is an open box."""
    if said == " ":
        path = line((x - 4, y), (x - 4, y + 4), (x + 4, y + 4), (x + 4, y))
        pen.shape(path, None, "ink-2" if colour == "ink" else colour, 1.5)
    else:
        pen.text(x, y, _shown(said), size, colour, "center", NUMBERS)


def lookup(widget: Widget, page: Any) -> Box:
    """Return weights as a grid with its tokens along both sides."""
    rows, c = _rows(widget, page), float(widget["cell"])
    queries, keys = ([_shown(page.say(one)) for one in widget[k]] for k in ("queries", "keys"))
    size = min(15.0, max(6.0, 0.72 * c))
    left = max(width_of(q, size, NUMBERS) for q in queries) + 10
    turned = [q for q in keys if width_of(q, size, NUMBERS) > c]
    # what is wider than its cell is cut to what fits: a figure has no turned text
    top = size + 9

    def paint(pen: Pen, x: float, y: float) -> None:
        wide, high = c * len(keys), c * len(queries)
        pen.shape(rounded(x + left, y + top, wide, high, 0), "wash", "line", 1)
        for i, row in enumerate(rows):
            for j, v in enumerate(row):
                cell(pen, x + left + j * c, y + top + i * c, c, v, widget, size)
        if widget["now"] is not None:
            ring = rounded(x + left, y + top + widget["now"] * c, wide, c, 0)
            pen.shape(ring, None, "accent", 2)
        for i, said in enumerate(queries):
            middle = y + top + (i + 0.5) * c
            if said == " ":
                letters(pen, x + left - 10, middle, said, size, "ink")
            else:
                pen.text(x + left - 5, middle, said, size, "ink", "right", NUMBERS)
        for j, said in enumerate(keys):
            fit = size if said not in turned else size * c / width_of(said, size, NUMBERS)
            letters(pen, x + left + (j + 0.5) * c, y + top - size / 2 - 3, said, fit, "ink")

    return Box(left + c * len(keys) + 1, top + c * len(queries) + 1, paint)


def cell(
    pen: Pen, x: float, y: float, c: float, value: float | None, widget: Widget, size: float
) -> None:
    """Draw one weight; what was masked is a stroke."""
    if value is None:
        stroke = line((x + 0.3 * c, y + 0.7 * c), (x + 0.7 * c, y + 0.3 * c))
        pen.shape(stroke, None, "ink-2", 1, alpha=0.5)
        return
    share = min(1.0, value / widget["most"])
    if share > 0.004:
        pen.shape(rounded(x, y, c, c, 0), widget["role"], alpha=share)
    if widget["digits"]:
        number, colour = fixed(value, widget["digits"]), "paper" if share > 0.55 else "ink"
        pen.text(x + c / 2, y + c / 2, number, size, colour, "center", NUMBERS)


def strip(widget: Widget, page: Any) -> Box:
    """Return tokens one after the other, in lines no wider than the widget."""
    size, most = float(widget["size"]), float(widget["width"])
    texts = [page.say(one) for one in widget["tokens"]]
    high, x, y = size + 14, 0.0, 0.0
    placed: list[tuple[float, float, float]] = []
    for said in texts:
        wide = max(0.62 * size, width_of(_shown(said), size, NUMBERS)) + 5
        if x and x + wide > most:
            x, y = 0.0, y + high
        placed.append((x, y, wide))
        x = x + wide
        if said == "\n":
            x, y = 0.0, y + high
    shades = [shade or 0.0 for shade in widget["shades"] or [0.0] * len(texts)]
    later = widget["later"]

    def paint(pen: Pen, left: float, top: float) -> None:
        for i, (said, (x, y, wide)) in enumerate(zip(texts, placed)):
            soft = pen.faded(0.25) if later is not None and i >= later else pen
            tint = pen.mix(widget["role"], min(1.0, shades[i])) if shades[i] else "wash"
            edge = "accent" if i == widget["now"] else None if widget["shades"] else "line"
            box = rounded(left + x, top + y + 2, wide - 2, high - 6, 5)
            soft.shape(box, tint, edge, 2.5 if i == widget["now"] else 1)
            colour = "paper" if shades[i] > 0.55 else "ink"
            letters(soft, left + x + wide / 2 - 1, top + y + high / 2 - 1, said, size, colour)

    return Box(max((a + w for a, _, w in placed), default=0.0), y + high, paint)


def heads(widget: Widget, page: Any) -> Box:
    """Return small grids, a row a layer and a column a head."""
    size, pad, over = float(widget["size"]), 7.0, 22.0
    columns = max((len(row) for row in widget["rows"]), default=0)
    grids = [[_rows(item, page) for item in row] for row in widget["rows"]]
    units = [[size / max(len(g), len(g[0])) for g in row] for row in grids]
    tall = [
        max((len(g) * u for g, u in zip(*both)), default=0.0) + over + 2 * pad
        for both in zip(grids, units)
    ]

    def paint(pen: Pen, x: float, y: float) -> None:
        for items, row, unit, high in zip(widget["rows"], grids, units, tall):
            for k, (item, grid, u) in enumerate(zip(items, row, unit)):
                left = x + k * (size + 2 * pad + 8)
                small(pen.faded(0.25 if item["off"] else 1.0), left + pad, y + over + pad, grid, u)
                pen.text(left + pad + size / 2, y + over / 2, page.say(item["name"]), 13, "ink-2",
                         "center")  # fmt: skip
                if item["on"]:
                    ring = rounded(left, y, size + 2 * pad, high - 2, 8)
                    pen.shape(ring, None, "accent", 2)
            y += high + 8

    return Box(columns * (size + 2 * pad + 8), sum(tall) + 8 * len(tall), paint)


def small(pen: Pen, x: float, y: float, grid: Sequence[Sequence[float | None]], u: float) -> None:
    """Draw a grid without labels, cells of side u."""
    pen.shape(rounded(x, y, u * len(grid[0]), u * len(grid), 0), "wash")
    for i, row in enumerate(grid):
        for j, v in enumerate(row):
            if v is not None and v > FAINT:
                pen.shape(rounded(x + j * u, y + i * u, u, u, 0), "hidden", alpha=v)


def _rows(widget: Widget, page: Any) -> list[list[float | None]]:
    weights = widget["weights"]
    return page.parts[weights]["rows"] if isinstance(weights, str) else weights


def _shown(said: str) -> str:
    return "¶" if said == "\n" else said


def _room(said: str, close: bool) -> float:
    wide = math.ceil(width_of(_shown(said), SIZE - 2 * close, NUMBERS))
    return max(11.0, wide + 3) if close else max(HIGH - 4, wide + 10)


def _long(texts: Sequence[str], close: bool) -> float:
    gap = 1.0 if close else 4.0
    return sum(_room(said, close) + gap for said in texts) - gap


def _places(texts: Sequence[str], side: float, wide: float, close: bool) -> list[float]:
    """Return where the middles of tokens stand that are spread over a width."""
    rest, gap = wide - _long(texts, close), 1.0 if close else 4.0
    extra = min(rest / max(1, len(texts)), 40.0)
    x = side + (rest - extra * (len(texts) - 1)) / 2
    out = []
    for said in texts:
        out.append(x + _room(said, close) / 2)
        x += _room(said, close) + gap + extra
    return out


def _tie(x0: float, y0: float, x1: float, y1: float) -> Path:
    """Return the curve from a query down to a key."""
    middle = (y0 + y1) / 2
    points = [(x0, y0), (x0, middle), (x1, middle), (x1, y1)]
    return together([Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])])
