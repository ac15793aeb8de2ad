"""Straight lines over a chart, each named beside it on the side that curves leave free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from apps.stage.look import dash, number, numbers
from apps.stage.paper.axes import MARGIN, TICK, Axes
from apps.stage.paper.pen import Pen, line, width_of
from apps.stage.widgets import chart as widgets

RULE, DASH = numbers("chart", "rule"), dash("chart", "rule", "dash")
HALO = number("chart", "tick", "halo")
FAR = 1000.0  # more than can lie under a name
OVER = 100.0  # a disc or a name that is hidden weighs as much as so many points of a curve
HIGH = 0.8  # of letters over their baseline, in font sizes
Rect = tuple[float, float, float, float]  # left, right, upper and lower edge
Place = tuple[float, float, str]  # x, baseline, and "left" or "right" of x


def draw_rule(pen: Pen, x: float, y: float, axes: Axes, one: widgets.Rule) -> None:
    """Draw a straight line over the chart, level or upright."""
    left, right, top, bottom = box(axes)
    if "y" in one:
        level = axes.Y(axes.map(one["y"]))
        ends = ((x + left, y + level), (x + right, y + level))
    else:
        upright = axes.X(one.get("x", 0.0))
        ends = ((x + upright, y + top), (x + upright, y + bottom))
    pen.shape(line(*ends), None, "ink-2", RULE["stroke"], DASH)


def name_rule(
    pen: Pen,
    x: float,
    y: float,
    axes: Axes,
    one: widgets.Rule,
    name: str,
    taken: Sequence[Rect],
) -> None:
    """Write a line's name beside it, where the least lies: points of curves, `taken` boxes."""
    if not name:
        return
    width = width_of(name, TICK["size"])
    across, down, align = min(
        places(one, axes), key=lambda at: cost_of_place(at, width, axes, taken)
    )
    pen.text(x + across, y + down, name, TICK["size"], "ink-2", align, base=True, halo=HALO)


def box(axes: Axes) -> tuple[float, float, float, float]:
    """Return the left, right, upper and lower edge of the curves' room."""
    return MARGIN["left"], axes.w - MARGIN["right"], MARGIN["top"], axes.h - MARGIN["bottom"]


def places(one: widgets.Rule, axes: Axes) -> list[Place]:
    """Return where a line's name may stand, the usual place first."""
    left, right, top, bottom = box(axes)
    if "y" in one:
        level = axes.Y(axes.map(one["y"]))
        sides = ((right - RULE["inside"], "right"), (left + RULE["inside"], "left"))
        heights = (level - RULE["above"], level + RULE["below"])
        return [(x, y, align) for x, align in sides for y in heights]
    upright = axes.X(one.get("x", 0.0))
    sides = ((upright + RULE["beside"], "left"), (upright - RULE["beside"], "right"))
    heights = (top + RULE["under"], bottom - RULE["above"])
    return [(x, y, align) for y in heights for x, align in sides]


def cost_of_place(at: Place, width: float, axes: Axes, taken: Sequence[Rect]) -> float:
    """Return how much a name would cover: points of curves, boxes; `FAR` more outside the chart."""
    left, right, _, bottom = box(axes)
    x = at[0] if at[2] == "left" else at[0] - width
    rect = (x, x + width, at[1] - TICK["size"], at[1] + 5)
    outside = x < left or x + width > right + 8 or at[1] - HIGH * TICK["size"] < 0 or at[1] > bottom
    over = sum(meet(rect, one) for one in taken)
    return (FAR if outside else 0.0) + OVER * over + count_covered(rect, axes)


def count_covered(at: Rect, axes: Axes) -> float:
    """Return how many points of curves lie in a rectangle."""
    found = 0.0
    for a, b in strokes(axes):
        points = a + np.linspace(0, 1, 8, endpoint=False)[:, None] * (b - a)  # (8, 2)
        across = (points[:, 0] > at[0] - 3) & (points[:, 0] < at[1] + 3)
        found += float((across & (points[:, 1] > at[2]) & (points[:, 1] < at[3])).sum())
    return found


def meet(a: Rect, b: Rect) -> bool:
    """Return whether two rectangles lie over one another."""
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]


def strokes(axes: Axes) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the two ends (2,) of each stroke of the curves."""
    for curve in axes.curves:
        points = [np.array(axes.point(a, v)) for a, v in zip(curve["at"], curve["y"])]
        for a, b in zip(points, points[1:]):
            if np.isfinite([a, b]).all():
                yield a, b
