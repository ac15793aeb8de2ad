"""View "change": a change of variables on the line; an interval shrinks, its image with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from apps.lessons.flow.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Limit, Tables
from core.models.flow.change import LIMITS, ChangeTrace
from core.models.flow.change import change as change_of_variables
from core.models.flow.check import change_delta

WIDTHS = (2.0, 1.0, 0.5, 0.25, 0.1, 0.02)  # of the interval around x, frame by frame
SHOWN = 3.0  # how far x is drawn


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
            b.compared(change_delta(inputs.family, inputs.a, k, traces[0]), 1e-9),
            b.law(b.word("area_kept"), held, len(traces)),
        ],
        "limits": limits,
        "without": fixed,
        "turn": {
            "ask": b.word("turn_change"),
            "frame": len(frames) - 1,
            "blanks": [
                b.blank("f′(x)", [point["slope"]], "grad", "change"),
                b.blank("p_y(y)", [point["p_y"]], "made", "change"),
                b.blank("log p_y(y)", [point["log_p_y"]], "made", "change"),
            ],
        },
        "tables": numbers(traces),
    }


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


def areas(trace: ChangeTrace) -> dict[str, np.ndarray]:
    """Return the curves of both densities over the interval and over its image."""
    (left, right), (low, high) = trace["interval"]["x"], trace["interval"]["y"]
    curve = trace["curve"]
    xs, ys = np.linspace(left, right, 33), np.linspace(low, high, 33)
    return {
        "x": xs,
        "p_x": np.exp(np.interp(xs, curve["xs"], np.log(curve["p_x"]))),
        "y": ys,
        "p_y": np.exp(np.interp(ys, curve["ys"], np.log(curve["p_y"]))),
    }


def picture(trace: ChangeTrace) -> b.Widget:
    """Return the map with both densities below it, and the computation beside it."""
    xs = trace["curve"]["xs"]
    seen = np.abs(xs) <= SHOWN
    below = b.row(hill(trace, "x", "real", seen), hill(trace, "y", "made", seen))
    return b.column(b.row(graph(trace, seen), equations(trace), gap="mid"), below, gap="tight swap")


def hill(trace: ChangeTrace, of: Literal["x", "y"], role: str, seen: np.ndarray) -> b.Widget:
    """Return the density of x or of y, the area over the interval or over its image filled."""
    curve, area = trace["curve"], areas(trace)
    grid, p = (curve["xs"], curve["p_x"]) if of == "x" else (curve["ys"], curve["p_y"])
    ends = (-SHOWN, SHOWN) if of == "x" else (float(grid[seen][0]), float(grid[seen][-1]))
    band = (np.zeros(len(area[of])), area[f"p_{of}"])
    inside = b.series("", area[f"p_{of}"], role, x=area[of], band=band)
    return b.chart(
        b.word(f"density_{of}"),
        [b.series("", p[seen], role, x=grid[seen]), inside],
        x=of,
        low=0.0,
        high=float(max(curve["p_x"].max(), curve["p_y"][seen].max())),
        x_range=ends,
        width=370,
        height=205,
    )


def graph(trace: ChangeTrace, seen: np.ndarray) -> b.Widget:
    """Return y = f(x) with the tangent at the point, and the interval on both axes."""
    curve, point = trace["curve"], trace["point"]
    near = point["x"] + np.array([-0.8, 0.8])
    tangent = point["y"] + point["slope"] * (near - point["x"])
    rules = [{"x": v, "label": ""} for v in trace["interval"]["x"]]
    rules += [{"y": v, "label": ""} for v in trace["interval"]["y"]]
    return b.chart(
        "y = f(x)",
        [
            b.series("f", curve["ys"][seen], "hidden", x=curve["xs"][seen]),
            b.series(b.word("slope_line"), tangent, "grad", x=near, dash=True),
        ],
        x="x",
        rules=rules,
        x_range=(-SHOWN, SHOWN),
        width=370,
        height=230,
    )


def equations(trace: ChangeTrace) -> b.Widget:
    """Return the change of variables with its numbers."""
    p, i = trace["point"], trace["interval"]
    first = b.lines(
        b.word("widths_of"),
        [
            ["Δx = ", b.num(i["widths"][0], "real"), ",  Δy = ", b.num(i["widths"][1], "made")],
            ["Δy / Δx = ", b.num(i["stretch"], "grad")],
            [b.word("areas_are"), b.num(i["mass_x"], "real"), " = ", b.num(i["mass_y"], "made")],
        ],
    )
    second = b.lines(
        b.word("at_point"),
        [
            ["x = ", b.num(p["x"], "real"), ",  y = f(x) = ", b.num(p["y"], "made")],
            ["f′(x) = ", b.num(p["slope"], "grad")],
            [
                "p_y(y) = p_x(x) / f′(x) = ",
                *[b.num(p["p_x"], "real"), " / ", b.num(p["slope"], "grad")],
                *[" = ", b.num(p["p_y"], "made")],
            ],
            [
                "log p_y = ",
                *[*b.signed(p["log_p_x"], "real"), " − ", *b.signed(p["log_slope"], "grad")],
                *[" = ", b.num(p["log_p_y"], "made")],
            ],
        ],
        key="change",
    )
    return b.column(first, second, gap="mid")


def facts(trace: ChangeTrace) -> list[Fact]:
    """Return how far the interval's ratio still is from the slope, and the way back."""
    p = trace["point"]
    return [
        b.fact("Δy/Δx − f′(x)", f"{trace['interval']['stretch'] - p['slope']:.2e}"),
        b.fact(b.word("round_trip"), f"{abs(p['x_back'] - p['x']):.1e}"),
    ]
