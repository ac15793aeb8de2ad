"""Pixel grids, heatmaps, bars and networks, each as a `Box` without its label."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from apps.stage.numbers import shown
from apps.stage.paper.pen import (
    NUMBERS,
    Box,
    Path,
    Pen,
    Says,
    disc,
    line,
    rounded,
    text_box,
    together,
    width_of,
)

ABOVE, BELOW = "#d55e00", "#0072b2"  # a heatmap's colours for + and −
ROOM = 2.5  # pixels that an entry needs for its stroke to be seen
FAINT = 0.12  # of the span: nearer to zero a sign says little

Widget = dict[str, Any]


def cells(widget: Widget, page: Says) -> Box:
    """Return a pixel grid; cells that change are outlined."""
    size, cols, flip = widget["size"], widget["cols"], widget["flip"]
    flips = flip if isinstance(flip, (list, tuple)) else [] if flip is None else [flip]
    levels = widget.get("levels") or [1.0 if bit == "1" else -1.0 for bit in widget["bits"]]
    gap = 3 if size > 14 else 2 if size > 7 else 1
    step = size + gap

    def cell(i: int, x: float, y: float) -> Path:
        return rounded(x + i % cols * step, y + i // cols * step, size, size, size / 6)

    def paint(pen: Pen, x: float, y: float) -> None:
        off, on = (np.array(pen.mix(c)) for c in ("cell", widget["role"] or "ink"))
        for level in sorted(set(levels)):
            same = [cell(i, x, y) for i, v in enumerate(levels) if v == level]
            share = (level + 1) / 2
            pen.shape(together(same), tuple(share * on + (1 - share) * off))
        for i in flips:
            pen.shape(cell(i, x, y), None, "grad", 3)

    return Box(cols * step - gap, widget["rows"] * step - gap, paint)


def heat(widget: Widget, page: Says) -> Box:
    """Return a matrix as colours, vermilion above zero, blue and struck below, with its scale."""
    table = np.array(widget["rows"], dtype=np.float64)  # (n, m)
    span, width = widget["span"], float(widget["size"])
    height = width * table.shape[0] / table.shape[1]
    ends = [shown(-span, 2), shown(span, 2)]
    room = [width_of(e, 13, NUMBERS) for e in ends]
    names = [page.say(widget.get(k)) for k in ("ylabel", "xlabel")]
    above, below = (20 if n else 0 for n in names)
    full = max(width, sum(room) + 106)

    def paint(pen: Pen, x: float, y: float) -> None:
        left = x + (full - width) / 2
        pen.text(left, y + 9, names[0], 13, "ink-2")
        y += above
        pen.image(left, y, width, height, _tints(table / span, pen))
        minus(pen, table / span, left, y, width / table.shape[1])
        pen.shape(rounded(left, y, width, height, 0), None, "line", 1)
        if widget.get("mark"):
            i, j = ((k + 0.5) * width / table.shape[1] for k in widget["mark"])
            pen.shape(disc(left + j, y + i, 5.75), None, "ink", 2.5)
        pen.text(left + width, y + height + 11, names[1], 13, "ink-2", "right")
        middle, start = y + height + below + 16, x + (full - sum(room) - 106) / 2
        pen.text(start, middle, ends[0], 13, "ink-2", fonts=NUMBERS)
        pen.image(
            start + room[0] + 8, middle - 4.5, 90, 9, _tints(np.linspace(-1, 1, 91)[None], pen)
        )
        pen.text(start + room[0] + 106, middle, ends[1], 13, "ink-2", fonts=NUMBERS)

    return Box(full, above + height + below + 26, paint, above + height / 2)


def minus(pen: Pen, share: np.ndarray, left: float, top: float, unit: float) -> None:
    """Strike every entry below zero that can be seen: the sign is told without colour."""
    if unit < ROOM:
        return
    strokes = []
    for i, j in np.argwhere(share <= -FAINT):
        y = top + (i + 0.5) * unit
        strokes.append(line((left + (j + 0.15) * unit, y), (left + (j + 0.85) * unit, y)))
    if strokes:
        pen.shape(together(strokes), None, "paper", max(0.5, unit / 8))


def _tints(share: np.ndarray, pen: Pen) -> np.ndarray:
    """Return the colours (n, m, 3) of numbers in [-1, 1]."""
    a = np.clip(np.abs(share), 0, 1)[..., None]
    hue = np.where(share[..., None] > 0, to_rgb(ABOVE), to_rgb(BELOW))
    return np.nan_to_num(a) * hue + (1 - np.nan_to_num(a)) * np.array(to_rgb(pen.ink["paper"]))


def bars(widget: Widget, page: Says) -> Box:
    """Return horizontal bars from zero, each with its number."""
    low, high, track, gap = widget["low"], widget["high"], 130.0, 10.0
    items = widget["items"]
    blank = {"flip": None, "role": "ink"}
    heads = [
        cells({**blank, **item["cells"]}, page)
        if item.get("cells")
        else text_box(page.say(item["label"]), 15, "ink")
        for item in items
    ]
    first = max((h.width for h in heads), default=0.0)
    said = [shown(item["v"], widget["digits"]) for item in items]
    last = max((width_of(s, 15, NUMBERS) for s in said), default=0.0)
    tall = [max(h.height, 23.0) for h in heads]

    def place(value: float) -> float:
        return (min(high, max(low, value)) - low) / (high - low) * track

    def paint(pen: Pen, x: float, y: float) -> None:
        start, zero = x + first + gap, x + first + gap + place(0)
        for item, head, number, room in zip(items, heads, said, tall):
            middle = y + room / 2
            head.paint(pen, x + first - head.width, middle - head.height / 2)
            pen.shape(rounded(start, middle - 7, track, 14, 4), "wash")
            a, b = sorted((place(0), place(item["v"] or 0.0)))
            if b > a:
                pen.shape(rounded(start + a, middle - 7, b - a, 14, 3), item["role"])
            pen.shape(line((zero, middle - 10), (zero, middle + 10)), None, "ink-2", 1)
            right = start + track + gap + last
            pen.text(right, middle, number, 15, item["role"], "right", NUMBERS, True)
            y += room + 6

    return Box(first + track + last + 2 * gap, sum(tall) + 6 * max(len(items) - 1, 0), paint)


def net(widget: Widget, page: Says) -> Box:
    """Return a network: boxes with their numbers, arrows between them."""
    at = {n["id"]: n for n in widget["nodes"]}

    def paint(pen: Pen, x: float, y: float) -> None:
        for link in widget["links"]:
            arrow(pen, x, y, at[link["from"]], at[link["to"]], link, page)
        for n in widget["nodes"]:
            node(pen, x, y, n, page)

    return Box(widget["width"], widget["height"], paint)


def half(n: Widget) -> tuple[float, float]:
    """Return half a node's width and height."""
    return (n.get("w") or 64) / 2, (n.get("h") or 40) / 2


