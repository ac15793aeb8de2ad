"""Strips of tokens, and the letters of a token wherever one is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from apps.stage.look import number, numbers
from apps.stage.paper.pen import NUMBERS, Box, Page, Pen, line, rounded_rectangle, width_of
from apps.stage.widgets import strip as widgets

STRIP = numbers("strip")
SHARE, EDGE, SPACE = numbers("token", "share"), numbers("token", "edge"), number("token", "space")


def strip(widget: widgets.Strip, page: Page) -> Box:
    """Lay out tokens one after the other, in lines no wider than the widget."""
    texts = [page.say(one) for one in widget["tokens"]]
    high = widget["size"] + STRIP["over"]
    placed = _place_tokens(texts, float(widget["size"]), high, widget["width"])
    shades = [shade or 0.0 for shade in widget["shades"] or [0.0] * len(texts)]
    later = widget["later"]

    def paint(pen: Pen, left: float, top: float) -> None:
        for i, (said, (x, y, wide)) in enumerate(zip(texts, placed)):
            soft = pen.with_fade(SHARE["later"]) if later is not None and i >= later else pen
            tint = pen.mix(widget["role"], min(1.0, shades[i])) if shades[i] else "wash"
            now = i == widget["now"]
            edge = "accent" if now else None if widget["shades"] else "line"
            inside = STRIP["gap"]
            box = rounded_rectangle(
                left + x, top + y + inside, wide - inside, high - 3 * inside, STRIP["radius"]
            )
            soft.shape(box, tint, edge, EDGE["at" if now else "usual"])
            colour = "paper" if shades[i] > SHARE["strong"] else "ink"
            across, level = left + x + wide / 2 - inside / 2, top + y + high / 2 - inside / 2
            letters(soft, across, level, said, widget["size"], colour)

    last = placed[-1][1] + (high if texts[-1] == "\n" else 0) if placed else 0.0
    return Box(max((a + w for a, _, w in placed), default=0.0), last + high, paint)


def _place_tokens(
    texts: Sequence[str], size: float, high: float, most: float
) -> list[tuple[float, float, float]]:
    """Return where each token stands from the left and the top, and how wide it is, in points."""
    x, y = 0.0, 0.0
    placed: list[tuple[float, float, float]] = []
    for said in texts:
        wide = (
            max(SHARE["wide"] * size, width_of(visible_token(said), size, NUMBERS)) + STRIP["pad"]
        )
        if x and x + wide > most:
            x, y = 0.0, y + high
        placed.append((x, y, wide))
        x = x + wide
        if said == "\n":
            x, y = 0.0, y + high
    return placed


def letters(pen: Pen, x: float, y: float, said: str, size: float, colour: str) -> None:
    """Draw a token's letters around a point; a space is an open box."""
    if said == " ":
        path = line((x - 4, y), (x - 4, y + 4), (x + 4, y + 4), (x + 4, y))
        pen.shape(path, None, "ink-2" if colour == "ink" else colour, SPACE)
    else:
        pen.text(x, y, visible_token(said), size, colour, "center", NUMBERS)


def visible_token(said: str) -> str:
    """Return a token as it is written: the end of a line is a ¶."""
    return "¶" if said == "\n" else said
