"""Pieces of the plane with their layers.

What lies outside the bounds is left out, as a canvas clips it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from apps.stage.look import TOKENS, dash, number, numbers
from apps.stage.paper.heat import ABOVE, BELOW
from apps.stage.paper.legend import Sign, legend
from apps.stage.paper.pen import (
    Box,
    Colour,
    Page,
    Path,
    Pen,
    disc,
    line,
    rounded_rectangle,
    together,
)
from apps.stage.widgets import Label
from apps.stage.widgets import field as widgets

OPAQUE = number("sign", "share", "surface")  # how much of its colour a surface has at most
ZERO = to_rgb(TOKENS["sign"]["zero"])  # of a point whose value is 0
OPEN = ("ring", "cross")
RULED = number("sign", "ruled")  # from one line to the next over what is below a surface's middle
SHARE, DASH, EDGE = numbers("field", "share"), dash("field", "dash"), number("field", "edge")
ARROW, TIP = numbers("field", "arrow"), numbers("field", "arrow", "share")
ARROW_DASH, SIGN_DASH = dash("field", "arrow", "dash"), dash("field", "sign", "dash")
DOT, SIDE = numbers("field", "dot"), number("field", "square", "share", "side")
SIGN, UNDER = numbers("field", "sign"), number("field", "legend")

Place = Callable[[Any], np.ndarray]


def field(widget: widgets.Field, page: Page) -> Box:
    """Lay out a field: its layers from the back to the front, its frame, its legend."""
    x0, x1, y0, y1 = widget["bounds"]
    width = float(widget["size"])
    height = round(width * (y1 - y0) / (x1 - x0))
    named = [(page.say(_name(one)), one) for one in widget["layers"]]
    key = legend([(said, _sign(one)) for said, one in named if said], SIGN["width"], width)

    def paint(pen: Pen, x: float, y: float) -> None:
        left = x + (max(width, key.width) - width) / 2

        def place(points: Any) -> np.ndarray:
            """Return the positions (N, 2) of points (N, 2) on the page; nan outside."""
            at = np.array(points, dtype=np.float64).reshape(-1, 2)
            share = np.stack([(at[:, 0] - x0) / (x1 - x0), (y1 - at[:, 1]) / (y1 - y0)], 1)
            share[np.any(~((share >= 0) & (share <= 1)), axis=1)] = np.nan
            return share * (width, height) + (left, y)

        for layer in widget["layers"]:
            if layer["layer"] == "surface":
                surface(pen, layer, (left, y), (width, height))
            elif layer["layer"] == "curves":
                curves(pen, layer, place)
            elif layer["layer"] == "arrows":
                arrows(pen, layer, place)
            else:
                dots(pen, layer, place, page)
        pen.shape(rounded_rectangle(left, y, width, height, 0), None, "line", EDGE)
        key.paint(pen, x + (max(width, key.width) - key.width) / 2, y + height + UNDER)

    low = height + (UNDER + key.height if key.height else 0)
    return Box(max(width, key.width), low, paint, height / 2)


def _name(layer: widgets.Layer) -> Label:
    return "" if layer["layer"] == "surface" else layer["name"]


def surface(
    pen: Pen, layer: widgets.Surface, corner: tuple[float, float], size: tuple[float, float]
) -> None:
    """Draw colours over a field from its top left corner, and rule those below the middle."""
    raw = np.frombuffer(base64.b64decode(layer["levels"]), dtype=np.uint8)
    levels = raw.reshape(layer["rows"], layer["cols"])
    pen.image(*corner, *size, surface_colours(layer, levels.astype(np.float64), pen))
    if layer["below"]:
        hatch_below(pen, levels, corner, size)


def surface_colours(layer: widgets.Surface, levels: np.ndarray, pen: Pen) -> np.ndarray:
    """Return a surface's colours (rows, columns, 3) of its levels (rows, columns), 0 to 254."""
    paper, above, below = (
        np.array(to_rgb(pen.ink[k])) for k in ("paper", layer["above"], layer["below"] or "paper")
    )
    share = levels / 127 - 1 if layer["below"] else levels / 254
    part = OPAQUE * np.abs(share)[..., None]
    return part * np.where(share[..., None] < 0, below, above) + (1 - part) * paper


def hatch_below(
    pen: Pen, levels: np.ndarray, corner: tuple[float, float], size: tuple[float, float]
) -> None:
    """Hatch the part of a surface below its middle, to mark it without colour."""
    (left, top), (width, height), (rows, cols) = corner, size, levels.shape
    strokes = []
    for y in np.arange(RULED / 2, height, RULED):
        for j in np.flatnonzero(levels[int(y / height * rows)] <= 127 - 16):
            ends = [left + width * (j + k) / cols for k in (0, 1)]
            strokes.append(line((ends[0], top + y), (ends[1], top + y)))
    if strokes:
        pen.shape(together(strokes), None, "paper", 1)


