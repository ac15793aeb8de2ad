"""Planes of codes over the pictures that they decode to."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from apps.stage.look import TOKENS, dash, number, numbers
from apps.stage.paper.grey import draw_framed, shade_colours
from apps.stage.paper.pen import INK, NUMBERS, Box, Page, Pen, disc, line
from apps.stage.widgets import codes as widgets

CLASSES: list[str] = TOKENS["classes"]
SHARE, POINT = numbers("codes", "share"), numbers("codes", "point")
WAY, DASH = number("codes", "way", "stroke"), dash("codes", "way", "dash")
ELLIPSE = number("codes", "ellipse", "stroke")
MARK, NEAR = numbers("codes", "mark"), numbers("codes", "mark", "near")

At = Callable[[Sequence[float]], tuple[float, float]]


def plane(widget: widgets.Plane, page: Page) -> Box:
    """Lay out a plane of codes over its decoded grid, without the pointer."""
    shared: Any = page.parts.get(widget["sprite"])
    url = shared["url"] if shared else widget["sprite"]
    shades, size = decode_png(url), float(widget["size"])
    cloud = decode_png(widget["cloud"]) if widget["cloud"] else None

    def paint(pen: Pen, x: float, y: float) -> None:
        draw_framed(pen, x, y, size, size, shade_colours(shades * SHARE["back"], pen, "made"))

        def at(point: Sequence[float]) -> tuple[float, float]:
            return (
                x + size * share(widget["xs"], point[0]),
                y + size * share(widget["ys"], point[1]),
            )

        if cloud is not None:
            pen.image(x, y, size, size, cloud)
        draw_layers(pen, widget, at)
        for mark in widget["marks"]:
            draw_mark(pen, mark, at, (x, y, size), page)

    return Box(size, size, paint)


def decode_png(url: str) -> np.ndarray:
    """Return the entries of a picture in a data URL, each 0 to 1."""
    raw = base64.b64decode(url.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(raw)), dtype=np.float64) / 255


def draw_layers(pen: Pen, widget: widgets.Plane, at: At) -> None:
    """Draw a plane's line, digits and ellipses."""
    if widget["path"]:
        pen.shape(line(*(at(p) for p in widget["path"])), None, "ink", WAY, DASH)
    part = SHARE["point" if pen.ink is INK["light"] else "point-dark"]
    for px, py, c in widget["points"]:
        tone = pen.mix_ink(CLASSES[int(c)], part)
        said, halo = str(int(c)), POINT["halo"]
        pen.text(*at((px, py)), said, POINT["size"], tone, "center", NUMBERS, True, halo=halo)
    for px, py, a, b in widget["ellipses"]:
        turn = np.linspace(0, 2 * np.pi, 49)
        ring = [at((px + a * np.cos(p), py + b * np.sin(p))) for p in turn]
        pen.shape(line(*ring), "hidden", alpha=SHARE["ellipse"])
        pen.shape(line(*ring), None, "hidden", ELLIPSE)


def draw_mark(
    pen: Pen, mark: widgets.Mark, at: At, sheet: tuple[float, float, float], page: Page
) -> None:
    """Draw a disc and its name, on the side where the plane (left, top, size) has room for it."""
    cx, cy = at((mark["x"], mark["y"]))
    role = mark.get("role") or "ink"
    pen.shape(
        disc(cx, cy, MARK["on" if mark.get("on") else "radius"]), role, "paper", MARK["stroke"]
    )
    dx, dy, align = beside(cx - sheet[0], cy - sheet[1], sheet[2])
    said, halo = page.say(mark.get("label")), MARK["halo"]
    pen.text(cx + dx, cy + dy, said, MARK["size"], role, align, heavy=True, base=True, halo=halo)


def beside(x: float, y: float, size: float) -> tuple[float, float, str]:
    """Return how far from a place its name starts, and on which end it is aligned.

    Near the right edge of a plane of a size, the name stands to the left, near the top below.
    """
    left, low = x > size - NEAR["right"], y < NEAR["top"]
    dx, dy = -MARK["beside"] if left else MARK["beside"], MARK["below"] if low else -MARK["above"]
    return dx, dy, "right" if left else "left"


def share(nodes: Sequence[float | None], value: float) -> float:
    """Return where a coordinate lies along a side, 0 to 1, the nodes at the tiles' middles."""
    return (float(np.clip(index(nodes, value), -0.4, len(nodes) - 0.6)) + 0.5) / len(nodes)


def index(nodes: Sequence[float | None], value: float) -> float:
    """Return where a coordinate lies among rising or falling nodes, going on beyond the ends."""
    table = np.array(nodes, dtype=np.float64)
    up = table[-1] > table[0]
    rising = table if up else table[::-1]
    k = int(np.clip(np.searchsorted(rising, value) - 1, 0, len(rising) - 2))
    at = k + (value - rising[k]) / (rising[k + 1] - rising[k])
    return at if up else len(rising) - 1 - at
