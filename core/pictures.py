"""Pixel grids, curves, heatmaps, bars and networks, each as a `Box` without its label."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from matplotlib.colors import to_rgb

from core.digits import plain, shown
from core.pen import NUMBERS, Box, Colour, Path, Pen, disc, line, rounded, together, width_of

DASHES: tuple[tuple[float, ...], ...] = ((), (7, 4), (2, 3), (9, 3, 2, 3))
ABOVE, BELOW = "#d55e00", "#0072b2"  # a heatmap's colours for + and −
POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 12, 40  # a chart's margins

Widget = dict[str, Any]


class Says(Protocol):
    """The part of a page that pictures need."""

    say: Callable[[Any], str]


def words(said: str, size: float, colour: Colour, heavy: bool = False) -> Box:
    """Return one line of text."""
    width = width_of(said, size)
    high = 1.55 * size

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.text(x, y + high / 2, said, size, colour, heavy=heavy)

    return Box(width, high, paint)


def cells(widget: Widget, page: Says) -> Box:
    """Return a pixel grid; the cell that changes is outlined."""
    size, cols, flip = widget["size"], widget["cols"], widget["flip"]
    gap = 3 if size > 14 else 2 if size > 7 else 1
    step = size + gap

    def cell(i: int, x: float, y: float) -> Path:
        return rounded(x + i % cols * step, y + i // cols * step, size, size, size / 6)

    def paint(pen: Pen, x: float, y: float) -> None:
        for bit, colour in (("0", "cell"), ("1", widget["role"] or "ink")):
            same = [cell(i, x, y) for i, b in enumerate(widget["bits"]) if b == bit]
            if same:
                pen.shape(together(same), colour)
        if flip is not None:
            pen.shape(cell(flip, x, y), None, "grad", 3)

    return Box(cols * step - gap, widget["rows"] * step - gap, paint)


def heat(widget: Widget, page: Says) -> Box:
    """Return a matrix as colours, vermilion above zero and blue below, with its scale."""
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
        pen.shape(rounded(left, y, width, height, 0), None, "line", 1)
        pen.text(left + width, y + height + 11, names[1], 13, "ink-2", "right")
        middle, start = y + height + below + 16, x + (full - sum(room) - 106) / 2
        pen.text(start, middle, ends[0], 13, "ink-2", fonts=NUMBERS)
        pen.image(
            start + room[0] + 8, middle - 4.5, 90, 9, _tints(np.linspace(-1, 1, 91)[None], pen)
        )
        pen.text(start + room[0] + 106, middle, ends[1], 13, "ink-2", fonts=NUMBERS)

    return Box(full, above + height + below + 26, paint, above + height / 2)


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
        else words(page.say(item["label"]), 15, "ink")
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


# ---- curves


class Axes:
    """How a chart's numbers become places: its ranges, and whether y is a logarithm."""

    def __init__(self, widget: Widget):
        self.w, self.h, self.log = widget["width"], widget["height"], widget["log"]
        self.curves = [{**s, "x": s["x"] or list(range(len(s["y"])))} for s in widget["series"]]
        bands = [v for s in self.curves if s["band"] for side in s["band"] for v in side]
        seen = [v for s in self.curves for v in s["y"]] + bands
        seen += [r["y"] for r in widget["rules"] if "y" in r] + [widget["low"], widget["high"]]
        ys = [self.map(v) for v in seen if self.good(v)]
        xs = widget["range"] or [
            x for s in self.curves for x, y in zip(s["x"], s["y"]) if self.good(y)
        ]
        self.x0, self.x1 = (min(xs), max(xs)) if xs else (0.0, 1.0)
        self.x1 = self.x1 if self.x1 != self.x0 else self.x0 + 1
        self.y0, self.y1 = self._tall(*((min(ys), max(ys)) if ys else (0.0, 1.0)), widget)

    def _tall(self, low: float, high: float, widget: Widget) -> tuple[float, float]:
        if self.log:
            return math.floor(low), max(math.ceil(high), math.floor(low) + 1)
        if low == high:
            return low - 0.5, high + 0.5
        air = (high - low) * 0.06
        down = air if widget["low"] is None or low < widget["low"] else 0
        up = air if widget["high"] is None or high > widget["high"] else 0
        return low - down, high + up

    def good(self, value: float | None) -> bool:
        """Return whether a value can be drawn."""
        return value is not None and math.isfinite(value) and (not self.log or value > 0)

    def map(self, value: float) -> float:
        """Return a value, or its power of ten."""
        return math.log10(value) if self.log else value

    def X(self, value: float) -> float:
        """Return how far to the right a value stands."""
        return LEFT + (value - self.x0) / (self.x1 - self.x0) * (self.w - LEFT - RIGHT)

    def Y(self, mapped: float) -> float:
        """Return how far down a mapped value stands."""
        part = (mapped - self.y0) / (self.y1 - self.y0)
        return self.h - BOTTOM - part * (self.h - TOP - BOTTOM)

    def point(self, x: float, y: float | None) -> tuple[float, float]:
        """Return a point's place, (nan, nan) for a gap."""
        return (
            (self.X(x), self.Y(self.map(y)))
            if y is not None and self.good(y)
            else (math.nan, math.nan)
        )


def ticks(low: float, high: float, count: float) -> list[float]:
    """Return round values that cover [low, high]."""
    rough = (high - low) / count or 1.0
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next((m * unit for m in (1, 2, 5, 10) if m * unit >= rough), 10 * unit)
    first = math.ceil(low / step - 1e-9)
    many = math.floor((high - first * step) / step + 1e-9) + 1
    return [float(f"{(first + k) * step:.12g}") for k in range(many)]