def arrow(pen: Pen, x: float, y: float, a: Widget, b: Widget, link: Widget, page: Says) -> None:
    """Draw a link from border to border; a cut one is dashed and crossed out."""
    run = np.array([b["x"] - a["x"], b["y"] - a["y"]], dtype=float)

    def share(n: Widget) -> float:
        return min((h / abs(d) for h, d in zip(half(n), run) if d), default=0.0)

    origin = np.array([x + a["x"], y + a["y"]])
    start, end = origin + run * share(a), origin + run * (1 - share(b))
    ahead = (end - start) / (np.hypot(*(end - start)) or 1)
    side = np.array([-ahead[1], ahead[0]])
    role, state = link.get("role") or "ink-2", link.get("state") or ""
    soft = pen.faded(0.22) if state == "later" else pen
    width = link.get("thick") or 2
    stem = line(tuple(start), tuple(end - 7 * ahead))
    soft.shape(stem, None, role, width, (5, 5) if state == "cut" else ())
    tip = Path([end, end - 9 * ahead + 4.5 * side, end - 9 * ahead - 4.5 * side, end], closed=True)
    (pen.faded(0.3) if state == "cut" else soft).shape(tip, role)
    mx, my = (start + end) / 2
    if state == "cut":
        for way in (1, -1):
            pen.shape(line((mx - 7, my - 7 * way), (mx + 7, my + 7 * way)), None, "grad", 3)
    steep = abs(ahead[1]) > 0.5
    place = (mx + 6, my) if steep else (mx, my - 11)
    soft.text(*place, page.say(link.get("label")), 13, "ink-2", "left" if steep else "center")


def node(pen: Pen, x: float, y: float, n: Widget, page: Says) -> None:
    """Draw a node: its name, and under it its numbers once they are known."""
    (p, q), state = half(n), n.get("state") or ""
    pen = pen.faded(0.22) if state == "later" else pen
    cx, top = x + n["x"], y + n["y"] - q
    decimals = n.get("places")
    values = [shown(v, 2 if decimals is None else decimals) for v in n.get("values") or []]
    if n["role"] != "none":
        now = state == "now"
        tint = pen.mix(n["role"], 0.26 if now else 0.13)
        pen.shape(rounded(cx - p, top, 2 * p, 2 * q, 9), tint, n["role"], 4 if now else 1.5)
    middle = top + 12.5 if values else y + n["y"]
    pen.text(cx, middle, page.say(n["label"]), 13, "ink", "center", heavy=True)
    for i, v in enumerate(values if state != "later" else []):
        pen.text(cx, top + 30.5 + 16 * i, v, 13, "ink", "center", NUMBERS)
