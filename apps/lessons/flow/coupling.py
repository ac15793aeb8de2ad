"""View "coupling": one affine coupling in the plane by hand, step by step, with its way back."""

from __future__ import annotations

from typing import Literal

import numpy as np

from apps.lessons.flow.inputs import Inputs, Pair
from apps.stage import board as b
from apps.stage.contract import Board, Check, Fact
from core.models.flow import by_hand
from core.models.flow.check import coupling_delta, coupling_of_line_delta

STEPS = {"split": 1, "net": 3, "change": 5, "volume": 7, "back": 9}  # -> lines that are written
REACH = 4.0  # of the plane that is drawn
CELL = 0.8  # side of the small square around x


def coupling(inputs: Inputs) -> Board:
    """Show a frame a step: keep x₁, ask the net, change x₂, read the determinant, go back."""
    trace, checked = compute(inputs)
    rows = equations(inputs, trace)
    frames = []
    for k, (name, end) in enumerate(STEPS.items()):
        told = b.lines("", rows[:end], on=end - 1, key="hand")
        view = b.column(
            layer(inputs, trace, k), b.row(told, plane(inputs, trace), gap="mid"), gap="swap"
        )
        frames.append(b.frame(view, b.word(f"hand_{name}"), facts(trace)))
    det = [trace["log_det"]]
    return {
        "frames": frames,
        "facts": [],
        "checks": [checked],
        "values": {name: getattr(inputs, name) for name in ("x", "s_line", "t_line", "st")},
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


def compute(inputs: Inputs) -> tuple[by_hand.CouplingTrace, Check]:
    """Return the coupling whichever way s and t are given, and its check."""
    if inputs.way == "line":
        given = (inputs.x, inputs.s_line, inputs.t_line)
        trace = by_hand.coupling_of_line(*given)
        return trace, b.delta_check(coupling_of_line_delta(*given, trace), 1e-12)
    s, t = inputs.st
    trace = by_hand.coupling(inputs.x, s, t)
    return trace, b.delta_check(coupling_delta(inputs.x, s, t, trace), 1e-12)


def lines(inputs: Inputs) -> tuple[Pair, Pair]:
    """Return s and t as [slope, constant] of x₁; as typed they are constant."""
    if inputs.way == "line":
        return inputs.s_line, inputs.t_line
    s, t = inputs.st
    return (0.0, s), (0.0, t)


def layer(inputs: Inputs, trace: by_hand.CouplingTrace, k: int) -> b.Widget:
    """Return x, what is made of it, and y."""
    x = b.matrix("x", inputs.x, "real", edit="x")
    if inputs.way == "line":
        net = b.row(
            b.matrix("s₁, s₀", inputs.s_line, "hidden", edit="s_line"),
            b.matrix("t₁, t₀", inputs.t_line, "hidden", edit="t_line"),
        )
    else:
        net = b.matrix("s, t", inputs.st, "hidden", edit="st")
    y = b.matrix("y", trace["y"] if k >= 2 else ["·", "·"], "made", key="hand")
    items = [x, b.text("→"), net, b.text("→"), y]
    if k >= 3:
        items += [b.matrix("J = ∂y/∂x", trace["jacobian"], "grad")]
    if k >= 4:
        items += [b.text("→"), b.matrix("x", trace["x_back"], "real", key="hand")]
    return b.row(*items)


def net_line(inputs: Inputs, name: Literal["s", "t"], value: float) -> list:
    """Return s or t written out: a line of x₁, or a number as typed."""
    if inputs.way == "given":
        return [f"{name} = ", b.num(value, "hidden")]
    slope, constant = inputs.s_line if name == "s" else inputs.t_line
    return [
        f"{name} = {name}₁ x₁ + {name}₀ = ",
        *[*b.paren(slope, "hidden"), "·", *b.paren(inputs.x[0], "real"), " + "],
        *[*b.paren(constant, "hidden"), " = ", b.num(value, "hidden")],
    ]


def equations(inputs: Inputs, trace: by_hand.CouplingTrace) -> list[list]:
    """Return all lines: kept, s and t, y₂ and y, the determinant, and back."""
    x, y = trace["x"], trace["y"]
    s, t = float(trace["s"][0]), float(trace["t"][0])
    exp_s = float(trace["exp_s"][0])
    rows = [["y₁ = x₁ = ", b.num(x[0], "made")]]
    rows += [net_line(inputs, name, float(trace[name][0])) for name in ("s", "t")]
    shifted, exp_minus_s = float(trace["shifted"][0]), float(trace["exp_minus_s"][0])
    return [
        *rows,
        ["e^s = exp(", b.num(s, "hidden"), ") = ", b.num(exp_s, "hidden")],
        [
            "y₂ = x₂ e^s + t = ",
            *[*b.paren(x[1], "real"), "·", b.num(exp_s, "hidden"), " + "],
            *[*b.paren(t, "hidden"), " = ", b.num(y[1], "made")],
        ],
        ["det J = 1 · e^s = ", b.num(trace["det"], "grad")],
        ["log|det J| = s = ", b.num(trace["log_det"], "grad")],
        [
            "y₂ − t = ",
            *[*b.paren(y[1], "made"), " − ", *b.paren(t, "hidden")],
            *[" = ", b.num(shifted, "made")],
        ],
        [
            "x₂ = (y₂ − t) e^(−s) = ",
            *[*b.paren(shifted, "made"), "·", b.num(exp_minus_s)],
            *[" = ", b.num(trace["x_back"][1], "real")],
        ],
    ]


def plane(inputs: Inputs, trace: by_hand.CouplingTrace) -> b.Widget:
    """Return the plane with its lines carried along, and a small square with its image."""
    s, t = lines(inputs)
    along = np.linspace(-REACH, REACH, 41)
    straight = [np.stack([along, np.full(41, c)], 1) for c in range(-4, 5)]
    straight += [np.stack([np.full(41, c), along], 1) for c in range(-4, 5)]
    square = edge_of_square(CELL) + trace["x"]
    bent = [by_hand.image(line, s, t)[0] for line in straight]
    return b.field(
        "",
        (-REACH, REACH, -REACH, REACH),
        [
            b.curves(bent, "hidden", b.word("warp_hand")),
            b.curves([square], "real", b.word("cell_x"), width=2.4, dashed=True),
            b.curves([by_hand.image(square, s, t)[0]], "made", b.word("cell_y"), width=2.4),
            b.dots([trace["x"]], "real", "x", radius=5),
            b.dots([trace["y"]], "made", "y", shape="square", radius=5),
            b.arrows([trace["x"]], [trace["y"] - trace["x"]], "ink"),
        ],
        size=330,
        key="hand",
    )


def edge_of_square(side: float, n: int = 9) -> np.ndarray:
    """Return the edge of a square about the origin as points (4 n, 2), n a side."""
    along = np.linspace(-side / 2, side / 2, n)
    low, high = np.full(n, -side / 2), np.full(n, side / 2)
    sides = ((along, low), (high, along), (-along, high), (low, -along))
    return np.concatenate([np.stack(one, 1) for one in sides])


def facts(trace: by_hand.CouplingTrace) -> list[Fact]:
    """Return the log-determinant and the way back's error."""
    return [
        b.fact("log|det J|", trace["log_det"]),
        b.fact(b.word("round_trip"), f"{trace['round_trip']:.1e}"),
    ]
