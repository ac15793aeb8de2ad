"""Figures to take away: a tree of widgets becomes a matplotlib Figure, then PNG, SVG or GIF.

The page draws the same trees (web/widgets), with the same sizes, gaps, colours and dashes out of
web/tokens.json. Each widget has a file of its own here that lays it out as a `Box`; strokes are in
`pen`, signs and names in `legend`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from apps.stage.look import number
from apps.stage.paper.attention import heads, lookup, ties
from apps.stage.paper.bars import bars
from apps.stage.paper.cells import cells
from apps.stage.paper.chart import chart, history
from apps.stage.paper.codes import plane
from apps.stage.paper.field import field
from apps.stage.paper.gif import centre, gif
from apps.stage.paper.glyphs import lacking
from apps.stage.paper.grey import grey
from apps.stage.paper.heat import heat
from apps.stage.paper.layout import add_caption, column, part, row, text
from apps.stage.paper.matrix import lines, matrix
from apps.stage.paper.net import net
from apps.stage.paper.pen import WORDS, Box, Pen
from apps.stage.paper.quiz import quiz
from apps.stage.paper.raster import raster
from apps.stage.paper.strip import strip
from apps.stage.paper.table import table
from apps.stage.widgets import Label, Shared, Widget
from core.inputs import InputError
from core.progress import report_steps

MOST_PIXELS = 100_000_000  # of all frames of an animation
MARGIN, DIM = number("figure", "margin"), number("figure", "share", "dim")

DRAW: dict[str, Callable[[Any, Sheet], Box]] = {
    draw.__name__: draw
    for draw in (
        *(row, column, part, text, matrix, lines, table, quiz, cells, heat, bars, net),
        *(grey, plane, ties, lookup, strip, heads, chart, history, field, raster),
    )
}


@dataclass
class Sheet:
    """The settings of one figure that all its widgets share."""

    parts: Mapping[str, Widget | Shared]  # what many frames share, by name
    speaker: Callable[[Any], str]  # label -> text
    decimals: int  # of a shown number, at most

    def say(self, label: Label | None) -> str:
        """Return a label in the reader's language."""
        return self.speaker(label)

    def box(self, widget: Widget) -> Box:
        """Lay out any widget, under its label if it has one."""
        box = DRAW[widget["w"]](widget, self)
        if "label" in widget:
            box = add_caption(widget["label"], box, self)
        if not widget.get("dim"):
            return box
        return Box(
            box.width, box.height, lambda pen, x, y: box.paint(pen.with_fade(DIM), x, y), box.axis
        )


def figure(
    view: Widget,
    parts: Mapping[str, Widget | Shared],
    say: Callable[[Any], str],
    decimals: int,
    theme: str = "light",
) -> Figure:
    """Draw a tree of widgets.

    Args:
        view: the outermost widget.
        parts: what {"w": "part", "id": name} stands for.
        say: label -> text.
        decimals: how many decimals a number shows.
        theme: "light" (white paper) or "dark".

    Returns:
        A figure just large enough; its fonts have the size in points that the page has in pixels.
    """
    box = Sheet(parts, say, decimals).box(view)
    pen = Pen(theme)
    box.paint(pen, 0.0, 0.0)
    return pen.done(box, MARGIN)


def missing_letters(frames: Sequence[Any]) -> str:
    """Return the letters of frames that a figure's fonts have not: it shows a box for each."""
    return lacking([one["view"] for one in frames], WORDS)


def png(drawn: Figure, dpi: int = 200) -> bytes:
    """Return a figure as PNG, not transparent, `dpi` pixels an inch."""
    out = io.BytesIO()
    pixels(drawn, dpi).save(out, "png", dpi=(dpi, dpi), compress_level=4)
    return out.getvalue()


def svg(drawn: Figure) -> bytes:
    """Return a figure as SVG, its letters as outlines, so that it looks the same everywhere."""
    out = io.BytesIO()
    drawn.savefig(out, format="svg", dpi=288, metadata={"Date": None})  # dpi is for heatmaps in it
    return out.getvalue()


def pixels(drawn: Figure, dpi: int) -> Image.Image:
    """Return a figure as an RGB image, `dpi` pixels an inch."""
    drawn.set_dpi(dpi)
    canvas: Any = drawn.canvas
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())


def animation(
    draw: Callable[[int], Figure], count: int, pace_ms: int = 900, most: int = 40, dpi: int = 96
) -> bytes:
    """Return a looping GIF of frames 0 to count - 1, evenly chosen if too many, on one canvas.

    Args:
        draw: frame number -> figure.
        count: how many frames there are.
        pace_ms: how long each is shown, in milliseconds; the last one stays twice as long.
        most: the largest number of frames kept; first and last always are.
        dpi: pixels per inch.
    """
    kept = np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))
    shots, left = [], MOST_PIXELS
    for i in report_steps(kept.tolist(), len(kept)):
        shots.append(pixels(draw(i), dpi))
        left -= shots[-1].width * shots[-1].height
        if left < 0:
            raise InputError("large", field="figure", got=len(kept), allowed=f"{MOST_PIXELS:,}")
    return gif(centre(shots), pace_ms)
