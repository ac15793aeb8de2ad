"""Straight lines over a chart, each named beside it on the side that curves leave free."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from apps.stage.look import dash, number, numbers
from apps.stage.paper.axes import MARGIN, TICK, Axes
from apps.stage.paper.pen import Pen, line, width_of
from apps.stage.widgets import chart as widgets

RULE, DASH = numbers("chart", "rule"), dash("chart", "rule", "dash")
HALO = number("chart", "tick", "halo")
FAR = 1000.0  # more than points of curves can lie under a name
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


def name_rule(pen: Pen, x: float, y: float, axes: Axes, one: widgets.Rule, name: str) -> None:
    """Write a line's name beside it, where the fewest points of curves lie."""
    if not name:
        return
    width = width_of(name, TICK["size"])
    across, down, align = min(places(one, axes), key=lambda at: hidden(at, width, axes))
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


def hidden(at: Place, width: float, axes: Axes) -> float:
    """Return how many points of curves a name would cover; `FAR` more outside the chart."""
    left, right, _, bottom = box(axes)
    x = at[0] if at[2] == "left" else at[0] - width
    low, high = at[1] + 5, at[1] - TICK["size"]
    found = FAR if x < left or x + width > right + 8 or high < 0 or at[1] > bottom else 0.0
    for a, b in strokes(axes):
        points = a + np.linspace(0, 1, 8, endpoint=False)[:, None] * (b - a)  # (8, 2)
        across = (points[:, 0] > x - 3) & (points[:, 0] < x + width + 3)
        found += float((across & (points[:, 1] > high) & (points[:, 1] < low)).sum())
    return found


def strokes(axes: Axes) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the two ends (2,) of each stroke of the curves."""
    for curve in axes.curves:
        points = [np.array(axes.point(a, v)) for a, v in zip(curve["at"], curve["y"])]
        for a, b in zip(points, points[1:]):
            if np.isfinite([a, b]).all():
                yield a, b
