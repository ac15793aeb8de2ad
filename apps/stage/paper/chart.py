"""Curves on axes, distinguished by dash and name, not by colour alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import numpy as np

from apps.stage.look import TOKENS, dash, number, numbers
from apps.stage.numbers import format_tick
from apps.stage.paper.legend import Sign, legend
from apps.stage.paper.pen import LINE, Box, Page, Path, Pen, disc, line, together
from apps.stage.widgets import chart as widgets

DASHES: list[Sequence[float]] = TOKENS["chart"]["dashes"]
POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MARGIN, TICK, RULE = (numbers("chart", name) for name in ("margin", "tick", "rule"))
RULED, UNDER = dash("chart", "rule", "dash"), number("chart", "name", "below")
GRID, AXIS = number("chart", "grid"), number("chart", "axis")
CURVE, SPOT, SHARE = (numbers("chart", name) for name in ("curve", "spot", "share"))
SPOT_STROKE, FILLED = numbers("chart", "spot", "stroke"), number("chart", "spot", "share", "disc")
SIDES: dict[str, tuple[float, float]] = TOKENS["chart"]["spot"]["sides"]
ALIGN = {"right": "left", "left": "right", "above": "center", "below": "center"}
FEW = number("chart", "bare", "dots")  # points of a curve, up to which each is drawn
SIGN, STROKE = number("legend", "sign", "width"), number("legend", "sign", "stroke")
NAME = round(TICK["size"] * LINE)  # height of the name of y


class Curve(widgets.Series):
    """A curve whose places on x are known."""

    at: list[float]  # where its values stand on x


class Axes:
    """A chart's ranges, and how its numbers become places in points from its top left."""

    def __init__(self, widget: widgets.Chart):
        self.w, self.h, self.log = widget["width"], widget["height"], widget["log"]
        self.wide = widget["xlog"]
        self.curves = [
            cast(Curve, {**s, "at": s["x"] or list(range(len(s["y"])))}) for s in widget["series"]
        ]
        bands = [v for s in self.curves for side in s["band"] or () for v in side]
        seen = [v for s in self.curves for v in s["y"]] + bands
        seen += [r["y"] for r in widget["rules"] if "y" in r] + [widget["low"], widget["high"]]
        ys = [self.map(v) for v in seen if v is not None and self.good(v)]
        xs = widget["range"] or [
            x for s in self.curves for x, y in zip(s["at"], s["y"]) if self.good(y)
        ]
        xs = [self.across(x) for x in xs]
        self.x0, self.x1 = (min(xs), max(xs)) if xs else (0.0, 1.0)
        self.x1 = self.x1 if self.x1 != self.x0 else self.x0 + 1
        self.y0, self.y1 = self._tall(*((min(ys), max(ys)) if ys else (0.0, 1.0)), widget)

    def _tall(self, low: float, high: float, widget: widgets.Chart) -> tuple[float, float]:
        if self.log:
            return math.floor(low), max(math.ceil(high), math.floor(low) + 1)
        if low == high:
            return low - 0.5, high + 0.5
        air = (high - low) * SHARE["air"]
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
        """Return how far to the right a value stands, in points."""
        room = self.w - MARGIN["left"] - MARGIN["right"]
        return MARGIN["left"] + (self.across(value) - self.x0) / (self.x1 - self.x0) * room

    def Y(self, mapped: float) -> float:
        """Return how far down a mapped value stands, in points."""
        part = (mapped - self.y0) / (self.y1 - self.y0)
        return self.h - MARGIN["bottom"] - part * (self.h - MARGIN["top"] - MARGIN["bottom"])

    def point(self, x: float, y: float | None) -> tuple[float, float]:
        """Return a point's place in points, (nan, nan) for a gap."""
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


def chart(widget: widgets.Chart, page: Page) -> Box:
    """Lay out curves on axes, their legend above them unless there is one curve."""
    axes = Axes(widget)
    named = [(page.say(s["name"]), k, s["role"]) for k, s in enumerate(axes.curves)]
    signs = [(said, _sign(k, role)) for said, k, role in named if said and len(named) > 1]
    key = legend(signs, SIGN, widget["width"])
    name = page.say(widget["ylabel"])
    over = (key.height + 1 if signs else 0.0) + (NAME if name else 0)

    def paint(pen: Pen, x: float, y: float) -> None:
        key.paint(pen, x + (axes.w - key.width) / 2, y)
        pen.text(x, y + over - 11, name, TICK["size"], "ink-2")
        y += over
        draw_grid(pen, x, y, axes)
        axis(pen, x, y, axes, page.say(widget["xlabel"]))
        for one in widget["rules"]:
            rule(pen, x, y, axes, one, page.say(one.get("label")))
        for k, curve in enumerate(axes.curves):
            trace(pen, (x, y), axes, curve, DASHES[k % len(DASHES)], widget["cursor"])
        for one in widget["spots"]:
            at = axes.point(one["x"], one["y"])
            spot(pen, x + at[0], y + at[1], one, page.say(one["label"]))

    return Box(axes.w, over + axes.h, paint, over + axes.h / 2)


def history(widget: widgets.History, page: Page) -> Box:
    """Lay out the axes of a run that has not begun; one that has is a chart (`filled`)."""
    return chart(widgets.fill_history(widget, ()), page)


def _sign(k: int, role: str) -> Sign:
    def paint(pen: Pen, x: float, y: float) -> None:
        pen.shape(line((x, y), (x + SIGN, y)), None, role, STROKE, DASHES[k % len(DASHES)])

    return paint


