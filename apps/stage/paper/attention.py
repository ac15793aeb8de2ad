"""Draw tokens and their attention weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from apps.stage.look import number, numbers
from apps.stage.numbers import to_fixed
from apps.stage.paper.pen import (
    NUMBERS,
    Box,
    Page,
    Path,
    Pen,
    line,
    rounded_rectangle,
    together,
    width_of,
)
from apps.stage.paper.strip import letters, visible_token
from apps.stage.widgets import attention as widgets

TOKEN, CLOSE, STRONG = (
    numbers("token"),
    numbers("token", "close"),
    number("token", "share", "strong"),
)
MANY = number("token", "bare", "many")  # tokens in a row, beyond which they stand close
EDGE = number("token", "edge", "usual")
TALL, SPREAD = numbers("ties", "height"), number("ties", "spread")
NAME, STROKE, TIE = (numbers("ties", name) for name in ("name", "stroke", "share"))
SIZE, GAP = numbers("lookup", "size"), numbers("lookup", "gap")
LOOKUP, CELL = numbers("lookup"), numbers("lookup", "share")
HEADS, HEAD = numbers("heads"), numbers("heads", "share")
HEAD_PAD = HEADS["pad"] + HEADS["border"]
HEADS_RADIUS = number("heads", "radius", "button")
HEAD_NAME = 22.0  # height of a head's name with the gap under it

Weights = Sequence[Sequence[float | None]]


def ties(widget: widgets.Ties, page: Page) -> Box:
    """Lay out two rows of tokens and the lines between them; of a query that is now, its own."""
    rows = _rows(widget["weights"], page)
    up = [page.say(one) for one in widget["queries"]]
    down = [page.say(one) for one in widget["keys"]]
    names = [page.say(one) for one in widget["names"]]
    side = max((width_of(one, NAME["size"]) + NAME["gap"] for one in names if one), default=0.0)
    close = max(len(up), len(down)) > MANY
    wide = max(_long(up, close), _long(down, close), widget["width"] - side)
    tall = min(TALL["most"], max(TALL["least"], TIE["tall"] * wide)) + 2 * TOKEN["height"]
    tops, lows = (_places(one, side, wide, close) for one in (up, down))
    now, role = widget["now"], widget["role"]

    def paint(pen: Pen, x: float, y: float) -> None:
        a, b = y + TOKEN["height"], y + tall - TOKEN["height"]
        for i, row in enumerate(rows):
            soft = pen if now in (None, i) else pen.with_fade(TIE["unlit"])
            for j, w in enumerate(row):
                if w is not None and w >= TIE["faint"]:
                    tie(soft, (x + tops[i], a), (x + lows[j], b), w, role)
        for texts, at, top, name in ((up, tops, y, names[0]), (down, lows, b, names[1])):
            pen.text(x, top + TOKEN["height"] / 2, name, NAME["size"], "ink-2")
            for k, (said, middle) in enumerate(zip(texts, at)):
                weight = rows[now][k] if now is not None and top > y else 0.0
                token_box(pen, x + middle, top, said, weight or 0.0, role, close)

    return Box(side + wide, tall, paint)


def tie(
    pen: Pen, top: tuple[float, float], low: tuple[float, float], weight: float, role: str
) -> None:
    """Draw the curve from a query down to a key, as strong as its weight."""
    (x0, y0), (x1, y1) = top, low
    middle = (y0 + y1) / 2
    points = [(x0, y0), (x0, middle), (x1, middle), (x1, y1)]
    path = together([Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])])
    thick = STROKE["least"] + STROKE["more"] * weight
    pen.shape(path, None, role, thick, alpha=min(1.0, TIE["opacity"] + weight))


def token_box(
    pen: Pen, middle: float, top: float, said: str, weight: float, role: str, close: bool
) -> None:
    """Draw one token, tinted by a weight."""
    wide, of = _room(said, close), CLOSE if close else TOKEN
    tint = pen.mix(role, weight) if weight else "wash"
    box = rounded_rectangle(middle - wide / 2, top, wide, TOKEN["height"], of["radius"])
    pen.shape(box, tint, "line", EDGE)
    colour = "paper" if weight > STRONG else "ink"
    letters(pen, middle, top + TOKEN["height"] / 2, said, of["size"], colour)


def lookup(widget: widgets.Lookup, page: Page) -> Box:
    """Lay out weights as a grid with its tokens along both sides; those along the top are turned
    if one is wider than a cell.
    """
    rows, c = _rows(widget["weights"], page), float(widget["cell"])
    queries = [visible_token(page.say(one)) for one in widget["queries"]]
    keys = [visible_token(page.say(one)) for one in widget["keys"]]
    size = min(SIZE["most"], max(SIZE["least"], CELL["letter"] * c))
    left = max(width_of(q, size, NUMBERS) for q in queries) + GAP["left"]
    longest = max(width_of(k, size, NUMBERS) for k in keys)
    turned = longest > c
    top = longest + GAP["turned"] if turned else size + GAP["top"]
    wide, high = c * len(keys), c * len(queries)

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.shape(rounded_rectangle(x + left, y + top, wide, high, 0), "wash", "line", 1)
        for i, row in enumerate(rows):
            for j, v in enumerate(row):
                cell(pen, x + left + j * c, y + top + i * c, v, widget, size)
        if widget["now"] is not None:
            ring = rounded_rectangle(x + left, y + top + widget["now"] * c, wide, c, 0)
            pen.shape(ring, None, "accent", LOOKUP["ring"])
        for i, said in enumerate(queries):
            beside(pen, x + left, y + top + (i + 0.5) * c, said, size)
        for j, said in enumerate(keys):
            above(pen, x + left + (j + 0.5) * c, y + top, said, size, turned)

    return Box(left + wide + 1, top + high + 1, paint)


def beside(pen: Pen, x: float, y: float, said: str, size: float) -> None:
    """Draw a query's token to the left of a grid's edge x, at the middle y of its row."""
    if said == " ":
        letters(pen, x - GAP["left"], y, said, size, "ink")
    else:
        pen.text(x - LOOKUP["beside"], y, said, size, "ink", "right", NUMBERS)


def above(pen: Pen, x: float, y: float, said: str, size: float, turned: bool) -> None:
    """Draw a key's token over a grid's edge y, at the middle x of its column."""
    if turned and said != " ":
        pen.text(x, y - LOOKUP["beside"], said, size, "ink", "left", NUMBERS, turned=True)
    else:
        letters(pen, x, y - size / 2 - LOOKUP["above"], said, size, "ink")


def cell(
    pen: Pen, x: float, y: float, value: float | None, widget: widgets.Lookup, size: float
) -> None:
    """Draw one weight; a masked one is a stroke."""
    c = widget["cell"]
    if value is None:
        stroke = line((x + 0.3 * c, y + 0.7 * c), (x + 0.7 * c, y + 0.3 * c))
        pen.shape(stroke, None, "ink-2", 1, alpha=CELL["masked"])
        return
    share = min(1.0, value / widget["most"])
    if share > CELL["faint"]:
        pen.shape(rounded_rectangle(x, y, c, c, 0), widget["role"], alpha=share)
    if widget["digits"]:
        said, colour = (
            to_fixed(value, widget["digits"]),
            "paper" if share > CELL["strong"] else "ink",
        )
        pen.text(x + c / 2, y + c / 2, said, size, colour, "center", NUMBERS)


def heads(widget: widgets.Heads, page: Page) -> Box:
    """Lay out small grids, a row a layer and a column a head."""
    size, gap, pad = float(widget["size"]), HEADS["gap"], HEAD_PAD
    columns = max((len(row) for row in widget["rows"]), default=0)
    step = size + 2 * pad + gap
    faces = [[_face(item, size, page) for item in row] for row in widget["rows"]]
    tall = [max((face.height for face in row), default=HEAD_NAME + 2 * pad) for row in faces]

    def paint(pen: Pen, x: float, y: float) -> None:
        for items, row, high in zip(widget["rows"], faces, tall):
            for k, (item, face) in enumerate(zip(items, row)):
                face.paint(pen, x + k * step, y)
                if item.get("on"):
                    ring = rounded_rectangle(
                        x + k * step, y, size + 2 * pad, high - 2, HEADS_RADIUS
                    )
                    pen.shape(ring, None, "accent", HEADS["border"])
            y += high + gap

    return Box(columns * step, sum(tall) + gap * len(tall), paint)


def _face(item: widgets.Head, size: float, page: Page) -> Box:
    """Lay out a head's name and its grid."""
    grid, pad = _rows(item["weights"], page), HEAD_PAD
    unit = size / max(len(grid), len(grid[0]))

    def paint(pen: Pen, x: float, y: float) -> None:
        soft = pen.with_fade(HEAD["off"] if item.get("off") else 1.0)
        small(soft, x + pad, y + HEAD_NAME + pad, grid, unit)
        name = page.say(item["name"])
        pen.text(x + pad + size / 2, y + HEAD_NAME / 2, name, HEADS["size"], "ink-2", "center")

    return Box(size + 2 * pad, len(grid) * unit + HEAD_NAME + 2 * pad, paint)


