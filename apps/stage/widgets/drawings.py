"""The widgets that are pictures: pixel grids, planes, curves, heatmaps, bars, networks.

`board` offers them beside the others; see there for roles and labels.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

Widget = dict[str, Any]
Label = str | dict[str, Any]


def cells(
    label: Label,
    spins: Any,
    shape: tuple[int, int],
    *,
    size: int = 22,
    flip: int | Sequence[int] | None = None,
    edit: str | None = None,
    at: Sequence[int] = (),
    role: str = "ink",
    brush: int = 1,
) -> Widget:
    """Return a pixel grid of -1 and 1, or of shades between them.

    `flip` outlines the cell (or cells) that changed, `edit` lets a person draw with a pen `brush`
    cells wide.
    """
    bits = "".join("1" if s > 0 else "0" for s in np.ravel(spins))
    return {
        "w": "cells",
        "label": label,
        "bits": bits,
        "rows": shape[0],
        "cols": shape[1],
        "size": size,
        "flip": flip,
        "edit": edit,
        "at": list(at),
        "role": role,
        "brush": brush,
        "levels": None if np.all(np.abs(spins) == 1) else np.round(np.ravel(spins), 3).tolist(),
    }


def grey(label: Label, values: Any, *, size: int = 112, role: str = "made") -> Widget:
    """Return a picture (H, W) of shades from 0 (paper) to 1 (the role's colour), `size` wide."""
    shades = np.clip(np.round(np.asarray(values, dtype=np.float64) * 255), 0, 255).astype(np.uint8)
    return {
        "w": "grey",
        "label": label,
        "shades": base64.b64encode(shades.tobytes()).decode(),
        "rows": shades.shape[0],
        "cols": shades.shape[1],
        "size": size,
        "role": role,
    }


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
    marks: Sequence[dict] = (),
    start: Sequence[float] | None = None,
    size: int = 360,
    tile: int = 28,
    key: str = "",
) -> Widget:
    """Return a plane of codes over a decoded grid; with `start` a pointer shows what lies under it.

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
        marks: {"x", "y", "label", "role", "on"} each, a ring with its name.
        start: where the pointer starts.
        size: pixels of a side.
        tile: pixels of a tile in the sprite.
        key: tells planes of one view apart.
    """
    rounded = [[round(float(v), 4) for v in p] for p in points]
    return {
        "w": "plane",
        "label": label,
        "sprite": sprite,
        "xs": _finite(xs),
        "ys": _finite(ys),
        "points": rounded,
        "cloud": cloud,
        "ellipses": [[float(v) for v in e] for e in ellipses],
        "path": [[float(v) for v in p] for p in path],
        "marks": list(marks),
        "start": None if start is None else [float(v) for v in start],
        "size": size,
        "tile": tile,
        "key": key,
    }


def series(
    name: Label, y: Any, role: str, x: Any = None, dash: bool = False, band: Any = None
) -> dict:
    """Return one curve of a chart; `band` is (lower, upper), non-finite points are gaps."""
    return {
        "name": name,
        "y": _finite(y),
        "x": None if x is None else _finite(x),
        "role": role,
        "dash": dash,
        "band": None if band is None else [_finite(band[0]), _finite(band[1])],
    }


def chart(
    label: Label,
    curves: Sequence[dict],
    *,
    x: Label = "",
    y: Label = "",
    log: bool = False,
    xlog: bool = False,
    cursor: float | None = None,
    rules: Sequence[dict] = (),
    low: float | None = None,
    high: float | None = None,
    x_range: tuple[float, float] | None = None,
    spots: Sequence[dict] = (),
    width: int = 420,
    height: int = 260,
) -> Widget:
    """Return curves on one pair of axes; `cursor` marks now on the x axis, `rules` are lines
    {"x"|"y", "label"}. `log` and `xlog` put powers of ten on y and on x, which must be above 0.
    `spots` stand among them: {"x", "y", "label", "role", "share", "on", "side"} each, a disc whose
    `share` (0 to 1) is filled, ringed if `on`, its label on the `side` "right", "left", "above" or
    "below".
    """
    return {
        "w": "chart",
        "label": label,
        "series": list(curves),
        "xlabel": x,
        "ylabel": y,
        "log": log,
        "xlog": xlog,
        "cursor": cursor,
        "rules": list(rules),
        "low": low,
        "high": high,
        "range": None if x_range is None else list(x_range),
        "spots": list(spots),
        "width": width,
        "height": height,
    }


def heat(
    label: Label,
    values: Any,
    *,
    span: float | None = None,
    size: int = 240,
    x: Label = "",
    y: Label = "",
    mark: Sequence[int] | None = None,
) -> Widget:
    """Return a heatmap of a matrix, vermilion above zero, blue and struck below.

    `span` is its largest magnitude; `mark` rings one entry [i, j].
    """
    table = np.asarray(values, dtype=np.float64)
    return {
        "w": "heat",
        "label": label,
        "rows": np.round(table, 6).tolist(),
        "span": float(span or np.abs(table).max() or 1.0),
        "size": size,
        "xlabel": x,
        "ylabel": y,
        "mark": None if mark is None else list(mark),
    }


def bars(
    label: Label,
    items: Sequence[dict],
    low: float = -1.0,
    high: float = 1.0,
    digits: int = 2,
    key: str = "",
) -> Widget:
    """Return horizontal bars from zero; an item is {"label", "v", "role"} and may carry its own
    pixel grid as "cells". A "your turn" hides them by `key`.
    """
    return {
        "w": "bars",
        "label": label,
        "items": list(items),
        "low": low,
        "high": high,
        "digits": digits,
        "key": key,
    }


def net(
    label: Label, nodes: Sequence[dict], links: Sequence[dict], width: float, height: float
) -> Widget:
    """Return a network: nodes {"id", "x", "y", "label", "role", "state"} and links {"from", "to",
    "state"}.

    States: "" drawn as it is, "now" being computed, "later" not yet, "cut" a link that no gradient
    passes.
    """
    return {
        "w": "net",
        "label": label,
        "nodes": list(nodes),
        "links": list(links),
        "width": width,
        "height": height,
    }


def _finite(values: Any) -> list[float | None]:
    return [v if math.isfinite(v) else None for v in np.asarray(values, dtype=np.float64).tolist()]
