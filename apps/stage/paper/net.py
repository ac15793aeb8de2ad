"""Networks: boxes with their numbers, arrows between them."""

from __future__ import annotations

import numpy as np

from apps.stage.look import dash, number, numbers
from apps.stage.numbers import format_number
from apps.stage.paper.pen import NUMBERS, Box, Page, Path, Pen, line, rounded_rectangle
from apps.stage.widgets import net as widgets

NODE, EDGE = numbers("net", "node"), numbers("net", "node", "stroke")
FIRST, STEP = number("net", "node", "number", "first"), number("net", "node", "number", "step")
LINK, DASH = number("net", "link", "stroke"), dash("net", "link", "dash")
TIP, CROSS, BESIDE = (numbers("net", "link", name) for name in ("tip", "cross", "label"))
SHARE, LATER = numbers("net", "share"), number("figure", "share", "later")


def net(widget: widgets.Net, page: Page) -> Box:
    """Lay out a network, its arrows behind its boxes."""
    at = {n["id"]: n for n in widget["nodes"]}

    def paint(pen: Pen, x: float, y: float) -> None:
        for link in widget["links"]:
            arrow(pen, x, y, (at[link["from"]], at[link["to"]]), link, page)
        for n in widget["nodes"]:
            node(pen, x, y, n, page)

    return Box(widget["width"], widget["height"], paint)


def half(n: widgets.Node) -> tuple[float, float]:
    """Return half a node's width and height, in points."""
    return (n.get("w") or NODE["width"]) / 2, (n.get("h") or NODE["height"]) / 2


def arrow(
    pen: Pen,
    x: float,
    y: float,
    ends: tuple[widgets.Node, widgets.Node],
    link: widgets.Link,
    page: Page,
) -> None:
    """Draw a link from border to border; a cut one is dashed and crossed out."""
    a, b = ends
    run = np.array([b["x"] - a["x"], b["y"] - a["y"]], dtype=float)

    def share(n: widgets.Node) -> float:
        return min((h / abs(d) for h, d in zip(half(n), run) if d), default=0.0)

    origin = np.array([x + a["x"], y + a["y"]])
    start, end = origin + run * share(a), origin + run * (1 - share(b))
    ahead = (end - start) / (np.hypot(*(end - start)) or 1)
    state, role = link.get("state") or "", link.get("role") or "ink-2"
    soft = pen.with_fade(LATER) if state == "later" else pen
    stem = line(tuple(start), tuple(end - TIP["under"] * ahead))
    soft.shape(stem, None, role, link.get("thick") or LINK, DASH if state == "cut" else ())
    (pen.with_fade(SHARE["cut"]) if state == "cut" else soft).shape(tip(end, ahead), role)
    mx, my = (start + end) / 2
    if state == "cut":
        for way in (CROSS["reach"], -CROSS["reach"]):
            stroke = line((mx - CROSS["reach"], my - way), (mx + CROSS["reach"], my + way))
            pen.shape(stroke, None, "grad", CROSS["stroke"])
    said = page.say(link.get("label"))
    dx, dy, align = off_middle(*ahead)
    soft.text(mx + dx, my + dy, said, NODE["size"], "ink-2", align, base=True)


def off_middle(across: float, down: float) -> tuple[float, float, str]:
    """Return where a label stands from the middle of a link in a direction, and its alignment:
    right of an upright one, over a level one, else on the upper side.
    """
    if abs(across) < 0.3:
        return BESIDE["beside"], BESIDE["down"], "left"
    if abs(down) < 0.3:
        return 0.0, -BESIDE["above"], "center"
    way = np.sign(across) * BESIDE["off"]
    return way * down, BESIDE["down"] - way * across, "center"


def tip(end: np.ndarray, ahead: np.ndarray) -> Path:
    """Return the outline of an arrow's tip at a point (2,), in a direction (2,) of length 1."""
    side = np.array([-ahead[1], ahead[0]])
    back = end - TIP["long"] * ahead
    return Path([end, back + TIP["half"] * side, back - TIP["half"] * side, end], closed=True)


def node(pen: Pen, x: float, y: float, n: widgets.Node, page: Page) -> None:
    """Draw a node: its name, and under it its numbers once they are known."""
    (p, q), state = half(n), n.get("state") or ""
    pen = pen.with_fade(LATER) if state == "later" else pen
    cx, top, size = x + n["x"], y + n["y"] - q, NODE["size"]
    decimals = n.get("places")
    values = [format_number(v, 2 if decimals is None else decimals) for v in n.get("values") or []]
    if n["role"] != "none":
        now = state == "now"
        tint = pen.mix(n["role"], SHARE["now" if now else "node"])
        box = rounded_rectangle(cx - p, top, 2 * p, 2 * q, NODE["radius"])
        pen.shape(box, tint, n["role"], EDGE["now" if now else "usual"])
    level = top + NODE["name"] if values else y + n["y"]
    said = page.say(n["label"])
    pen.text(cx, level, said, size, "ink", "center", heavy=True, base=bool(values))
    for i, v in enumerate(values if state != "later" else []):
        pen.text(cx, top + FIRST + STEP * i, v, size, "ink", "center", NUMBERS, base=True)
