"""Drawing tools of all figures: fonts, colours, and a few strokes in page units.

A unit is a point (1/72 inch), y runs down as on the page. A `Box` knows its natural size and how to
paint itself at a place, so laying out is two passes: make the boxes, then paint the outermost one.
Nothing here touches pyplot or changes a global setting after the import, so figures may be made in
many threads at once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Protocol

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.image import BboxImage
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from apps.stage.look import THEMES, colours, number, texts
from apps.stage.paper.glyphs import drawable, runs
from apps.stage.widgets import Label, Shared, Widget
from core.inputs import InputError

fontManager.addfont(File(__file__).parent / "fonts" / "Pretendard-Regular.otf")
matplotlib.rcParams["svg.hashsalt"] = "step by step"  # the same picture gives the same SVG
matplotlib.rcParams["text.hinting"] = "none"  # letters stand where they were measured to stand

WORDS = texts("font", "print", "words")
NUMBERS = texts("font", "print", "numbers")  # digits equally wide, so that they align
TONE = number("text", "share", "role")  # how much of a role's colour its text has
NUMBER = number("figure", "share", "number")  # how much of it a number among others has
LINE = number("text", "bare", "line")  # a line's height in font sizes
DROP = 0.36  # from the middle of a line's letters down to their baseline, in font sizes
INK = {theme: colours(theme) for theme in THEMES}
SUB = number("page", "subscript", "share")  # size of a subscript among its letters
SUNK = 0.18  # how far it stands lower, in sizes of these letters
LONGEST_SIDE, MOST_POINTS = 8_000, 3_000_000  # points of a side, square points of a figure
WORDY = 200  # letters of a line whose width is remembered
Colour = str | tuple[float, float, float]


@dataclass(frozen=True)
class Box:
    """A laid-out widget: its size, how to paint it from its top left, the axis a row aligns."""

    width: float
    height: float
    paint: Callable[[Pen, float, float], None]
    axis: float = -1.0

    @property
    def middle(self) -> float:
        """Return how far under the top the axis runs, the middle where nothing else is said."""
        return self.height / 2 if self.axis < 0 else self.axis


class Page(Protocol):
    """Everything a widget needs to know beside its own keys."""

    parts: Mapping[str, Widget | Shared]  # what many frames share, by name
    decimals: int  # of a shown number, at most

    def say(self, label: Label | None) -> str:
        """Return a label in the reader's language."""
        ...

    def box(self, widget: Widget) -> Box:
        """Lay out a widget within another one."""
        ...