def curves(pen: Pen, layer: widgets.Curves, place: Place) -> None:
    """Draw lines; where one leaves the field it has a gap."""
    paths = []
    for one in layer["lines"]:
        at = place(one)
        seen = np.flatnonzero(np.isfinite(at).all(axis=-1))
        codes = [Path.LINETO if i - 1 in seen else Path.MOVETO for i in seen]
        if len(seen) > 1:
            paths.append(Path(at[seen], codes))
    if paths:
        dashes = DASH if layer["dashed"] else ()
        path = together(paths)
        pen.shape(path, None, layer["role"], layer["width"], dashes, alpha=SHARE["curve"])


def arrows(pen: Pen, layer: widgets.Arrows, place: Place) -> None:
    """Draw arrows whose ends both lie inside."""
    stems, tips = [], []
    for tail, head in zip(place(layer["from"]), place(layer["to"])):
        long = np.hypot(*(head - tail))
        if not long >= 1:  # too short, or outside
            continue
        ahead = (head - tail) / long
        side = np.array([-ahead[1], ahead[0]])
        tip = min(ARROW["tip"], long)
        stems.append(line(tuple(tail), tuple(head - TIP["stem"] * tip * ahead)))
        back, half = head - tip * ahead, TIP["half"] * tip * side
        tips.append(Path([head, back + half, back - half, head], closed=True))
    if stems:
        dashes = ARROW_DASH if layer["dashed"] else ()
        pen.shape(together(stems), None, layer["role"], ARROW["stroke"], dashes)
        pen.shape(together(tips), layer["role"])


def dots(pen: Pen, layer: widgets.Dots, place: Place, page: Page) -> None:
    """Draw points, those of one colour at once."""
    shared: Any = page.parts
    at = place(shared[layer["at"]]["at"] if isinstance(layer["at"], str) else layer["at"])
    for colour, some, below in colour_groups(layer, len(at)):
        inside = [(x, y) for x, y in at[some].tolist() if np.isfinite(x)]
        marks = [mark(layer["shape"], x, y, layer["radius"]) for x, y in inside]
        if not marks:
            continue
        if layer["shape"] in OPEN:
            pen.shape(together(marks), None, colour, DOT["open"])
        elif below or layer["shape"] == "square":
            pen.shape(together(marks), "paper", colour, DOT["hollow"])
        else:
            pen.shape(together(marks), colour, "paper", DOT["edge"], alpha=SHARE["dot"])


def colour_groups(layer: widgets.Dots, count: int) -> Sequence[tuple[Colour, np.ndarray, bool]]:
    """Return (colour, which points, whether below zero): one role for all, or a few steps of
    vermilion and blue.
    """
    if layer["values"] is None:
        return [(layer["role"], np.arange(count), False)]
    steps = np.round(6 * np.clip(np.nan_to_num(np.array(layer["values"], dtype=float)), -1, 1))

    def colour(step: float) -> Colour:
        far, share = to_rgb(ABOVE if step > 0 else BELOW), abs(step) / 6
        r, g, b = (z + share * (c - z) for z, c in zip(ZERO, far))
        return r, g, b

    return [(colour(float(v)), np.flatnonzero(steps == v), bool(v < 0)) for v in np.unique(steps)]


def mark(shape: str, x: float, y: float, r: float) -> Path:
    """Return a point's outline, its radius in points."""
    if shape == "square":
        return rounded_rectangle(x - SIDE * r, y - SIDE * r, 2 * SIDE * r, 2 * SIDE * r, 0)
    if shape == "cross":
        return together(
            [line((x - r, y - r), (x + r, y + r)), line((x + r, y - r), (x - r, y + r))]
        )
    return disc(x, y, r)


def _sign(layer: widgets.Layer) -> Sign:
    """Return how a layer's sign in the legend is painted."""

    def paint(pen: Pen, x: float, y: float) -> None:
        if layer["layer"] == "surface":
            return
        if layer["layer"] != "dots":
            thick = layer["width"] if layer["layer"] == "curves" else SIGN["stroke"]
            path, dashes = (
                line((x, y), (x + SIGN["width"], y)),
                SIGN_DASH if layer["dashed"] else (),
            )
            pen.shape(path, None, layer["role"], max(SIGN["least"], thick), dashes)
            return
        path = mark(layer["shape"], x + SIGN["width"] / 2, y, SIGN["radius"])
        if layer["shape"] in (*OPEN, "square"):
            pen.shape(path, None, layer["role"], 2)
        else:
            pen.shape(path, layer["role"])

    return paint
