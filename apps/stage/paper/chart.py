"""Curves on axes, drawn as the page draws them: told by dash and name, not by colour alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from apps.stage.numbers import plain
from apps.stage.paper.pen import Box, Path, Pen, Says, disc, line, together, width_of

DASHES: tuple[tuple[float, ...], ...] = ((), (7, 4), (2, 3), (9, 3, 2, 3))
POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SIDES = {
    "right": (15, 0, "left"),
    "left": (-15, 0, "right"),
    "above": (0, -20, "center"),
    "below": (0, 21, "center"),
}
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 12, 40  # a chart's margins

Widget = dict[str, Any]


class Axes:
    """How a chart's numbers become places: its ranges, and whether x or y is a logarithm."""

    def __init__(self, widget: Widget):
        self.w, self.h, self.log = widget["width"], widget["height"], widget["log"]
        self.wide = bool(widget.get("xlog"))
        self.curves = [{**s, "x": s["x"] or list(range(len(s["y"])))} for s in widget["series"]]
        bands = [v for s in self.curves if s["band"] for side in s["band"] for v in side]
        seen = [v for s in self.curves for v in s["y"]] + bands
        seen += [r["y"] for r in widget["rules"] if "y" in r] + [widget["low"], widget["high"]]
        ys = [self.map(v) for v in seen if self.good(v)]
        xs = widget["range"] or [
            x for s in self.curves for x, y in zip(s["x"], s["y"]) if self.good(y)
        ]
        xs = [self.across(x) for x in xs]
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

    def across(self, value: float) -> float:
        """Return a value of x, or its power of ten."""
        return math.log10(value) if self.wide else value

    def X(self, value: float) -> float:
        """Return how far to the right a value stands."""
        return LEFT + (self.across(value) - self.x0) / (self.x1 - self.x0) * (self.w - LEFT - RIGHT)

    def Y(self, mapped: float) -> float:
        """Return how far down a mapped value stands."""
        part = (mapped - self.y0) / (self.y1 - self.y0)
        return self.h - BOTTOM - part * (self.h - TOP - BOTTOM)

    def point(self, x: float, y: float | None) -> tuple[float, float]:
        """Return a point's place, (nan, nan) for a gap."""
        if y is None or not self.good(y):
            return math.nan, math.nan
        return self.X(x), self.Y(self.map(y))


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
        for one in widget.get("spots", ()):
            at = axes.point(one["x"], one["y"])
            spot(pen, x + at[0], y + over + at[1], one, page.say(one["label"]))

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
    wide = axes.x1 - axes.x0
    for v in ticks(axes.x0, axes.x1, min(6, wide) if axes.wide else min(8, axes.w / 60)):
        if axes.wide and not v.is_integer():
            continue
        large = axes.wide and v >= 4
        said = f"10{str(int(v)).translate(POWERS)}" if large else plain(10**v if axes.wide else v)
        pen.text(x + axes.X(10**v if axes.wide else v), bottom + 14, said, 13, "ink-2", "center")
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
    points = [axes.point(a, b) for a, b in zip(curve["x"], curve["y"])]
    dots = np.array([(x + a, y + b) for a, b in points if math.isfinite(a)])
    if not len(dots):
        return
    before = [False, *(math.isfinite(a) for a, _ in points[:-1])]
    moves = [
        Path.LINETO if b else Path.MOVETO for b, (a, _) in zip(before, points) if math.isfinite(a)
    ]
    pen.shape(Path(dots, moves), None, role, 2.5, dash)
    if len(points) <= 40:
        pen.shape(together([disc(a, b, 2.6) for a, b in dots]), role)
    now = points[curve["x"].index(cursor)] if cursor in curve["x"] else (math.nan, math.nan)
    if math.isfinite(now[0]):
        pen.shape(disc(x + now[0], y + now[1], 7), role)


def spot(pen: Pen, x: float, y: float, one: Widget, said: str) -> None:
    """Draw a disc with its name, filled as far round as its share; ringed if it is on."""
    role, share = one["role"], one.get("share", 1.0)
    share = 1.0 if share is None else share
    pen.shape(disc(x, y, 9), pen.mix(role, 0.2), role, 1.5)
    if share >= 1:
        pen.shape(disc(x, y, 9), role)
    elif share > 0:
        wedge = Path.wedge(90 - 360 * share, 90)  # from the top, clockwise
        pen.shape(Path(np.asarray(wedge.vertices) * [9, -9] + [x, y], wedge.codes), role)
    if one.get("on"):
        pen.shape(disc(x, y, 13), None, role, 2)
    dx, dy, align = SIDES[one.get("side") or "right"]
    pen.text(x + dx, y + dy, said, 14, "ink", align)
