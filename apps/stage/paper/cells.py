"""Pixel grids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.stage.look import number, numbers
from apps.stage.paper.pen import Box, Page, Path, Pen, rounded_rectangle, together
from apps.stage.widgets import Role
from apps.stage.widgets import cells as widgets

GAP, ABOVE = numbers("cells", "gap"), numbers("cells", "above")
CORNERS, JOINED = number("cells", "bare", "corners"), number("cells", "bare", "joined")
OUTLINE = number("cells", "flip", "stroke")


def cells(widget: widgets.Cells, page: Page) -> Box:
    """Lay out a pixel grid; cells that change are outlined."""
    flip = widget["flip"]
    flips = [] if flip is None else [flip] if isinstance(flip, int) else flip
    return grid(widget, widget["levels"], widget["role"], flips)


def gap(size: float, cols: int) -> float:
    """Return how far cells of a size stand apart, both in points; many in a row do not."""
    if cols > JOINED:
        return GAP["tiny"]
    return GAP[next((name for name, above in ABOVE.items() if size > above), "tiny")]


def grid(
    widget: widgets.Grid,
    levels: Sequence[float] | None = None,
    role: Role = "ink",
    flips: Sequence[int] = (),
) -> Box:
    """Lay out pixels of -1 and 1, or of shades between them."""
    size, cols = widget["size"], widget["cols"]
    levels = levels or [1.0 if bit == "1" else -1.0 for bit in widget["bits"]]
    apart = gap(size, cols)
    step = size + apart

    def cell(i: int, x: float, y: float) -> Path:
        return rounded_rectangle(
            x + i % cols * step, y + i // cols * step, size, size, size / CORNERS
        )

    def paint(pen: Pen, x: float, y: float) -> None:
        off, on = (np.array(pen.mix(c)) for c in ("cell", role or "ink"))
        for level in sorted(set(levels)):
            same = [cell(i, x, y) for i, v in enumerate(levels) if v == level]
            share = (level + 1) / 2
            pen.shape(together(same), tuple(share * on + (1 - share) * off))
        for i in flips:
            pen.shape(cell(i, x, y), None, "grad", OUTLINE)

    return Box(cols * step - apart, widget["rows"] * step - apart, paint)
