"""One Langevin step with all its numbers, on an energy whose gradient is taken in the head."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.stage import board as b
from core.inputs import array, number

PRESET = {"x": [1.2, -0.8], "ks": [2.0, 1.0], "xi": [0.4, -1.2]}
LARGEST = 100.0  # magnitude of a typed number
SIDE = 40  # cells a side of the surface


def case(inputs: dict[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return what can be typed (x, k as "ks", ξ) and the step's every term."""
    from core.models.ebm.langevin import by_hand

    given = {
        name: array(name, inputs.get(name, usual), (2,), LARGEST) for name, usual in PRESET.items()
    }
    size = number("step_hand", inputs.get("step_hand", 0.25), 0.01, 4)
    gradient = (given["ks"] * given["x"]).tolist()
    return given, by_hand(given["x"].tolist(), gradient, size, given["xi"].tolist())


def step(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the step line by line: gradient, drift, noise, sum, and what became of E."""
    from core.models.ebm.check import by_hand_delta

    given, made = case(inputs)
    energies = [energy(given["ks"], made[name]) for name in ("x", "x_next")]
    whole = equation(made)
    frames = []
    for n, (name, rows) in enumerate(written(given, made, energies)):
        key = {1: "drift", 2: "noise", 3: "next"}.get(n, "")
        below = b.row(b.lines(b.word(f"part_{name}"), rows, key=key), field(given, made, n))
        frames.append(b.frame(b.column(whole, below, gap="mid swap"), b.word(f"part_{name}")))
    found = by_hand_delta(given["ks"], made)
    blanks = [
        b.blank("−ε/2 ∇E", made["drift"], "grad", "drift"),
        b.blank("√ε ξ", made["noise_term"], "hidden", "noise"),
        b.blank("x′", made["x_next"], "made", "next"),
    ]
    return {
        "frames": frames,
        "facts": [b.fact("E(x)", energies[0]), b.fact("E(x′)", energies[1])],
        "checks": [b.check(found["delta"], found["against"], 1e-12)],
        "values": {name: values.tolist() for name, values in given.items()},
        "turn": {"ask": b.word("turn_hand"), "frame": 0, "blanks": blanks},
        "tables": {"ks": given["ks"].tolist(), **made, "energies": energies},
    }


def energy(k: np.ndarray, x: Any) -> float:
    """Return E(x) = ½ Σ k x²."""
    return float((k * np.asarray(x) ** 2).sum() / 2)


def equation(made: dict[str, Any]) -> b.Widget:
    """Return x' = x − ε/2 ∇E(x) + √ε ξ with the numbers in place; x and ξ can be typed over."""
    return b.row(
        b.matrix("x′", made["x_next"], "made", key="next"),
        b.text("="),
        b.matrix("x", made["x"], "real", edit="x"),
        b.text("+"),
        b.matrix("−ε/2 ∇E", made["drift"], "grad", key="drift"),
        b.text("+"),
        b.matrix("√ε ξ", made["noise_term"], "hidden", key="noise"),
    )


def written(
    given: dict[str, np.ndarray], made: dict[str, Any], energies: list[float]
) -> list[tuple[str, list[list[Any]]]]:
    """Return the parts of the step by name, each a list of written-out lines."""
    half, root = made["half_step"], made["root_step"]
    shaken, term, after = (made[name] for name in ("noise", "noise_term", "x_next"))
    each = range(2)
    return [
        (
            "gradient",
            [
                [f"∂E/∂x{sub(i)} = k{sub(i)} x{sub(i)} = ", *times(given["ks"][i], made["x"][i]),
                 " = ", b.num(made["gradient"][i], "grad")]
                for i in each
            ],
        ),
        (
            "drift",
            [
                ["−ε/2 · ", *b.signed(made["gradient"][i], "grad"), " = −", b.num(half), " · ",
                 *b.signed(made["gradient"][i], "grad"), " = ", b.num(made["drift"][i], "grad")]
                for i in each
            ],
        ),
        (
            "noise",
            [
                ["√ε · ", *b.signed(shaken[i], "hidden"), " = ", b.num(root), " · ",
                 *b.signed(shaken[i], "hidden"), " = ", b.num(term[i], "hidden")]
                for i in each
            ],
        ),
        (
            "sum",
            [
                [f"x{sub(i)}′ = ", b.num(made["x"][i], "real"), " + ",
                 *b.signed(made["drift"][i], "grad"), " + ",
                 *b.signed(term[i], "hidden"), " = ", b.num(after[i], "made")]
                for i in each
            ],
        ),
        (
            "energy",
            [
                ["E(x) = ½ (k₁x₁² + k₂x₂²) = ", b.num(energies[0], "grad")],
                ["E(x′) = ", b.num(energies[1], "grad"), ",  E(x′) − E(x) = ",
                 b.num(energies[1] - energies[0], "grad")],
            ],
        ),
    ]  # fmt: skip


def times(a: float, c: float) -> list:
    """Return the tokens of a · c."""
    return [*b.signed(a, "ink"), " · ", *b.signed(c, "real")]


def sub(i: int) -> str:
    """Return an index as it is written on paper, from 1."""
    return "₁₂"[i]


def field(given: dict[str, np.ndarray], made: dict[str, Any], n: int) -> b.Widget:
    """Return the energy's surface with the way from x to x' as far as part n has come."""
    x, down, end = (np.asarray(made[name]) for name in ("x", "drift", "x_next"))
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
    picture = b.field(b.word("bowl"), (-far, far, -far, far), layers, size=250, key="bowl")
    return b.row(
        b.matrix("k", given["ks"], "ink", edit="ks"),
        b.matrix("ξ", given["xi"], "hidden", edit="xi"),
        picture,
    )
