"""One affine coupling in the plane by hand, step by step, with its way back."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.stage import board as b
from core.inputs import array, choice, number
from core.models.flow import by_hand
from core.models.flow.check import coupling_delta, coupling_of_line_delta

STEPS = ("split", "net", "change", "volume", "back")
WAYS = ("line", "given")
REACH = 4.0  # of the plane that is drawn
CELL = 0.8  # side of the small square around x


def coupling(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a step: keep x₁, ask the net, change x₂, read the determinant, go back."""
    case = given(inputs)
    if case["way"] == "line":
        trace = by_hand.coupling_of_line(case["x"], case["s_line"], case["t_line"])
        checked = coupling_of_line_delta(case["x"], case["s_line"], case["t_line"], trace)
    else:
        trace = by_hand.coupling(case["x"], case["s"], case["t"])
        checked = coupling_delta(case["x"], case["s"], case["t"], trace)
    rows = written(case, trace)
    frames = []
    for k, name in enumerate(STEPS):
        told = b.lines("", rows[: ENDS[k]], on=ENDS[k] - 1, key="hand")
        view = b.column(
            layer(case, trace, k), b.row(told, plane(case, trace), gap="mid"), gap="swap"
        )
        frames.append(b.frame(view, b.word(f"hand_{name}"), facts(trace)))
    det = [trace["log_det"]]
    return {
        "frames": frames,
        "facts": [],
        "checks": [b.check(checked["delta"], checked["against"], 1e-12)],
        "values": {name: case[name] for name in ("x", "s_line", "t_line", "st")},
        "turn": {
            "ask": b.word("turn_coupling"),
            "frame": len(frames) - 1,
            "blanks": [
                b.blank("s, t", [trace["s"][0], trace["t"][0]], "hidden", "hand"),
                b.blank("y", trace["y"], "made", "hand"),
                b.blank("log|det J|", det, "grad", "hand"),
            ],
        },
        "tables": {
            **{name: trace[name] for name in ("x", "s", "t", "y", "x_back", "jacobian")},
            "log_det": det,
        },
    }


ENDS = (1, 3, 5, 7, 9)  # how many lines are shown at each step


