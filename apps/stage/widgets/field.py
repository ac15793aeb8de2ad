"""The plane in which points move: layers over one pair of axes.

A field is drawn from the back to the front: `surface`, `curves`, `arrows`, `dots`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast

import numpy as np

from apps.stage.widgets.base import Drawn, Label, Role

PLACES = 3  # decimals of a coordinate: a thousandth of a unit is less than a pixel
SHAPES = ("disc", "ring", "square", "cross")


class Surface(TypedDict):
    """Colours over the whole field."""

    layer: Literal["surface"]
    levels: str  # a byte an entry in base64, from the top left: 0 at the low end, 254 at the high
    rows: int  # how many, stretched over the height
    cols: int  # how many, stretched over the width
    below: Role | None  # colour of level 0, with paper at 127; None for paper at 0
    above: Role  # colour of level 254


class Curves(TypedDict):
    """Lines."""

    layer: Literal["curves"]
    lines: list[list[list[float | None]]]  # corners [x, y] of each
    role: Role  # their colour
    name: Label  # entry in the legend, "" for none
    width: float  # pixels
    dashed: bool  # whether they are dashed


Arrows = TypedDict(
    "Arrows",
    {
        "layer": Literal["arrows"],
        "from": list[list[float | None]],  # [x, y] where each starts
        "to": list[list[float | None]],  # [x, y] of its tip
        "role": Role,  # their colour
        "name": Label,  # entry in the legend, "" for none
        "dashed": bool,  # whether their stems are dashed
    },
)


class Dots(TypedDict):
    """Points."""

    layer: Literal["dots"]
    at: str | list[list[float | None]]  # [x, y] each; or the part that holds them as {"at"}
    role: Role  # colour of all, where `values` is None
    name: Label  # entry in the legend, "" for none
    shape: str  # one of `SHAPES`
    radius: float  # pixels
    values: list[float | None] | None  # from -1 to 1: each point's own colour


Layer = Surface | Curves | Arrows | Dots


class Field(Drawn):
    """A piece of the plane."""

    w: Literal["field"]
    label: Label  # what stands over it
    bounds: list[float]  # x0, x1, y0, y1
    layers: list[Layer]  # from the back to the front
    size: int  # width in pixels; the height follows from the bounds
    edit: str | None  # the input, a list of [x, y], that a person draws, if one may draw
    points: list[list[float | None]]  # what was drawn so far, [x, y] each
    most: int  # how many points may be drawn
    note: Label  # what it says to one who cannot see it
    key: str  # tells fields of one view apart


def field(
    label: Label,
    bounds: Sequence[float],
    layers: Sequence[Mapping[str, Any] | None],
    *,
    size: int = 360,
    edit: str | None = None,
    points: Any = (),
    most: int = 400,
    note: Label = "",
    key: str = "",
) -> Field:
    """Return a piece of the plane.

    Args:
        label: what stands over it.
        bounds: x0, x1, y0, y1.
        layers: from the back to the front; None is left out.
        size: pixels of its width; its height follows from the bounds.
        edit: name of the input, a list of [x, y], that a person draws with pointer or keys.
        points: what was drawn so far.
        most: how many points may be drawn.
        note: what it says to one who cannot see it, beyond label and legend.
        key: tells fields of one view apart.
    """
    return {
        "w": "field",
        "label": label,
        "bounds": [float(v) for v in bounds],
        "layers": cast(list[Layer], [one for one in layers if one is not None]),
        "size": size,
        "edit": edit,
        "points": near(points),
        "most": most,
        "note": note,
        "key": key,
    }


def surface(
    values: Any, low: float, high: float, *, below: Role | None = None, above: Role = "made"
) -> Surface:
    """Return a layer of colours: `above` at `high`, paper in the middle, `below`, ruled, at `low`.

    Args:
        values: (rows, columns) from the top left, stretched over the whole field; what is not
            finite stays paper.
        low: value of the full colour `below`, or of paper if that is None.
        high: value of the full colour `above`.
        below: role, or None for one colour.
        above: role.
    """
    table = np.asarray(values, dtype=np.float64)
    share = (table - low) / (high - low)
    shades = np.nan_to_num(np.clip(share, 0, 1), nan=0.5 if below else 0.0)
    levels = np.round(shades * 254).astype(np.uint8)  # 127 is the middle
    return {
        "layer": "surface",
        "levels": base64.b64encode(levels.tobytes()).decode(),
        "rows": table.shape[0],
        "cols": table.shape[1],
        "below": below,
        "above": above,
    }


def dots(
    points: Any,
    role: Role,
    name: Label = "",
    *,
    shape: str = "disc",
    radius: float = 3,
    values: Any = None,
    span: float = 1.0,
) -> Dots:
    """Return a layer of points (N, 2), or the name of a part {"at": points} that many frames share.

    Args:
        points: (N, 2), or a part's name.
        role: colour of all, where `values` is None.
        name: its entry in the legend.
        shape: one of `SHAPES`.
        radius: pixels.
        values: (N,), each point's own colour: vermilion above zero, blue and hollow below.
        span: the magnitude of `values` that has the full colour.
    """
    assert shape in SHAPES
    return {
        "layer": "dots",
        "at": points if isinstance(points, str) else near(points),
        "role": role,
        "name": name,
        "shape": shape,
        "radius": radius,
        "values": None if values is None else _round_points(np.asarray(values) / span),
    }


def curves(
    lines: Sequence[Any],
    role: Role,
    name: Label = "",
    *,
    width: float = 1.2,
    dashed: bool = False,
) -> Curves:
    """Return a layer of lines, each (K, 2)."""
    return {
        "layer": "curves",
        "lines": [near(one) for one in lines],
        "role": role,
        "name": name,
        "width": width,
        "dashed": dashed,
    }


def arrows(start: Any, run: Any, role: Role, name: Label = "", *, dashed: bool = False) -> Arrows:
    """Return a layer of arrows from points (N, 2) along vectors (N, 2), as long as drawn; `dashed`
    tells one kind from another where colours do not.
    """
    tails = np.asarray(start, dtype=np.float64)
    return {
        "layer": "arrows",
        "from": near(tails),
        "to": near(tails + np.asarray(run, dtype=np.float64)),
        "role": role,
        "name": name,
        "dashed": dashed,
    }


def near(points: Any) -> list[list[float | None]]:
    """Return points (N, 2) as short numbers, None where not finite."""
    table = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return [_round_points(one) for one in table]


def _round_points(values: Any) -> list[float | None]:
    return [
        round(v, PLACES) if np.isfinite(v) else None
        for v in np.asarray(values, dtype=np.float64).tolist()
    ]
