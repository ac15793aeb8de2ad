"""Pictures of shades."""

from __future__ import annotations

import base64

import numpy as np
from matplotlib.colors import to_rgb

from apps.stage.look import number
from apps.stage.paper.pen import Box, Page, Pen, rounded_rectangle
from apps.stage.widgets import Role
from apps.stage.widgets import grey as widgets

EDGE = number("figure", "edge")


def grey(widget: widgets.Grey, page: Page) -> Box:
    """Lay out a picture of shades."""
    raw = np.frombuffer(base64.b64decode(widget["shades"]), dtype=np.uint8)
    shades = raw.reshape(widget["rows"], widget["cols"]) / 255
    width = float(widget["size"])
    height = width * widget["rows"] / widget["cols"]

    def paint(pen: Pen, x: float, y: float) -> None:
        draw_framed(pen, x, y, width, height, shade_colours(shades, pen, widget["role"]))

    return Box(width, height, paint)


def draw_framed(pen: Pen, x: float, y: float, width: float, height: float, rgb: np.ndarray) -> None:
    """Draw a picture's colours (H, W, 3) and a thin frame around them."""
    pen.image(x, y, width, height, rgb)
    pen.shape(rounded_rectangle(x, y, width, height, 0), None, "line", EDGE)


def shade_colours(shades: np.ndarray, pen: Pen, role: Role) -> np.ndarray:
    """Return the colours (H, W, 3) of shades in [0, 1] on paper."""
    ink, paper = (np.array(to_rgb(pen.ink[name])) for name in (role, "paper"))
    return shades[..., None] * ink + (1 - shades[..., None]) * paper
