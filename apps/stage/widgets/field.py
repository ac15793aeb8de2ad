"""The plane in which points move: layers over one pair of axes, and curves of a run that goes on.

A field is drawn from the back to the front: `surface`, `net`-like `curves`, `arrows`, `dots`. Each
is plain JSON that the browser (web/field.js) and the export (apps/stage/paper/field.py) draw alike.
`board` offers them beside the other widgets.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.stage.widgets.drawings import Label, Widget, chart, series

PLACES = 3  # decimals of a coordinate: a thousandth of a unit is less than a pixel
SHAPES = ("disc", "ring", "square", "cross")


def field(
    label: Label,
    bounds: Sequence[float],
    layers: Sequence[dict[str, Any] | None],
    *,
    size: int = 360,
    edit: str | None = None,
    points: Any = (),
    most: int = 400,
    note: Label = "",
    key: str = "",
) -> Widget:
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
        "layers": [one for one in layers if one is not None],
        "size": size,
        "edit": edit,
        "points": near(points),
        "most": most,
        "note": note,
        "key": key,
    }


def surface(
    values: Any, low: float, high: float, *, below: str | None = None, above: str = "made"
) -> dict:
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
    role: str,
    name: Label = "",
    *,
    shape: str = "disc",
    radius: float = 3,
    values: Any = None,
    span: float = 1.0,
) -> dict:
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
        "values": None if values is None else _rounded(np.asarray(values) / span),
    }


def curves(
    lines: Sequence[Any],
    role: str,
    name: Label = "",
    *,
    width: float = 1.2,
    dashed: bool = False,
) -> dict:
    """Return a layer of lines, each (K, 2)."""
    return {
        "layer": "curves",
        "lines": [near(one) for one in lines],
        "role": role,
        "name": name,
        "width": width,
        "dashed": dashed,
    }


def arrows(start: Any, run: Any, role: str, name: Label = "", *, dashed: bool = False) -> dict:
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


def history(
    label: Label,
    curves: Sequence[dict[str, Any]],
    *,
    x: Label = "",
    log: bool = False,
    low: float | None = None,
    high: float | None = None,
    rules: Sequence[dict] = (),
    width: int = 420,
    height: int = 200,
) -> Widget:
    """Return curves of a run over its frames up to the one that is shown.

    Args:
        label: what stands over it.
        curves: {"key", "name", "role"} each: `key` in a frame's values.
        x: name of the axis, on which a frame's values "x" stands.
        log: whether the other axis is logarithmic.
        low: an end of it that is always shown.
        high: its other end.
        rules: {"y", "label"} each.
        width: pixels.
        height: pixels.
    """
    return {
        "w": "history",
        "label": label,
        "curves": list(curves),
        "xlabel": x,
        "log": log,
        "low": low,
        "high": high,
        "rules": list(rules),
        "width": width,
        "height": height,
    }


def settled(view: Any, frames: Sequence[dict[str, Any]]) -> Any:
    """Return a view with each history as the chart that it is after these frames."""
    if isinstance(view, list):
        return [settled(one, frames) for one in view]
    if not isinstance(view, dict):
        return view
    if view.get("w") != "history":
        return {key: settled(one, frames) for key, one in view.items()}
    runs = [one["values"] for one in frames if one.get("values")]
    x = [run["x"] for run in runs]
    names = ("label", "log", "low", "high", "rules", "width", "height")
    drawn = [
        series(one["name"], [_gap(run.get(one["key"])) for run in runs], one["role"], x=x)
        for one in view["curves"]
    ]
    return chart(curves=drawn, x=view["xlabel"], **{k: view[k] for k in names})


def _gap(value: float | None) -> float:
    return float("nan") if value is None else value


def near(points: Any) -> list[list[float | None]]:
    """Return points (N, 2) as short numbers; what is not finite becomes None."""
    table = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return [_rounded(one) for one in table]


def _rounded(values: Any) -> list[float | None]:
    return [
        round(v, PLACES) if np.isfinite(v) else None
        for v in np.asarray(values, dtype=np.float64).tolist()
    ]
