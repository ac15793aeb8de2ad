"""On which side of its disc each name on a chart stands: where it hides the least."""

from __future__ import annotations

from collections.abc import Sequence

from apps.stage.look import TOKENS, numbers
from apps.stage.paper.axes import Axes
from apps.stage.paper.pen import width_of
from apps.stage.paper.rules import HIGH, OVER, Rect, box, count_covered, meet
from apps.stage.widgets import chart as widgets

SPOT = numbers("chart", "spot")
SIDES: dict[str, tuple[float, float]] = TOKENS["chart"]["spot"]["sides"]


def name_sides(
    spots: Sequence[widgets.Spot], names: Sequence[str], axes: Axes
) -> tuple[list[str], list[Rect]]:
    """Return the side of each name, and what discs and names cover of the chart."""
    discs = [disc_rect(one, axes) for one in spots]
    sides, rects = [], []
    left, right, _, bottom = box(axes)
    for i, (one, name) in enumerate(zip(spots, names)):
        usual = one.get("side") or "right"
        if not name:
            sides.append(usual)
            continue
        others = [*discs[:i], *discs[i + 1 :], *rects]

        def cost(side: str, one=one, name=name, others=others) -> float:
            at = letters(one, name, side, axes)
            outside = at[0] < left or at[1] > right + 8 or at[2] < 0 or at[3] > bottom
            return OVER * (sum(meet(at, o) for o in others) + outside) + count_covered(at, axes)

        sides.append(min((usual, "right", "left", "above", "below"), key=cost))
        rects.append(letters(one, name, sides[-1], axes))
    return sides, [*discs, *rects]


def disc_rect(one: widgets.Spot, axes: Axes) -> Rect:
    """Return the rectangle around a disc."""
    x, y = axes.point(one["x"], one["y"])
    radius = SPOT["halo" if one.get("on") else "radius"]
    return x - radius, x + radius, y - radius, y + radius


def letters(one: widgets.Spot, name: str, side: str, axes: Axes) -> Rect:
    """Return the rectangle of a disc's name on one side."""
    x, y = axes.point(one["x"], one["y"])
    (dx, dy), width = SIDES[side], width_of(name, SPOT["size"])
    left = x + dx - ((width if dx < 0 else 0.0) if dx else width / 2)
    return left, left + width, y + dy - HIGH * SPOT["size"], y + dy + 4
