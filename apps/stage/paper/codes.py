"""Pictures of shades and planes of codes, each as a `Box` without its label (web/plane.js)."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from apps.stage.paper.pen import NUMBERS, Box, Pen, Says, disc, line, rounded

CLASSES = "#0072b2 #d55e00 #009e73 #b5418f #8a6d00 #2f9fd8 #7a4fbf #7f3b08 #5b6770 #c2185b".split()
FAINT = 0.62  # how much of its colour a plane's background has

Widget = dict[str, Any]


def grey(widget: Widget, page: Says) -> Box:
    """Return a picture of shades."""
    raw = np.frombuffer(base64.b64decode(widget["shades"]), dtype=np.uint8)
    shades = raw.reshape(widget["rows"], widget["cols"]) / 255
    width = float(widget["size"])
    height = width * widget["rows"] / widget["cols"]

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.image(x, y, width, height, tinted(shades, pen, widget["role"]))
        pen.shape(rounded(x, y, width, height, 0), None, "line", 1)

    return Box(width, height, paint)


def plane(widget: Widget, page: Any) -> Box:
    """Return a plane of codes over its decoded grid, without the pointer."""
    from PIL import Image

    shared = page.parts.get(widget["sprite"])
    url = shared["url"] if shared else widget["sprite"]
    raw = base64.b64decode(url.partition(",")[2])
    shades = np.asarray(Image.open(io.BytesIO(raw)), dtype=np.float64) / 255
    size = float(widget["size"])

    def place(point: Any) -> tuple[float, float]:
        return tuple(
            (float(np.clip(index(widget[axis], v), -0.4, len(widget[axis]) - 0.6)) + 0.5)
            / len(widget[axis])
            * size
            for axis, v in zip(("xs", "ys"), point)
        )  # type: ignore[return-value]

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.image(x, y, size, size, tinted(shades * FAINT, pen, "made"))
        pen.shape(rounded(x, y, size, size, 0), None, "line", 1)

        def at(point: Any) -> tuple[float, float]:
            a, b = place(point)
            return x + a, y + b

        if widget["path"]:
            pen.shape(line(*(at(p) for p in widget["path"])), None, "ink", 2.5, (6, 4))
        for px, py, c in widget["points"]:
            pen.text(*at((px, py)), str(int(c)), 15, CLASSES[int(c)], "center", NUMBERS, True)
        for px, py, a, b in widget["ellipses"]:
            turn = np.linspace(0, 2 * np.pi, 49)
            ring = [at((px + a * np.cos(p), py + b * np.sin(p))) for p in turn]
            pen.shape(line(*ring), None, "hidden", 2.5)
        for m in widget["marks"]:
            cx, cy = at((m["x"], m["y"]))
            pen.shape(disc(cx, cy, 7 if m.get("on") else 4), m["role"])
            pen.text(cx + 10, cy - 10, page.say(m.get("label")), 15, m["role"], heavy=True)

    return Box(size, size, paint)


def index(nodes: list[float], value: float) -> float:
    """Return where a coordinate lies among rising or falling nodes, going on beyond the ends."""
    rising = np.array(nodes if nodes[-1] > nodes[0] else nodes[::-1])
    k = int(np.clip(np.searchsorted(rising, value) - 1, 0, len(rising) - 2))
    at = k + (value - rising[k]) / (rising[k + 1] - rising[k])
    return at if nodes[-1] > nodes[0] else len(rising) - 1 - at


def tinted(shades: np.ndarray, pen: Pen, role: str) -> np.ndarray:
    """Return the colours (H, W, 3) of shades in [0, 1] on paper."""
    ink, paper = (np.array(to_rgb(pen.ink[name])) for name in (role, "paper"))
    return shades[..., None] * ink + (1 - shades[..., None]) * paper