def small(pen: Pen, x: float, y: float, grid: Weights, u: float) -> None:
    """Draw a grid without labels, cells of side u."""
    pen.shape(rounded_rectangle(x, y, u * len(grid[0]), u * len(grid), 0), "wash")
    for i, row in enumerate(grid):
        for j, v in enumerate(row):
            if v is not None and v > HEAD["faint"]:
                pen.shape(rounded_rectangle(x + j * u, y + i * u, u, u, 0), "hidden", alpha=v)


def _rows(weights: Any, page: Page) -> Weights:
    shared: Any = page.parts
    return shared[weights]["rows"] if isinstance(weights, str) else weights


def _room(said: str, close: bool) -> float:
    of = CLOSE if close else TOKEN
    wide = math.ceil(width_of(visible_token(said), of["size"], NUMBERS)) + of["pad"]
    return max(CLOSE["least"] if close else TOKEN["height"] - TOKEN["gap"], wide)


def _long(texts: Sequence[str], close: bool) -> float:
    gap = (CLOSE if close else TOKEN)["gap"]
    return sum(_room(said, close) + gap for said in texts) - gap


def _places(texts: Sequence[str], side: float, wide: float, close: bool) -> list[float]:
    """Return where the middles of tokens stand that are spread over a width, in points."""
    rest, gap = wide - _long(texts, close), (CLOSE if close else TOKEN)["gap"]
    extra = min(rest / max(1, len(texts)), SPREAD)
    x = side + (rest - extra * (len(texts) - 1)) / 2
    out = []
    for said in texts:
        out.append(x + _room(said, close) / 2)
        x += _room(said, close) + gap + extra
    return out
