"""A plane of codes over the pictures that they decode to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast

from apps.stage.widgets.base import Drawn, Label, Role
from apps.stage.widgets.chart import finite


class Named(TypedDict):
    """A place in the plane."""

    x: float  # first coordinate
    y: float  # second coordinate
    label: Label  # its name


class Mark(Named, total=False):
    """A disc in the plane with its name."""

    role: Role  # its colour
    on: bool  # whether it is drawn large


class Plane(Drawn):
    """A plane of codes."""

    w: Literal["plane"]
    label: Label  # what stands over it
    sprite: str  # data URL of the decoded grid, a tile a node; or the part that holds it as {"url"}
    xs: list[float | None]  # first coordinate of the columns' nodes, rising
    ys: list[float | None]  # second coordinate of the rows' nodes, from the top down
    points: list[list[float]]  # [x, y, class] each, drawn as the class's digit
    cloud: str  # data URL of a transparent picture as large as the plane, "" for none
    ellipses: list[list[float]]  # [x, y, radius in x, radius in y] each
    path: list[list[float]]  # corners [x, y] of a line
    marks: list[Mark]  # discs with names
    start: list[float] | None  # where the pointer starts, [x, y]; None without a pointer
    size: int  # of a side, in pixels
    tile: int  # of a tile's side in the sprite, in pixels
    key: str  # tells planes of one view apart


def plane(
    label: Label,
    sprite: str,
    xs: Any,
    ys: Any,
    *,
    points: Sequence[Sequence[float]] = (),
    cloud: str = "",
    ellipses: Sequence[Sequence[float]] = (),
    path: Sequence[Sequence[float]] = (),
    marks: Sequence[Mapping[str, Any]] = (),
    start: Sequence[float] | None = None,
    size: int = 360,
    tile: int = 28,
    key: str = "",
) -> Plane:
    """Return a plane of codes over a decoded grid; with `start` a pointer decodes its place.

    Args:
        label: what stands over it.
        sprite: data URL of the grid as one PNG, a tile a node; or the name
            of a part {"url"} that holds it for many frames.
        xs: first coordinate of the columns' nodes, rising.
        ys: second coordinate of the rows' nodes, from the top down.
        points: [x, y, class] each, drawn as the class's digit in its colour.
        cloud: data URL of a transparent PNG as large as the plane, many more points.
        ellipses: [x, y, radius in x, radius in y] each.
        path: corners of a line.
        marks: discs, each with its name.
        start: where the pointer starts.
        size: pixels of a side.
        tile: pixels of a tile in the sprite.
        key: tells planes of one view apart.
    """
    return {
        "w": "plane",
        "label": label,
        "sprite": sprite,
        "xs": finite(xs),
        "ys": finite(ys),
        "points": [[round(float(v), 4) for v in p] for p in points],
        "cloud": cloud,
        "ellipses": [[float(v) for v in e] for e in ellipses],
        "path": [[float(v) for v in p] for p in path],
        "marks": cast(list[Mark], list(marks)),
        "start": None if start is None else [float(v) for v in start],
        "size": size,
        "tile": tile,
        "key": key,
    }
