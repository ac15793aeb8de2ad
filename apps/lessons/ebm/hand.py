"""View "hand": one Langevin step with all its numbers, on an energy with an easy gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.ebm.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board

if TYPE_CHECKING:
    from core.models.ebm.ebm_traces import LangevinStep as Step

SIDE = 40  # cells a side of the surface


def hand(inputs: Inputs) -> Board:
    """Show the step line by line: gradient, drift, noise, sum, and E before and after."""
    from core.models.ebm.check import langevin_step_delta
    from core.models.ebm.langevin import langevin_step

    given = {name: np.array(getattr(inputs, name)) for name in ("x", "ks", "xi")}
    gradient = (given["ks"] * given["x"]).tolist()
    step = langevin_step(given["x"].tolist(), gradient, inputs.step_hand, given["xi"].tolist())
    energies = [energy(given["ks"], step[name]) for name in ("x", "x_next")]
    whole = equation(step)
    frames = []
    for n, (name, rows) in enumerate(part_lines(given, step, energies)):
        key = {1: "drift", 2: "noise", 3: "next"}.get(n, "")
        sums = b.lines(b.word(f"part_{name}"), rows, key=key)
        left = b.column(whole, sums, given_row(given))
        frames.append(
            b.frame(b.row(left, field(given, step, n), gap="mid"), b.word(f"part_{name}"))
        )
    blanks = [
        b.blank("−ε/2 ∇E", step["drift"], "grad", "drift"),
        b.blank("√ε ξ", step["noise_term"], "hidden", "noise"),
        b.blank("x′", step["x_next"], "made", "next"),
    ]
    return {
        "frames": frames,
        "facts": [
            b.fact("ε", f"{inputs.step_hand:g}"),
            b.fact("E(x)", energies[0]),
            b.fact("E(x′)", energies[1]),
        ],
        "checks": [b.delta_check(langevin_step_delta(given["ks"], step), 1e-12)],
        "values": {name: values.tolist() for name, values in given.items()},
        "turn": {"ask": b.word("turn_hand"), "frame": 0, "blanks": blanks},
        "tables": {"ks": given["ks"].tolist(), **step, "energies": energies},
    }


def given_row(given: dict[str, np.ndarray]) -> b.Widget:
    """Return what else is given and can be typed over: the bowl's k and the noise ξ."""
    return b.row(
        b.matrix("k", given["ks"], "ink", edit="ks"),
        b.matrix("ξ", given["xi"], "hidden", edit="xi"),
        gap="mid",
    )


def energy(k: np.ndarray, x: Any) -> float:
    """Return E(x) = ½ Σ k x²."""
    return float((k * np.asarray(x) ** 2).sum() / 2)


def equation(step: Step) -> b.Widget:
    """Return x' = x − ε/2 ∇E(x) + √ε ξ with the numbers in place; x and ξ can be typed over."""
    return b.row(
        b.matrix("x′", step["x_next"], "made", key="next"),
        b.text("="),
        b.matrix("x", step["x"], "real", edit="x"),
        b.text("+"),
        b.matrix("−ε/2 ∇E", step["drift"], "grad", key="drift"),
        b.text("+"),
        b.matrix("√ε ξ", step["noise_term"], "hidden", key="noise"),
    )


def part_lines(
    given: dict[str, np.ndarray], step: Step, energies: list[float]
) -> list[tuple[str, list[list[Any]]]]:
    """Return the parts of the step by name, each a list of written-out lines."""
    half, root = step["half_step"], step["root_step"]
    shaken, term = step["noise"], step["noise_term"]
    each = range(2)
    return [
        (
            "gradient",
            [
                [f"∂E/∂x{subscript(i)} = k{subscript(i)} x{subscript(i)} = ",
                 *product_tokens(given["ks"][i], step["x"][i]), " = ",
                 b.num(step["gradient"][i], "grad")]
                for i in each
            ],
        ),
        (
            "drift",
            [
                ["−ε/2 · ", *b.paren(step["gradient"][i], "grad"), " = −", b.num(half), " · ",
                 *b.paren(step["gradient"][i], "grad"), " = ", b.num(step["drift"][i], "grad")]
                for i in each
            ],
        ),
        (
            "noise",
            [
                ["√ε · ", *b.paren(shaken[i], "hidden"), " = ", b.num(root), " · ",
                 *b.paren(shaken[i], "hidden"), " = ", b.num(term[i], "hidden")]
                for i in each
            ],
        ),
        ("sum", [sum_line(step, i) for i in each]),
        ("energy", energy_lines(*energies)),
    ]  # fmt: skip


def sum_line(step: Step, i: int) -> list[Any]:
    """Write out coordinate i of x' = x + drift + noise term."""
    return [
        f"x{subscript(i)}′ = ", b.num(step["x"][i], "real"), " + ",
        *b.paren(step["drift"][i], "grad"), " + ",
        *b.paren(step["noise_term"][i], "hidden"), " = ", b.num(step["x_next"][i], "made"),
    ]  # fmt: skip


def energy_lines(before: float, after: float) -> list[list[Any]]:
    """Return E before and after the step, and the difference, as written-out lines."""
    rise = b.num(after - before, "grad")
    return [
        ["E(x) = ½ (k₁x₁² + k₂x₂²) = ", b.num(before, "grad")],
        ["E(x′) = ", b.num(after, "grad"), ",  E(x′) − E(x) = ", rise],
    ]


def product_tokens(a: float, c: float) -> list:
    """Return the tokens of a · c."""
    return [*b.paren(a, "ink"), " · ", *b.paren(c, "real")]


def subscript(i: int) -> str:
    """Return an index as it is written on paper, from 1."""
    return "₁₂"[i]


def field(given: dict[str, np.ndarray], step: Step, n: int) -> b.Widget:
    """Return the energy's surface with the way from x to x' as far as part n has come."""
    x, down, end = (np.asarray(step[name]) for name in ("x", "drift", "x_next"))
    far = max(1.0, 1.25 * float(np.abs([x, x + down, end]).max()))
    cells = (np.arange(SIDE) + 0.5) / SIDE * 2 * far - far
    surface = (given["ks"][0] * cells**2 + given["ks"][1] * cells[::-1, None] ** 2) / 2
    low, high = float(surface.min()), float(surface.max())
    layers = [
        b.surface(surface, low, low + 1.7 * (high - low) + 1e-9, above="grad"),
        b.dots([x], "real", "x", radius=5),
        b.arrows([x], [down], "grad", "−ε/2 ∇E") if n >= 1 else None,
        b.arrows([x + down], [end - x - down], "hidden", "√ε ξ", dashed=True) if n >= 2 else None,
        b.dots([end], "made", "x′", shape="square", radius=5) if n >= 3 else None,
    ]
    return b.field(b.word("bowl"), (-far, far, -far, far), layers, size=300, key="bowl")
