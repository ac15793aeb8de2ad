"""A piece of the plane with its layers, as a `Box` without its label (web/field.js).

What lies outside the bounds is left out, as a canvas clips it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from apps.stage.paper.pen import Box, Colour, Path, Pen, disc, line, rounded, together, width_of
from apps.stage.paper.pictures import ABOVE, BELOW

OPAQUE = 190 / 255  # how much of its colour a surface has at most
GREY = 150 / 255  # of a point whose value is 0
OPEN = ("ring", "cross")
RULED = 9.0  # from one line to the next over what is below a surface's middle

Widget = dict[str, Any]
Place = Callable[[Any], np.ndarray]


def field(widget: Widget, page: Any) -> Box:
    """Return a field: its layers from the back to the front, its frame, its legend."""
    x0, x1, y0, y1 = widget["bounds"]
    width = float(widget["size"])
    height = round(width * (y1 - y0) / (x1 - x0))
    key = legend(widget["layers"], width, page)

    def paint(pen: Pen, x: float, y: float) -> None:
        left = x + (max(width, key.width) - width) / 2

        def place(points: Any) -> np.ndarray:
            """Return where points (N, 2) stand, (N, 2); what is outside is nan."""
            at = np.array(points, dtype=np.float64).reshape(-1, 2)
            share = np.stack([(at[:, 0] - x0) / (x1 - x0), (y1 - at[:, 1]) / (y1 - y0)], 1)
            share[np.any(~((share >= 0) & (share <= 1)), axis=1)] = np.nan
            return share * (width, height) + (left, y)

        for layer in widget["layers"]:
            if layer["layer"] == "surface":
                pen.image(left, y, width, height, tinted(layer, pen))
                ruled(pen, layer, left, y, width, height)
            else:
                LAYERS[layer["layer"]](pen, layer, place, page)
        pen.shape(rounded(left, y, width, height, 0), None, "line", 1)
        key.paint(pen, x + (max(width, key.width) - key.width) / 2, y + height + 8)

    low = height + (8 + key.height if key.height else 0)
    return Box(max(width, key.width), low, paint, height / 2)


def tinted(layer: Widget, pen: Pen) -> np.ndarray:
    """Return a surface's colours (rows, columns, 3)."""
    raw = np.frombuffer(base64.b64decode(layer["levels"]), dtype=np.uint8)
    levels = raw.reshape(layer["rows"], layer["cols"]).astype(np.float64)
    paper, above, below = (
        np.array(to_rgb(pen.ink[k])) for k in ("paper", layer["above"], layer["below"] or "paper")
    )
    share = levels / 127 - 1 if layer["below"] else levels / 254
    part = OPAQUE * np.abs(share)[..., None]
    return part * np.where(share[..., None] < 0, below, above) + (1 - part) * paper


def ruled(pen: Pen, layer: Widget, left: float, top: float, width: float, height: float) -> None:
    """Rule the part of a surface that lies below its middle, so that it is told without colour."""
    if not layer["below"]:
        return
    rows, cols = layer["rows"], layer["cols"]
    raw = np.frombuffer(base64.b64decode(layer["levels"]), dtype=np.uint8).reshape(rows, cols)
    lines = []
    for y in np.arange(RULED / 2, height, RULED):
        for j in np.flatnonzero(raw[int(y / height * rows)] <= 127 - 16):
            ends = [left + width * (j + k) / cols for k in (0, 1)]
            lines.append(line((ends[0], top + y), (ends[1], top + y)))
    if lines:
        pen.shape(together(lines), None, "paper", 1)


def curves(pen: Pen, layer: Widget, place: Place, page: Any) -> None:
    """Draw lines; where one leaves the field it has a gap."""
    paths = []
    for one in layer["lines"]:
        at = place(one)
        seen = np.flatnonzero(np.isfinite(at).all(axis=-1))
        codes = [Path.LINETO if i - 1 in seen else Path.MOVETO for i in seen]
        if len(seen) > 1:
            paths.append(Path(at[seen], codes))
    if paths:
        dash = (6, 4) if layer["dashed"] else ()
        pen.shape(together(paths), None, layer["role"], layer["width"], dash, alpha=0.75)


