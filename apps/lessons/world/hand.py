"""View "hand": one step of a memory of two numbers, from the gates to the chance of dying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.world.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board

if TYPE_CHECKING:
    from core.models.world.by_hand import Step

PARTS = ("gates", "memory", "outputs", "mixture", "density")
REACH, POINTS = 3.0, 241  # of the density's curve


def hand(inputs: Inputs) -> Board:
    """Show gates, memory, outputs, mixture and density of a step, each with its numbers."""
    from core.models.world.by_hand import EXAMPLE, memory_step
    from core.models.world.check import memory_step_delta

    step = memory_step(EXAMPLE, *inputs.x, inputs.h, inputs.z_next)
    picture = density_chart(step, inputs)
    written = lines_of(step, inputs.z_next, EXAMPLE)
    frames = []
    for n, name in enumerate(PARTS):
        words = b.lines(b.word(f"part_{name}"), written[name], key=KEYS.get(name, ""))
        below = b.row(words, picture, gap="mid") if n >= 3 else words
        view = b.column(equation(step, n), below, gap="mid swap")
        frames.append(b.frame(view, b.word(f"part_{name}")))
    blanks = [
        b.blank("h′", step["h"], "hidden", "h"),
        b.blank("π", step["pi"], "made", "pi"),
        b.blank("p(z′)", [step["p"]], "made", "p"),
    ]
    return {
        "frames": frames,
        "facts": [
            b.fact("p(z′)", step["p"]),
            b.fact("−log p(z′)", step["nats"]),
            b.fact(b.word("death"), step["death"]),
        ],
        "checks": [b.delta_check(memory_step_delta(EXAMPLE, inputs.z_next, step), 1e-12)],
        "values": {"x": list(inputs.x), "h": list(inputs.h)},
        "turn": {"ask": b.word("turn_hand"), "frame": 2, "blanks": blanks},
        "tables": {**EXAMPLE, **step, "z_next": inputs.z_next},
    }


KEYS = {"memory": "h", "mixture": "pi", "density": "p"}


def equation(step: Step, n: int) -> b.Widget:
    """Return what goes in and, as far as part n has come, what comes out; x and h can be typed."""
    items = [
        b.matrix("z, a", step["x"], "real", edit="x"),
        b.matrix("h", step["h_prev"], "hidden", edit="h"),
        b.text("→"),
        b.matrix("r", step["gate_r"], "hidden"),
        b.matrix("u", step["gate_z"], "hidden"),
        b.matrix("n", step["gate_n"], "hidden", key="h"),
        b.text("→"),
        b.matrix("h′", step["h"], "hidden", key="h"),
        b.text("→"),
        b.matrix("π", step["pi"], "made", key="pi"),
        b.matrix("μ", step["mu"], "made", key="pi"),
        b.matrix("σ", step["sigma"], "made", key="pi"),
    ]
    shown = (6, 8, 9, 12, 12)[n]
    return b.row(*items[:shown])


def lines_of(step: Step, z_next: float, params: dict[str, Any]) -> dict[str, list[list[Any]]]:
    """Return the written-out lines of each part."""
    each, o = range(2), step["o"]
    V, c = np.array(params["V"]), np.array(params["c"])
    return {
        "gates": [
            *([f"r{sub(i)} = σ(", b.num(step["a_r"][i]), ") = ", b.num(step["gate_r"][i], "hidden")]
              for i in each),
            *([f"u{sub(i)} = σ(", b.num(step["a_z"][i]), ") = ", b.num(step["gate_z"][i], "hidden")]
              for i in each),
            *([f"n{sub(i)} = tanh(", b.num(step["a_n"][i]), ") = ",
               b.num(step["gate_n"][i], "hidden")] for i in each),
        ],
        "memory": [
            [f"h{sub(i)}′ = (1 − ", b.num(step["gate_z"][i], "hidden"), ") · ",
             *b.paren(step["gate_n"][i], "hidden"), " + ", b.num(step["gate_z"][i], "hidden"),
             " · ", *b.paren(step["h_prev"][i], "hidden"), " = ", b.num(step["h"][i], "hidden")]
            for i in each
        ],
        "outputs": [
            [*b.products(name, V[i], step["h"], ("ink", "hidden")), " + ", *b.paren(c[i], "ink"),
             " = ", b.num(o[i], "made")]
            for i, name in enumerate(("ℓ₁", "ℓ₂", "μ₁", "μ₂", "s₁", "s₂", "d"))
        ],
        "mixture": [
            *([f"π{sub(i)} = e^ℓ{sub(i)} / (e^ℓ₁ + e^ℓ₂) = ", b.num(step["pi"][i], "made")]
              for i in each),
            *([f"σ{sub(i)} = e^s{sub(i)} = ", b.num(step["sigma"][i], "made")] for i in each),
            [b.word("death"), " = σ(d) = ", b.num(step["death"], "grad")],
        ],
        "density": [
            *([f"π{sub(i)} N(z′; μ{sub(i)}, σ{sub(i)}²) = ", b.num(step["pi"][i], "made"), " · ",
               b.num(step["normal"][i]), " = ", b.num(step["share"][i], "made")] for i in each),
            ["p(", b.num(z_next, "real"), ") = ", b.num(step["share"][0], "made"), " + ",
             b.num(step["share"][1], "made"), " = ", b.num(step["p"], "made")],
            ["−log p = ", b.num(step["nats"], "grad")],
        ],
    }  # fmt: skip


def density_chart(step: Step, inputs: Inputs) -> b.Widget:
    """Return the density of the next code with its two components, and the code that came."""
    at = np.linspace(-REACH, REACH, POINTS)
    away = (at[:, None] - step["mu"]) / step["sigma"]
    parts = step["pi"] * np.exp(-0.5 * away**2) / (step["sigma"] * np.sqrt(2 * np.pi))
    spot = {"x": inputs.z_next, "y": step["p"], "label": "z′", "role": "real", "share": 1.0,
            "on": True, "side": "above"}  # fmt: skip
    return b.chart(
        b.word("density_chart"),
        [
            b.series(b.sub("π N ", 1), parts[:, 0], "hidden", x=at, dash=True),
            b.series(b.sub("π N ", 2), parts[:, 1], "hidden", x=at, dash=True),
            b.series("p(z′)", parts.sum(1), "made", x=at),
        ],
        x="z′",
        spots=[spot],
        low=0,
        width=470,
        height=250,
    )


def sub(i: int) -> str:
    """Return an index as it is written on paper, from 1."""
    return "₁₂"[i]
