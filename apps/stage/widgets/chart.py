"""Curves on axes, and the curves of a run that goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast

import numpy as np

from apps.stage.widgets.base import Drawn, Label, Role


class Series(TypedDict):
    """One curve of a chart."""

    name: Label  # its entry in the legend, "" for none
    y: list[float | None]  # its values, None for a gap
    x: list[float | None] | None  # where they stand; None for 0, 1, 2 …
    role: Role  # its colour
    dash: bool  # whether it is told by a dash; the pages tell all curves so, by their order
    band: list[list[float | None]] | None  # lower and upper edge of a band around it


class Rule(TypedDict, total=False):
    """A straight line over a chart, at "x" or at "y"."""

    x: float  # where an upright line stands
    y: float  # where a level line stands
    label: Label  # its name


class Place(TypedDict):
    """Where a spot stands."""

    x: float  # on the axis of x
    y: float  # on the axis of y
    label: Label  # its name


class Spot(Place, total=False):
    """A disc among the curves, with its name."""

    role: Role  # its colour
    share: float | None  # how much of it is filled, 0 to 1; None for all
    on: bool  # whether it is ringed
    side: str  # of its name: "right", "left", "above", "below"


class Chart(Drawn):
    """Curves on one pair of axes."""

    w: Literal["chart"]
    label: Label  # what stands over it
    series: list[Series]  # its curves
    xlabel: Label  # name of the axis of x
    ylabel: Label  # name of the axis of y
    log: bool  # whether y is drawn in powers of ten
    xlog: bool  # whether x is drawn in powers of ten
    cursor: float | None  # which x is now
    rules: list[Rule]  # straight lines
    low: float | None  # an end of y that is always shown
    high: float | None  # its other end
    range: list[float] | None  # first and last x; None for as far as the curves reach
    spots: list[Spot]  # discs among the curves
    width: int  # pixels
    height: int  # pixels


class Told(TypedDict):
    """Which of a run's values is drawn as a curve."""

    key: str  # in a frame's values
    name: Label  # its entry in the legend
    role: Role  # its colour


class History(Drawn):
    """Curves of a run over its frames, up to the one that is shown."""

    w: Literal["history"]
    label: Label  # what stands over it
    curves: list[Told]  # which values
    xlabel: Label  # name of the axis of x
    log: bool  # whether y is drawn in powers of ten
    low: float | None  # an end of y that is always shown
    high: float | None  # its other end
    rules: list[Rule]  # straight lines
    width: int  # pixels
    height: int  # pixels


def series(
    name: Label, y: Any, role: Role, x: Any = None, dash: bool = False, band: Any = None
) -> Series:
    """Return one curve of a chart; `band` is (lower, upper), non-finite points are gaps."""
    return {
        "name": name,
        "y": finite(y),
        "x": None if x is None else finite(x),
        "role": role,
        "dash": dash,
        "band": None if band is None else [finite(band[0]), finite(band[1])],
    }


def chart(
    label: Label,
    curves: Sequence[Mapping[str, Any]],
    *,
    x: Label = "",
    y: Label = "",
    log: bool = False,
    xlog: bool = False,
    cursor: float | None = None,
    rules: Sequence[Mapping[str, Any]] = (),
    low: float | None = None,
    high: float | None = None,
    x_range: tuple[float, float] | None = None,
    spots: Sequence[Mapping[str, Any]] = (),
    width: int = 420,
    height: int = 260,
) -> Chart:
    """Return curves on one pair of axes; `cursor` marks now on the x axis, `rules` are lines
    {"x"|"y", "label"}. `log` and `xlog` put powers of ten on y and on x, which must be above 0.
    `spots` stand among them: {"x", "y", "label", "role", "share", "on", "side"} each, a disc whose
    `share` (0 to 1) is filled, ringed if `on`, its label on the `side` "right", "left", "above" or
    "below".
    """
    return {
        "w": "chart",
        "label": label,
        "series": cast(list[Series], list(curves)),
        "xlabel": x,
        "ylabel": y,
        "log": log,
        "xlog": xlog,
        "cursor": cursor,
        "rules": cast(list[Rule], list(rules)),
        "low": low,
        "high": high,
        "range": None if x_range is None else list(x_range),
        "spots": cast(list[Spot], list(spots)),
        "width": width,
        "height": height,
    }


def history(
    label: Label,
    curves: Sequence[Mapping[str, Any]],
    *,
    x: Label = "",
    log: bool = False,
    low: float | None = None,
    high: float | None = None,
    rules: Sequence[Mapping[str, Any]] = (),
    width: int = 420,
    height: int = 200,
) -> History:
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
        "curves": cast(list[Told], list(curves)),
        "xlabel": x,
        "log": log,
        "low": low,
        "high": high,
        "rules": cast(list[Rule], list(rules)),
        "width": width,
        "height": height,
    }


def fill_history(widget: History, frames: Sequence[Mapping[str, Any]]) -> Chart:
    """Return the chart that a history is after these frames."""
    runs = [one["values"] for one in frames if one.get("values")]
    x = [run["x"] for run in runs]
    drawn = [
        series(one["name"], [_gap(run.get(one["key"])) for run in runs], one["role"], x=x)
        for one in widget["curves"]
    ]
    return chart(
        widget["label"],
        drawn,
        x=widget["xlabel"],
        log=widget["log"],
        low=widget["low"],
        high=widget["high"],
        rules=widget["rules"],
        width=widget["width"],
        height=widget["height"],
    )


def fill_histories(view: Any, frames: Sequence[Mapping[str, Any]]) -> Any:
    """Return a view with each history as the chart that it is after these frames."""
    if isinstance(view, list):
        return [fill_histories(one, frames) for one in view]
    if not isinstance(view, dict):
        return view
    if view.get("w") == "history":
        return fill_history(view, frames)  # type: ignore[arg-type]
    return {key: fill_histories(one, frames) for key, one in view.items()}


def finite(values: Any) -> list[float | None]:
    """Return numbers (N,) as a list, None where not finite."""
    return [v if math.isfinite(v) else None for v in np.asarray(values, dtype=np.float64).tolist()]


def _gap(value: float | None) -> float:
    return float("nan") if value is None else value
