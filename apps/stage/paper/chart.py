"""Curves on axes, distinguished by dash and name, not by colour alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from apps.stage.look import TOKENS, number, numbers
from apps.stage.numbers import format_tick
from apps.stage.paper.axes import MARGIN, TICK, Axes, Curve, across, ticks
from apps.stage.paper.legend import Sign, legend
from apps.stage.paper.pen import LINE, Box, Page, Path, Pen, disc, line, together
from apps.stage.paper.rules import draw_rule, name_rule
from apps.stage.paper.sides import SIDES, name_sides
from apps.stage.widgets import chart as widgets

DASHES: list[Sequence[float]] = TOKENS["chart"]["dashes"]
POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
UNDER = number("chart", "name", "below")
GRID, AXIS = number("chart", "grid"), number("chart", "axis")
CURVE, SPOT, SHARE = (numbers("chart", name) for name in ("curve", "spot", "share"))
SPOT_STROKE, FILLED = numbers("chart", "spot", "stroke"), number("chart", "spot", "share", "disc")
ALIGN = {"right": "left", "left": "right", "above": "center", "below": "center"}
FEW = number("chart", "bare", "dots")  # points of a curve, up to which each is drawn
SIGN, STROKE = number("legend", "sign", "width"), number("legend", "sign", "stroke")
NAME = round(TICK["size"] * LINE)  # height of the name of y


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
            draw_rule(pen, x, y, axes, one)
        for k, curve in enumerate(axes.curves):
            trace(pen, (x, y), axes, curve, DASHES[k % len(DASHES)], widget["cursor"])
        names = [page.say(one["label"]) for one in widget["spots"]]
        sides, taken = name_sides(widget["spots"], names, axes)
        for one in widget["rules"]:
            name_rule(pen, x, y, axes, one, page.say(one.get("label")), taken)
        for one, said, side in zip(widget["spots"], names, sides):
            at = axes.point(one["x"], one["y"])
            spot(pen, x + at[0], y + at[1], one, said, side)

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
    size, tall = TICK["size"], axes.y1 - axes.y0
    counted = min(5, max(1, tall)) if axes.counted else 5
    for v in ticks(axes.y0, axes.y1, min(6, tall) if axes.log else counted):
        if axes.log and not v.is_integer():
            continue
        level = y + axes.Y(v)
        pen.shape(line((left, level), (right, level)), None, "line", GRID)
        said = power(v) if axes.log else format_tick(v)
        pen.text(left - TICK["beside"], level, said, size, "ink-2", "right")
    for value in across(axes):
        power_of = math.log10(value) if axes.wide else 0
        said = power(power_of) if power_of >= 4 else format_tick(value)
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


def spot(pen: Pen, x: float, y: float, one: widgets.Spot, said: str, side: str) -> None:
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
    dx, dy = SIDES[side]
    halo = SPOT_STROKE["text"]
    pen.text(x + dx, y + dy, said, SPOT["size"], "ink", ALIGN[side], base=True, halo=halo)
