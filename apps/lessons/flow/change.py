"""View "change": a change of variables on the line; an interval shrinks, its image with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from apps.lessons.flow.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Limit, Tables
from apps.stage.widgets.chart import Chart
from core.models.flow.change import LIMITS, ChangeTrace
from core.models.flow.change import change as change_of_variables
from core.models.flow.check import change_delta

WIDTHS = (2.0, 1.0, 0.5, 0.25, 0.1, 0.02)  # of the interval around x, frame by frame
SHOWN = 3.0  # how far x is drawn
STROKES = 17  # that fill the area over an interval
SQUARE = 222.0  # pixels of the axes of x and of y
LOW, WIDE, FLAT = 88.0, 200.0, 12.0  # pixels of the densities: p_x and p_y at most, both at least
MARGINS = (72, 52)  # pixels of a chart beside its axes: left and right, top and bottom


@dataclass(frozen=True)
class Sizes:
    """Pixels that a unit of each axis takes, x · p_x = y · p_y, and what is drawn.

    Attributes:
        x: of x.
        y: of y.
        p_x: of the density of x.
        p_y: of the density of y.
        window: first and last y.
        tops: the largest p_x and p_y.
    """

    x: float
    y: float
    p_x: float
    p_y: float
    window: tuple[float, float]
    tops: tuple[float, float]


def change(inputs: Inputs) -> Board:
    """Show a map, both densities and their numbers, a frame a width of the interval around x."""
    limits: dict[str, Limit] = {
        name: {"min": low, "max": high} for name, (low, high) in LIMITS[inputs.family].items()
    }
    fixed = [name for name, (low, high) in LIMITS[inputs.family].items() if low == high]
    k, x = 0.0 if "b" in fixed else inputs.b, inputs.at
    traces = [
        change_of_variables(inputs.family, inputs.a, k, x, x - w / 2, x + w / 2) for w in WIDTHS
    ]
    held = sum(abs(t["interval"]["mass_x"] - t["interval"]["mass_y"]) < 1e-9 for t in traces)
    frames = [
        b.frame(picture(t), b.word("width_is", w=f"{w:g}"), facts(t))
        for t, w in zip(traces, WIDTHS)
    ]
    point = traces[0]["point"]
    return {
        "frames": frames,
        "facts": [],
        "checks": [
            b.delta_check(change_delta(inputs.family, inputs.a, k, traces[0]), 1e-9),
            b.law(b.word("area_kept"), held, len(traces)),
        ],
        "limits": limits,
        "without": fixed,
        "turn": {
            "ask": b.word("turn_change", f=formula(inputs.family, inputs.a, k), x=plain(x)),
            "frame": len(frames) - 1,
            "blanks": [
                b.blank("f′(x)", [point["slope"]], "grad", "change"),
                b.blank("p_y(y)", [point["p_y"]], "made", "change"),
                b.blank("log p_y(y)", [point["log_p_y"]], "made", "change"),
            ],
        },
        "tables": numbers(traces),
    }


def formula(family: str, a: float, k: float) -> str:
    """Return f(x) with its numbers written in."""
    a_, k_ = plain(a), plain(k)
    return {
        "affine": f"{a_} + {k_} x",
        "softplus": f"log(1 + e^({a_} x)) / {a_}",
        "sinh-arcsinh": f"sinh({k_} arcsinh x + {a_})".replace("+ −", "− "),
        "cubic": f"{a_} x + {k_} x³",
    }[family]


def plain(value: float) -> str:
    """Return a number as it is set by a slider, with a real minus."""
    return f"{value:g}".replace("-", "−")


def numbers(traces: Sequence[ChangeTrace]) -> Tables:
    """Return the numbers to take away: the curves, the point, and each interval."""
    intervals = [
        {"width": w, "image": t["interval"]["widths"][1]}
        | {key: t["interval"][key] for key in ("stretch", "mass_x", "mass_y")}
        for w, t in zip(WIDTHS, traces)
    ]
    return {
        **{key: traces[0]["curve"][key] for key in ("xs", "ys", "slope", "p_x", "p_y")},
        "point": traces[0]["point"],
        "intervals": intervals,
    }


def window(trace: ChangeTrace) -> tuple[float, float]:
    """Return the y that are drawn: the image of the widest interval, as long as x at the least."""
    xs, ys = trace["curve"]["xs"], trace["curve"]["ys"]
    near = np.array(
        [-1, 1, trace["point"]["x"] - WIDTHS[0] / 2, trace["point"]["x"] + WIDTHS[0] / 2]
    )
    ends = np.interp(near, xs, ys)
    low, high = float(ends.min()), float(ends.max())
    spare = max(0.0, 2 * SHOWN - (high - low)) / 2
    return low - spare, high + spare


def sizes(trace: ChangeTrace) -> Sizes:
    """Return what a unit of each axis takes, so that an area has as many pixels in x as in y."""
    low, high = window(trace)
    x, y = SQUARE / (2 * SHOWN), SQUARE / (high - low)
    ys, p_y = trace["curve"]["ys"], trace["curve"]["p_y"]
    tops = float(trace["curve"]["p_x"].max()), float(p_y[(ys >= low) & (ys <= high)].max())
    p_x = min(LOW / tops[0], WIDE / (tops[1] * x / y))
    return Sizes(x, y, p_x, p_x * x / y, (low, high), tops)


def strokes(trace: ChangeTrace, of: Literal["x", "y"]) -> tuple[np.ndarray, np.ndarray]:
    """Return the places (STROKES,) that fill an interval or its image, and the density there.

    They are the same points of x and, carried by f, of y.
    """
    curve = trace["curve"]
    x = np.linspace(trace["interval"]["x"][0], trace["interval"]["x"][1], STROKES)
    at = x if of == "x" else np.interp(x, curve["xs"], curve["ys"])
    return at, np.interp(x, curve["xs"], curve["p_x" if of == "x" else "p_y"])


def picture(trace: ChangeTrace) -> b.Widget:
    """Return the map, p_x under it and p_y upright beside it on the same axes, and the numbers."""
    size = sizes(trace)
    left = b.column(graph(trace, size), flat_hill(trace, size), gap="tight")
    right = b.column(upright_hill(trace, size), interval_sums(trace), gap="tight")
    return b.row(b.row(left, right, gap="top"), point_sums(trace), gap="mid")


def fill_strokes(
    grid: np.ndarray, density: np.ndarray, at: np.ndarray, tall: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return one line of places and densities: the curve, then strokes down to 0, gaps between."""
    gap = np.full(len(at), np.nan)
    places = np.stack([gap, at, at], 1).ravel()
    levels = np.stack([gap, np.zeros(len(at)), tall], 1).ravel()
    return np.concatenate([grid, places]), np.concatenate([density, levels])