def given(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of the page, and s and t whichever way they are made."""
    way = choice("way", inputs.get("way", "line"), WAYS)
    x = array("x", inputs.get("x", [1.5, -0.8]), (2,), by_hand.LARGEST)
    s_line = array("s_line", inputs.get("s_line", [0.5, -0.25]), (2,), by_hand.STEEPEST)
    t_line = array("t_line", inputs.get("t_line", [1.0, -0.5]), (2,), by_hand.LARGEST)
    st = array("st", inputs.get("st", [0.5, 1.0]), (2,), by_hand.LARGEST)
    s = number("s", float(st[0]), -by_hand.STEEPEST, by_hand.STEEPEST)
    case = {"way": way, "x": x, "s_line": s_line, "t_line": t_line, "st": st}
    return case | {"s": s, "t": float(st[1])}


def layer(case: dict, trace: dict, k: int) -> b.Widget:
    """Return x, what is made of it, and y."""
    x = b.matrix("x", case["x"], "real", edit="x")
    if case["way"] == "line":
        net = b.row(
            b.matrix("s₁, s₀", case["s_line"], "hidden", edit="s_line"),
            b.matrix("t₁, t₀", case["t_line"], "hidden", edit="t_line"),
        )
    else:
        net = b.matrix("s, t", case["st"], "hidden", edit="st")
    y = b.matrix("y", trace["y"] if k >= 2 else ["·", "·"], "made", key="hand")
    items = [x, b.text("→"), net, b.text("→"), y]
    if k >= 3:
        items += [b.matrix("J = ∂y/∂x", trace["jacobian"], "grad")]
    if k >= 4:
        items += [b.text("→"), b.matrix("x", trace["x_back"], "real", key="hand")]
    return b.row(*items)


def written(case: dict, trace: dict) -> list[list[Any]]:
    """Return all lines: kept, s and t, y₂ and y, the determinant, and back."""
    x, y = trace["x"], trace["y"]
    s, t = float(trace["s"][0]), float(trace["t"][0])
    exp_s = float(trace["exp_s"][0])
    rows = [["y₁ = x₁ = ", b.num(x[0], "made")]]
    for name, value in (("s", s), ("t", t)):
        if case["way"] == "given":
            rows.append([f"{name} = ", b.num(value, "hidden")])
            continue
        slope, constant = case[f"{name}_line"]
        rows.append(
            [
                f"{name} = {name}₁ x₁ + {name}₀ = ",
                *[*b.signed(slope, "hidden"), "·", *b.signed(x[0], "real"), " + "],
                *[*b.signed(constant, "hidden"), " = ", b.num(value, "hidden")],
            ]
        )
    back = [b.num(float(trace["shifted"][0]), "made"), "·"]
    return [
        *rows,
        ["e^s = exp(", b.num(s, "hidden"), ") = ", b.num(exp_s, "hidden")],
        [
            "y₂ = x₂ e^s + t = ",
            *[*b.signed(x[1], "real"), "·", b.num(exp_s, "hidden"), " + "],
            *[*b.signed(t, "hidden"), " = ", b.num(y[1], "made")],
        ],
        ["det J = 1 · e^s = ", b.num(trace["det"], "grad")],
        ["log|det J| = s = ", b.num(trace["log_det"], "grad")],
        ["y₂ − t = ", *b.signed(y[1], "made"), " − ", *b.signed(t, "hidden"), " = ", back[0]],
        ["x₂ = (y₂ − t) e^(−s) = ", *signed_first(back), b.num(float(trace["exp_minus_s"][0]))]
        + [" = ", b.num(trace["x_back"][1], "real")],
    ]


def signed_first(tokens: list) -> list:
    """Return tokens whose first number is in brackets where it is negative."""
    return [*b.signed(tokens[0]["v"], tokens[0]["role"]), *tokens[1:]]


def carried(case: dict, points: np.ndarray) -> np.ndarray:
    """Return where the coupling puts points (N, 2)."""
    x1, x2 = points.T
    if case["way"] == "line":
        s = case["s_line"] @ np.stack([x1, np.ones_like(x1)])
        t = case["t_line"] @ np.stack([x1, np.ones_like(x1)])
    else:
        s, t = np.full_like(x1, case["s"]), np.full_like(x1, case["t"])
    return np.stack([x1, x2 * np.exp(s) + t], 1)


def plane(case: dict, trace: dict) -> b.Widget:
    """Return the plane with its lines carried along, and a small square with its image."""
    along = np.linspace(-REACH, REACH, 41)
    straight = [np.stack([along, np.full(41, c)], 1) for c in range(-4, 5)]
    straight += [np.stack([np.full(41, c), along], 1) for c in range(-4, 5)]
    side = np.linspace(-CELL / 2, CELL / 2, 9)
    low, high = np.full(9, -CELL / 2), np.full(9, CELL / 2)
    edge = np.concatenate(
        [np.stack(p, 1) for p in ((side, low), (high, side), (-side, high), (low, -side))]
    )
    square = edge + trace["x"]
    return b.field(
        "",
        (-REACH, REACH, -REACH, REACH),
        [
            b.curves([carried(case, line) for line in straight], "hidden", b.word("warp_hand")),
            b.curves([square], "real", b.word("cell_x"), width=2.4, dashed=True),
            b.curves([carried(case, square)], "made", b.word("cell_y"), width=2.4),
            b.dots([trace["x"]], "real", "x", radius=5),
            b.dots([trace["y"]], "made", "y", shape="square", radius=5),
            b.arrows([trace["x"]], [trace["y"] - trace["x"]], "ink"),
        ],
        size=330,
        key="hand",
    )


def facts(trace: dict) -> list[dict]:
    """Return the log-determinant and the way back's error."""
    return [
        b.fact("log|det J|", trace["log_det"]),
        b.fact(b.word("round_trip"), f"{trace['round_trip']:.1e}"),
    ]