def chart(widget: Widget, page: Says) -> Box:
    """Return curves on axes, each told by its dash and its name, not by colour alone."""
    axes = Axes(widget)
    key = legend(axes.curves, widget["width"], page)
    name = page.say(widget["ylabel"])
    over = (key.height + 4 if key else 0.0) + (20 if name else 0)

    def paint(pen: Pen, x: float, y: float) -> None:
        if key:
            key.paint(pen, x + (axes.w - key.width) / 2, y)
        pen.text(x, y + over - 11, name, 13, "ink-2")
        frame(pen, x, y + over, axes, widget, page)
        for k, curve in enumerate(axes.curves):
            trace(pen, x, y + over, axes, curve, DASHES[k % 4], widget["cursor"])

    return Box(axes.w, over + axes.h, paint, over + axes.h / 2)


def legend(curves: list[Widget], width: float, page: Says) -> Box | None:
    """Return the names of the curves beside their dashes, or nothing if one curve says it all."""
    named = [(k, s, page.say(s["name"])) for k, s in enumerate(curves) if page.say(s["name"])]
    if not named or len(curves) == 1:
        return None
    rows: list[list] = [[]]
    left = 0.0
    for k, curve, said in named:
        room = 32 + width_of(said, 14)
        if rows[-1] and left + room > width:
            rows, left = [*rows, []], 0.0
        rows[-1].append((left, k, curve["role"], said))
        left += room + 16
    wide = [r[-1][0] + 32 + width_of(r[-1][3], 14) for r in rows]

    def paint(pen: Pen, x: float, y: float) -> None:
        for i, row in enumerate(rows):
            start, middle = x + (max(wide) - wide[i]) / 2, y + 25 * i + 11
            for left, k, role, said in row:
                x0 = start + left
                pen.shape(line((x0, middle), (x0 + 26, middle)), None, role, 3, DASHES[k % 4])
                pen.text(x0 + 32, middle, said, 14, "ink")

    return Box(max(wide), 25.0 * len(rows) - 3, paint)


def frame(pen: Pen, x: float, y: float, axes: Axes, widget: Widget, page: Says) -> None:
    """Draw a chart's grid, ticks, axes, names and rules."""
    left, right, top, bottom = x + LEFT, x + axes.w - RIGHT, y + TOP, y + axes.h - BOTTOM
    tall = axes.y1 - axes.y0
    for v in ticks(axes.y0, axes.y1, min(6, tall) if axes.log else 5):
        if axes.log and not v.is_integer():
            continue
        level = y + axes.Y(v)
        pen.shape(line((left, level), (right, level)), None, "line", 1)
        said = f"10{str(int(v)).translate(POWERS)}" if axes.log else plain(v)
        pen.text(left - 8, level, said, 13, "ink-2", "right")
    for v in ticks(axes.x0, axes.x1, min(8, axes.w / 60)):
        pen.text(x + axes.X(v), bottom + 14, plain(v), 13, "ink-2", "center")
    pen.shape(line((left, top), (left, bottom), (right, bottom)), None, "ink-2", 1.5)
    pen.text(right, y + axes.h - 9, page.say(widget["xlabel"]), 13, "ink-2", "right")
    for rule in widget["rules"]:
        if "y" in rule:
            level = y + axes.Y(axes.map(rule["y"]))
            pen.shape(line((left, level), (right, level)), None, "ink-2", 1.5, (4, 4))
            pen.text(right - 4, level - 10, page.say(rule["label"]), 13, "ink-2", "right")
        else:
            across = x + axes.X(rule["x"])
            pen.shape(line((across, top), (across, bottom)), None, "ink-2", 1.5, (4, 4))
            pen.text(across + 5, top + 8, page.say(rule["label"]), 13, "ink-2")


def trace(
    pen: Pen, x: float, y: float, axes: Axes, curve: Widget, dash: tuple, cursor: float | None
) -> None:
    """Draw one curve: its band, its line with gaps, its points if few, the one that is now."""
    role, at = curve["role"], np.array([x, y])
    if curve["band"] and curve["band"][0]:
        lower, upper = ([axes.point(a, b) for a, b in zip(curve["x"], s)] for s in curve["band"])
        ring = np.array([*upper, *lower[::-1]])
        ring = ring[np.isfinite(ring).all(axis=1)]
        if len(ring):
            pen.shape(Path(ring + at, closed=False), role, alpha=0.18)
    points = (
        np.array([axes.point(a, b) for a, b in zip(curve["x"], curve["y"])]).reshape(-1, 2) + at
    )
    good = np.isfinite(points).all(axis=1)  # (n,)
    starts = good & ~np.concatenate([[False], good[:-1]])
    if good.any():
        pen.shape(
            Path(points[good], np.where(starts, Path.MOVETO, Path.LINETO)[good]),
            None,
            role,
            2.5,
            dash,
        )
    if len(points) <= 40 and good.any():
        pen.shape(together([disc(*p, 2.6) for p in points[good]]), role)
    if cursor in curve["x"] and good[curve["x"].index(cursor)]:
        pen.shape(disc(*points[curve["x"].index(cursor)], 7), role)


# ---- networks


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
    values = [
        shown(v, n.get("places") if n.get("places") is not None else 2)
        for v in n.get("values") or []
    ]
    if n["role"] != "none":
        now = state == "now"
        tint = pen.mix(n["role"], 0.26 if now else 0.13)
        pen.shape(rounded(cx - p, top, 2 * p, 2 * q, 9), tint, n["role"], 4 if now else 1.5)
    middle = top + 12.5 if values else y + n["y"]
    pen.text(cx, middle, page.say(n["label"]), 13, "ink", "center", heavy=True)
    for i, v in enumerate(values if state != "later" else []):
        pen.text(cx, top + 30.5 + 16 * i, v, 13, "ink", "center", NUMBERS)