def flat_hill(trace: ChangeTrace, size: Sizes) -> Chart:
    """Return the density of x, strokes over the interval."""
    curve = trace["curve"]
    seen = np.abs(curve["xs"]) <= SHOWN
    x, p = fill_strokes(curve["xs"][seen], curve["p_x"][seen], *strokes(trace, "x"))
    high = max(size.tops[0], FLAT / size.p_x)
    return b.chart(
        b.word("density_x"),
        [b.series("", p, "real", x=x)],
        x="x",
        low=0.0,
        high=high,
        x_range=(-SHOWN, SHOWN),
        width=round(SQUARE) + MARGINS[0],
        height=round(high * size.p_x) + MARGINS[1],
    )


def upright_hill(trace: ChangeTrace, size: Sizes) -> Chart:
    """Return the density of y, turned so that its axis of y is the map's; strokes over the image.

    Its axis of p_y has as many pixels a unit as makes an area as large as it is under p_x.
    """
    curve, (low, high) = trace["curve"], size.window
    seen = (curve["ys"] >= low) & (curve["ys"] <= high)
    y, p = fill_strokes(curve["ys"][seen], curve["p_y"][seen], *strokes(trace, "y"))
    wide = max(size.tops[1], FLAT / size.p_y)
    return b.chart(
        b.word("density_y"),
        [b.series("", y, "made", x=p)],
        x=b.word("density"),
        y="y",
        low=low,
        high=high,
        x_range=(0.0, wide),
        width=round(wide * size.p_y) + MARGINS[0],
        height=round(SQUARE) + MARGINS[1],
    )


def graph(trace: ChangeTrace, size: Sizes) -> Chart:
    """Return y = f(x) with the tangent at the point, and the interval on both axes."""
    curve, point, (low, high) = trace["curve"], trace["point"], size.window
    seen = (np.abs(curve["xs"]) <= SHOWN) & (curve["ys"] >= low) & (curve["ys"] <= high)
    near = np.linspace(-0.8, 0.8, 41)
    tangent = point["y"] + point["slope"] * near
    kept = (tangent >= low) & (tangent <= high)
    rules = [{"x": v, "label": ""} for v in trace["interval"]["x"]]
    rules += [{"y": v, "label": ""} for v in trace["interval"]["y"]]
    return b.chart(
        b.word("map_and_tangent"),
        [
            b.series("", curve["ys"][seen], "hidden", x=curve["xs"][seen]),
            b.series("", tangent[kept], "grad", x=point["x"] + near[kept], dash=True),
        ],
        x="x",
        y="y",
        rules=rules,
        low=low,
        high=high,
        x_range=(-SHOWN, SHOWN),
        width=round(SQUARE) + MARGINS[0],
        height=round(SQUARE) + MARGINS[1],
    )


def interval_sums(trace: ChangeTrace) -> b.Widget:
    """Return the interval's widths, their ratio, and its area before and after."""
    i = trace["interval"]
    return b.lines(
        b.word("widths_of"),
        [
            ["Δx = ", b.num(i["widths"][0], "real"), ",  Δy = ", b.num(i["widths"][1], "made")],
            ["Δy / Δx ≈ ", b.num(i["stretch"], "grad")],
            [b.word("areas_are"), b.num(i["mass_x"], "real"), " = ", b.num(i["mass_y"], "made")],
        ],
    )


def point_sums(trace: ChangeTrace) -> b.Widget:
    """Return the change of variables at the point, with its numbers."""
    p = trace["point"]
    return b.lines(
        b.word("at_point"),
        [
            ["x = ", b.num(p["x"], "real"), ",  y = f(x) = ", b.num(p["y"], "made")],
            ["f′(x) = ", b.num(p["slope"], "grad")],
            ["p_y(y) = p_x(x) / f′(x)"],
            [
                *["  ≈ ", b.num(p["p_x"], "real"), " / ", b.num(p["slope"], "grad")],
                *[" ≈ ", b.num(p["p_y"], "made")],
            ],
            ["log p_y(y)"],
            ["  = log p_x(x) − log f′(x)"],
            [
                "  ≈ ",
                *b.paren(p["log_p_x"], "real"),
                " − ",
                *b.paren(p["log_slope"], "grad"),
            ],
            ["  ≈ ", b.num(p["log_p_y"], "made")],
        ],
        key="change",
    )


def facts(trace: ChangeTrace) -> list[Fact]:
    """Return how far the interval's ratio still is from the slope, and the way back."""
    p = trace["point"]
    return [
        b.fact("Δy/Δx − f′(x)", f"{trace['interval']['stretch'] - p['slope']:.2e}"),
        b.fact(b.word("round_trip"), f"{abs(p['x_back'] - p['x']):.1e}"),
    ]