class Pen:
    """Draws on one figure and remembers how far the drawing reaches."""

    def __init__(self, theme: str = "light", fade: float = 1.0):
        self.ink, self.fade = INK[theme], fade
        self.figure = Figure(dpi=100, facecolor=self.ink["paper"])
        FigureCanvasAgg(self.figure)
        self.place = Affine2D()
        self.reach = [np.inf, np.inf, -np.inf, -np.inf]

    def with_fade(self, fade: float) -> Pen:
        """Return a pen on the same figure that lets more of the ground through."""
        pen = object.__new__(Pen)
        pen.__dict__ = {**self.__dict__, "fade": self.fade * fade}
        return pen

    def mix(self, colour: Colour, share: float = 1.0) -> tuple[float, float, float]:
        """Return a colour, or a role's, with only `share` of it on the paper."""
        r, g, b = (
            share * c + (1 - share) * p
            for c, p in zip(to_rgb(self.ink.get(str(colour), colour)), to_rgb(self.ink["paper"]))
        )
        return r, g, b

    def mix_ink(self, colour: Colour, share: float) -> tuple[float, float, float]:
        """Return a colour, or a role's, with only `share` of it in the ink."""
        r, g, b = (
            share * c + (1 - share) * i
            for c, i in zip(to_rgb(self.ink.get(str(colour), colour)), to_rgb(self.ink["ink"]))
        )
        return r, g, b

    def shape(
        self,
        path: Path,
        fill: Colour | None = None,
        line: Colour | None = None,
        width: float = 0.0,
        dash: Sequence[float] = (),
        alpha: float = 1.0,
    ) -> None:
        """Draw a path, filled, stroked or both."""
        patch = PathPatch(
            path,
            facecolor="none" if fill is None else self.mix(fill),
            edgecolor="none" if line is None else self.mix(line),
            linewidth=width if line is not None else 0.0,
            alpha=alpha * self.fade,
            joinstyle="round" if not dash else "miter",
            capstyle="butt",
        )
        if dash:
            patch.set_linestyle((0, tuple(d / width for d in dash)))
        box = path.get_extents().padded(width / 2)
        self._add(patch, box.x0, box.y0, box.x1, box.y1)

    def text(
        self, x: float, y: float, words: str, size: float, colour: Colour = "ink",
        align: str = "left", fonts: tuple[str, ...] = WORDS, heavy: bool = False, *,
        base: bool = False, turned: bool = False, halo: float = 0.0,
    ) -> None:  # fmt: skip
        """Draw a line of text.

        Args:
            x: its left end, its middle or its right end, as `align` says.
            y: the middle of its letters' height, or their baseline.
            words: what it says.
            size: of the letters, in points.
            colour: a role or a colour.
            align: "left", "center" or "right".
            fonts: to try in turn.
            heavy: whether the letters are bold.
            base: whether y is the baseline.
            turned: whether it runs upwards: x and y change places.
            halo: width of a line of paper around the letters, in points.
        """
        words = drawable(words, fonts)
        if not words.strip():
            return
        if len(parts := runs(words)) > 1 and not turned:
            low = y if base else y + DROP * size
            x -= {"left": 0.0, "center": 0.5, "right": 1.0}[align] * width_of(words, size, fonts)
            for part, lower in parts:
                small = size * (SUB if lower else 1.0)
                self.text(
                    x, low + lower * SUNK * size, part, small, colour, "left", fonts, heavy,
                    base=True, halo=halo,
                )  # fmt: skip
                x += width_of(part, small, fonts)
            return
        rgb, low = self.mix(colour), y if base or turned else y + DROP * size
        artist = Text(
            x + DROP * size if turned else x, low, words, color=rgb, ha=align, va="baseline",
            fontproperties=FontProperties(family=list(fonts), size=size), parse_math=False,
            alpha=self.fade, rotation=90 if turned else 0, rotation_mode="anchor",
        )  # fmt: skip
        bold, paper = size / 24 if heavy else 0.0, self.ink["paper"]  # only one weight is shipped
        around = [(bold + halo, paper), (bold, rgb)] if halo else [(bold, rgb)]
        if (heavy or halo) and self.fade == 1:
            strokes = [Stroke(linewidth=w, foreground=colour) for w, colour in around if w]
            artist.set_path_effects([*strokes, Normal()])
        wide, high = width_of(words, size, fonts), 0.75 * size
        start = {"left": 0.0, "center": wide / 2, "right": wide}[align]
        if turned:
            self._add(artist, x - high, y + start - wide - 1, x + high, y + start + 1)
        else:
            middle = low - DROP * size
            self._add(artist, x - start - 1, middle - high, x - start + wide + 1, middle + high)

    def image(self, x: float, y: float, width: float, height: float, rgb: np.ndarray) -> None:
        """Draw an array of colours (rows, columns, 3) in [0, 1], its entries as sharp squares.

        With a fourth number each, that share of the colour covers what lies below.
        """
        box = TransformedBbox(Bbox([[x, y], [x + width, y + height]]), self._transform())
        picture = BboxImage(box, interpolation="nearest", origin="upper", alpha=self.fade)
        picture.set_data(np.round(255 * rgb).astype(np.uint8))
        self._add(picture, x, y, x + width, y + height)

    def done(self, box: Box, margin: float) -> Figure:
        """Return the figure, cropped to its ink and the box."""
        x0, y0 = min(self.reach[0], 0.0) - margin, min(self.reach[1], 0.0) - margin
        x1, y1 = max(self.reach[2], box.width) + margin, max(self.reach[3], box.height) + margin
        wide, high = x1 - x0, y1 - y0
        if not (wide <= LONGEST_SIDE and high <= LONGEST_SIDE and wide * high <= MOST_POINTS):
            got = f"{wide:.0f} x {high:.0f}"
            raise InputError("large", field="figure", got=got, allowed=f"{MOST_POINTS:,}")
        self.figure.set_size_inches((x1 - x0) / 72, (y1 - y0) / 72)
        self.place.translate(-x0, -y1).scale(1 / 72, -1 / 72)
        return self.figure

    def _transform(self) -> Any:
        return self.place + self.figure.dpi_scale_trans

    def _add(self, artist: Artist, x0: float, y0: float, x1: float, y1: float) -> None:
        if not artist.is_transform_set():
            artist.set_transform(self._transform())
        artist.set_zorder(len(self.figure.get_children()))  # what comes later lies above
        self.figure.add_artist(artist)
        self.reach[:] = [
            *(min(a, b) for a, b in zip(self.reach[:2], (x0, y0))),
            *(max(a, b) for a, b in zip(self.reach[2:], (x1, y1))),
        ]