def draw_grid(pen: Pen, x: float, y: float, axes: Axes) -> None:
    """Draw the grid and the numbers along both axes."""
    left, right, bottom = (
        x + MARGIN["left"],
        x + axes.w - MARGIN["right"],
        y + axes.h - MARGIN["bottom"],
    )
    size, tall, wide = TICK["size"], axes.y1 - axes.y0, axes.x1 - axes.x0
    for v in ticks(axes.y0, axes.y1, min(6, tall) if axes.log else 5):
        if axes.log and not v.is_integer():
            continue
        level = y + axes.Y(v)
        pen.shape(line((left, level), (right, level)), None, "line", GRID)
        said = power(v) if axes.log else format_tick(v)
        pen.text(left - TICK["beside"], level, said, size, "ink-2", "right")
    for v in ticks(axes.x0, axes.x1, min(6, wide) if axes.wide else min(8, axes.w / 60)):
        if axes.wide and not v.is_integer():
            continue
        value = 10**v if axes.wide else v
        said = power(v) if axes.wide and v >= 4 else format_tick(value)
        level = bottom + TICK["below"]
        pen.text(x + axes.X(value), level, said, size, "ink-2", "center", base=True)


def power(exponent: float) -> str:
    """Return a power of ten, 10⁻³."""
    return f"10{str(int(exponent)).translate(POWERS)}"


def axis(pen: Pen, x: float, y: float, axes: Axes, name: str) -> None:
    """Draw both axes and the name of x."""
    left, right = x + MARGIN["left"], x + axes.w - MARGIN["right"]
    top, bottom = y + MARGIN["top"], y + axes.h - MARGIN["bottom"]
    pen.shape(line((left, top), (left, bottom), (right, bottom)), None, "ink-2", AXIS)
    pen.text(right, y + axes.h - UNDER, name, TICK["size"], "ink-2", "right", base=True)


def rule(pen: Pen, x: float, y: float, axes: Axes, one: widgets.Rule, name: str) -> None:
    """Draw a straight line over the chart, level or upright, and its name."""
    left, right = x + MARGIN["left"], x + axes.w - MARGIN["right"]
    top, bottom, size = y + MARGIN["top"], y + axes.h - MARGIN["bottom"], TICK["size"]
    if "y" in one:
        level = y + axes.Y(axes.map(one["y"]))
        ends = line((left, level), (right, level))
        place, align = (right - 4, level - 10), "right"
    else:
        across = x + axes.X(one.get("x", 0.0))
        ends = line((across, top), (across, bottom))
        place, align = (across + RULE["beside"], top + 8), "left"
    pen.shape(ends, None, "ink-2", RULE["stroke"], RULED)
    pen.text(*place, name, size, "ink-2", align)


def trace(
    pen: Pen,
    corner: tuple[float, float],
    axes: Axes,
    curve: Curve,
    dashes: Sequence[float],
    cursor: float | None,
) -> None:
    """Draw one curve: its band, its line with gaps, its points if few, the one that is now."""
    role, at = curve["role"], np.array(corner)
    if curve["band"] and curve["band"][0]:
        lower, upper = ([axes.point(a, b) for a, b in zip(curve["at"], s)] for s in curve["band"])
        ring = np.array([*upper, *lower[::-1]])
        ring = ring[np.isfinite(ring).all(axis=1)]
        if len(ring):
            pen.shape(Path(ring + at, closed=False), role, alpha=SHARE["band"])
    points = [axes.point(a, b) for a, b in zip(curve["at"], curve["y"])]
    dots = np.array([(at[0] + a, at[1] + b) for a, b in points if math.isfinite(a)])
    if not len(dots):
        return
    before = [False, *(math.isfinite(a) for a, _ in points[:-1])]
    moves = [
        Path.LINETO if b else Path.MOVETO for b, (a, _) in zip(before, points) if math.isfinite(a)
    ]
    pen.shape(Path(dots, moves), None, role, CURVE["stroke"], dashes)
    if len(points) <= FEW:
        pen.shape(together([disc(a, b, CURVE["dot"]) for a, b in dots]), role)
    if cursor is not None and cursor in curve["at"]:
        now = points[curve["at"].index(cursor)]
        if math.isfinite(now[0]):
            pen.shape(disc(at[0] + now[0], at[1] + now[1], CURVE["now"]), role)


def spot(pen: Pen, x: float, y: float, one: widgets.Spot, said: str) -> None:
    """Draw a disc with its name, filled as far round as its share; ringed if it is on."""
    role, share, radius = one.get("role") or "ink", one.get("share", 1.0), SPOT["radius"]
    share = 1.0 if share is None else share
    pen.shape(disc(x, y, radius), pen.mix(role, FILLED), role, SPOT_STROKE["disc"])
    if share >= 1:
        pen.shape(disc(x, y, radius), role)
    elif share > 0:
        wedge = Path.wedge(90 - 360 * share, 90)  # from the top, clockwise
        corners = np.asarray(wedge.vertices) * [radius, -radius] + [x, y]
        pen.shape(Path(corners, wedge.codes), role)
    if one.get("on"):
        pen.shape(disc(x, y, SPOT["halo"]), None, role, SPOT_STROKE["halo"])
    side = one.get("side") or "right"
    dx, dy = SIDES[side]
    halo = SPOT_STROKE["text"]
    pen.text(x + dx, y + dy, said, SPOT["size"], "ink", ALIGN[side], base=True, halo=halo)