def arrows(pen: Pen, layer: Widget, place: Place, page: Any) -> None:
    """Draw arrows whose ends both lie inside."""
    stems, tips = [], []
    for tail, head in zip(place(layer["from"]), place(layer["to"])):
        long = np.hypot(*(head - tail))
        if not long >= 1:  # too short, or outside
            continue
        ahead = (head - tail) / long
        side = np.array([-ahead[1], ahead[0]])
        tip = min(5.0, long)
        stems.append(line(tuple(tail), tuple(head - 0.8 * tip * ahead)))
        ends = [
            head,
            head - tip * ahead + 0.55 * tip * side,
            head - tip * ahead - 0.55 * tip * side,
        ]
        tips.append(Path([*ends, head], closed=True))
    if stems:
        pen.shape(together(stems), None, layer["role"], 1.4, (3, 3) if layer["dashed"] else ())
        pen.shape(together(tips), layer["role"])


def dots(pen: Pen, layer: Widget, place: Place, page: Any) -> None:
    """Draw points, those of one colour at once."""
    points = page.parts[layer["at"]]["at"] if isinstance(layer["at"], str) else layer["at"]
    at = place(points)
    for colour, some, below in coloured(layer, len(at), pen):
        inside = [(x, y) for x, y in at[some].tolist() if np.isfinite(x)]
        marks = [mark(layer["shape"], x, y, layer["radius"]) for x, y in inside]
        if not marks:
            continue
        if layer["shape"] in OPEN:
            pen.shape(together(marks), None, colour, 1.8)
        elif below or layer["shape"] == "square":
            pen.shape(together(marks), "paper", colour, 1.3)
        else:
            pen.shape(together(marks), colour, "paper", 0.8, alpha=0.85)


def coloured(layer: Widget, count: int, pen: Pen) -> list[tuple[Colour, np.ndarray, bool]]:
    """Return (colour, which points, whether below zero): one role for all, or a few steps of
    vermilion and blue.
    """
    if layer["values"] is None:
        return [(layer["role"], np.arange(count), False)]
    steps = np.round(6 * np.clip(np.nan_to_num(np.array(layer["values"], dtype=float)), -1, 1))

    def colour(step: float) -> Colour:
        far, share = to_rgb(ABOVE if step > 0 else BELOW), abs(step) / 6
        r, g, b = (GREY + share * (c - GREY) for c in far)
        return r, g, b

    return [(colour(float(v)), np.flatnonzero(steps == v), bool(v < 0)) for v in np.unique(steps)]


def mark(shape: str, x: float, y: float, r: float) -> Path:
    """Return a point's outline."""
    if shape == "square":
        return rounded(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r, 0)
    if shape == "cross":
        return together(
            [line((x - r, y - r), (x + r, y + r)), line((x + r, y - r), (x - r, y + r))]
        )
    return disc(x, y, r)


def legend(layers: list[Widget], width: float, page: Any) -> Box:
    """Return the names of the layers that have one, each beside its sign."""
    named = [
        (one, page.say(one.get("name", ""))) for one in layers if page.say(one.get("name", ""))
    ]
    rows: list[list] = [[]]
    left = 0.0
    for layer, said in named:
        room = 28 + width_of(said, 14)
        if rows[-1] and left + room > width:
            rows, left = [*rows, []], 0.0
        rows[-1].append((left, layer, said))
        left += room + 16
    wide = [r[-1][0] + 28 + width_of(r[-1][2], 14) if r else 0.0 for r in rows]

    def paint(pen: Pen, x: float, y: float) -> None:
        for i, row in enumerate(rows):
            start, middle = x + (max(wide) - wide[i]) / 2, y + 25 * i + 11
            for left, layer, said in row:
                sign(pen, layer, start + left, middle)
                pen.text(start + left + 28, middle, said, 14, "ink")

    return Box(max(wide), 25.0 * len(rows) if named else 0.0, paint)


def sign(pen: Pen, layer: Widget, x: float, y: float) -> None:
    """Draw what stands for a layer in the legend."""
    if layer["layer"] != "dots":
        dash = (4, 3) if layer.get("dashed") else ()
        thick = max(1.2, layer.get("width", 2.5))
        pen.shape(line((x, y), (x + 22, y)), None, layer["role"], thick, dash)
    elif layer["shape"] in (*OPEN, "square"):
        pen.shape(mark(layer["shape"], x + 11, y, 4.2), None, layer["role"], 2)
    else:
        pen.shape(mark(layer["shape"], x + 11, y, 4.2), layer["role"])


LAYERS: dict[str, Callable[[Pen, Widget, Place, Any], None]] = {
    "curves": curves,
    "arrows": arrows,
    "dots": dots,
}