def width_of(words: str, size: float, fonts: tuple[str, ...] = WORDS) -> float:
    """Return how wide a line of text is, its spaces included, its subscripts set."""
    width = _kept_width if len(words) <= WORDY else _width
    return sum(width(part, size * (SUB if low else 1.0), fonts) for part, low in runs(words))


def _width(words: str, size: float, fonts: tuple[str, ...]) -> float:
    words = drawable(words, fonts)
    font = FontProperties(family=list(fonts), size=size)
    fenced, fence = (
        text_to_path.get_text_width_height_descent(s, font, ismath=False)[0]
        for s in (f"|{words}|", "||")  # spaces at an end have no ink
    )
    return fenced - fence


_kept_width = functools.lru_cache(maxsize=8192)(_width)


def text_box(
    said: str, size: float, colour: Colour, heavy: bool = False, share: float = 1.0
) -> Box:
    """Return one line of text, only a share of its colour in the ink."""
    width = width_of(said, size)
    high = LINE * size

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.text(x, y + high / 2, said, size, pen.mix_ink(colour, share), heavy=heavy)

    return Box(width, high, paint)


def wrap(words: str, size: float, most: float) -> list[str]:
    """Return lines no wider than `most`, broken between words as Korean wants it."""
    out: list[str] = []
    for word in words.split():
        longer = f"{out[-1]} {word}" if out else word
        if out and width_of(longer, size) <= most:
            out[-1] = longer
        else:
            out.append(word)
    return out


def rounded_rectangle(x: float, y: float, width: float, height: float, radius: float) -> Path:
    """Return a rectangle with round corners."""
    r = min(radius, width / 2, height / 2)
    x1, y1 = x + width, y + height
    points = [
        *((x + r, y), (x1 - r, y), (x1, y), (x1, y + r), (x1, y1 - r), (x1, y1), (x1 - r, y1)),
        *((x + r, y1), (x, y1), (x, y1 - r), (x, y + r), (x, y), (x + r, y), (x + r, y)),
    ]
    L, Q = Path.LINETO, Path.CURVE3
    return Path(points, [Path.MOVETO, L, Q, Q, L, Q, Q, L, Q, Q, L, Q, Q, Path.CLOSEPOLY])


def line(*points: tuple[float, float]) -> Path:
    """Return an open line through points."""
    return Path(np.array(points))


def disc(x: float, y: float, radius: float) -> Path:
    """Return a filled circle's outline."""
    return Path.circle((x, y), radius)


def together(paths: Sequence[Path]) -> Path:
    """Return many outlines as one, which draws faster."""
    return Path.make_compound_path(*paths)
