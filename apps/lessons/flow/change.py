"""A change of variables on the line: an interval shrinks, its image with it, the ratio is f'."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.stage import board as b
from core.inputs import choice, number
from core.models.flow import by_hand
from core.models.flow.check import change_delta

WIDTHS = (2.0, 1.0, 0.5, 0.25, 0.1, 0.02)  # of the interval around x, frame by frame
SHOWN = 3.0  # how far x is drawn
FARTHEST = 2.5  # of the point


def change(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a width of the interval: the map, both densities, the numbers."""
    name, a, k, x = given(inputs)
    traces = [by_hand.change(name, a, k, x, x - w / 2, x + w / 2) for w in WIDTHS]
    checked = change_delta(name, a, k, traces[0])
    parts = [areas(t) for t in traces]
    held = sum(abs(t["interval"]["mass_x"] - t["interval"]["mass_y"]) < 1e-9 for t in traces)
    frames = [
        b.frame(view(t, inputs), b.word("width_is", w=f"{w:g}"), facts(t))
        for t, w in zip(traces, WIDTHS)
    ]
    point = traces[0]["point"]
    low, high = zip(*(by_hand.LIMITS[name][key] for key in ("a", "b")))
    return {
        "frames": frames,
        "facts": [],
        "checks": [
            b.check(checked["delta"], checked["against"], 1e-9),
            b.law(b.word("area_kept"), held, len(parts)),
        ],
        "limits": {key: {"min": low[i], "max": high[i]} for i, key in enumerate(("a", "b"))},
        "without": ["b"] if name == "softplus" else [],
        "turn": {
            "ask": b.word("turn_change"),
            "frame": len(frames) - 1,
            "blanks": [
                b.blank("f′(x)", [point["slope"]], "grad", "change"),
                b.blank("p_y(y)", [point["p_y"]], "made", "change"),
                b.blank("log p_y(y)", [point["log_p_y"]], "made", "change"),
            ],
        },
        "tables": {
            **{key: traces[0]["curve"][key] for key in ("xs", "ys", "slope", "p_x", "p_y")},
            "point": point,
            "intervals": [
                {"width": w, "image": t["interval"]["widths"][1]}
                | {key: t["interval"][key] for key in ("stretch", "mass_x", "mass_y")}
                for w, t in zip(WIDTHS, traces)
            ],
        },
    }


def given(inputs: dict[str, Any]) -> tuple[str, float, float, float]:
    """Return the family, its a and b, and the point x."""
    name = choice("family", inputs.get("family", "cubic"), by_hand.FAMILIES)
    limits = by_hand.LIMITS[name]
    a, k = (number(key, inputs.get(key, limits[key][0]), *limits[key]) for key in ("a", "b"))
    return name, a, k, number("at", inputs.get("at", 0), -FARTHEST, FARTHEST)


def areas(trace: dict) -> dict[str, np.ndarray]:
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


def view(trace: dict, inputs: dict[str, Any]) -> b.Widget:
    """Return the map with both densities below it, and what is computed beside it."""
    curve, area = trace["curve"], areas(trace)
    seen = np.abs(curve["xs"]) <= SHOWN
    ends = curve["ys"][seen][[0, -1]]

    def hill(of: str, role: str, reach: tuple[float, float]) -> b.Widget:
        grid, p = (curve["xs"], curve["p_x"]) if of == "x" else (curve["ys"], curve["p_y"])
        zero = np.zeros(len(area[of]))
        inside = b.series("", area[f"p_{of}"], role, x=area[of], band=(zero, area[f"p_{of}"]))
        return b.chart(
            b.word(f"density_{of}"),
            [b.series("", p[seen], role, x=grid[seen]), inside],
            x=of,
            low=0.0,
            high=float(max(curve["p_x"].max(), curve["p_y"][seen].max())),
            x_range=reach,
            width=370,
            height=205,
        )

    below = b.row(
        hill("x", "real", (-SHOWN, SHOWN)), hill("y", "made", (float(ends[0]), float(ends[1])))
    )
    return b.column(b.row(graph(trace, seen), written(trace), gap="mid"), below, gap="tight swap")


def graph(trace: dict, seen: np.ndarray) -> b.Widget:
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


def written(trace: dict) -> b.Widget:
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


def facts(trace: dict) -> list[dict]:
    """Return how far the interval's ratio still is from the slope, and the way back."""
    p = trace["point"]
    return [
        b.fact("Δy/Δx − f′(x)", f"{trace['interval']['stretch'] - p['slope']:.2e}"),
        b.fact(b.word("round_trip"), f"{abs(p['x_back'] - p['x']):.1e}"),
    ]
