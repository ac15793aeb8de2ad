"""Words in another order: nothing changes until positions are added."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.stage import board as b
from core.inputs import choice, integer
from core.models.transformer import positions
from core.models.transformer.check import permuted_delta

ORDERS = {"213": [1, 0, 2], "321": [2, 1, 0], "132": [0, 2, 1], "231": [1, 2, 0], "312": [2, 0, 1]}
KINDS = ("none", "sinusoidal")
T, DIM = 3, 4
WORDS = [{"k": f"said.w{n + 1}"} for n in range(T)]


def order(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the first order, the second, and both outputs of each word beside each other."""
    kind = choice("kind", inputs.get("kind", "none"), KINDS)
    turned = ORDERS[choice("order", inputs.get("order", "213"), tuple(ORDERS))]
    seed = integer("seed", inputs.get("seed", 0), 0, 2**31 - 1)
    rng = np.random.default_rng(seed)
    x, wq, wk, wv = (rng.integers(-3, 4, shape) / 2 for shape in ((T, DIM), *[(DIM, DIM)] * 3))
    made = positions.permuted(x, wq, wk, wv, turned, kind)
    found = permuted_delta(made)
    large = made["largest"]
    checks = [b.check(found["delta"], found["against"], 1e-12)]
    if kind == "none":
        rows = int((np.abs(made["difference"]).max(axis=1) < 1e-12).sum())
        checks.append(b.law(b.word("law_order"), rows, T))
    frames = [
        one(x, made["first"], list(range(T)), kind, "order_first"),
        one(x[turned], made["second"], turned, kind, "order_second"),
        compared(made, turned),
    ]
    return {
        "frames": frames,
        "facts": [b.fact(b.word("largest_change"), large if kind != "none" else f"{large:.1e}")],
        "checks": checks,
        "turn": {
            "ask": b.word("turn_order"),
            "frame": 0,
            "blanks": [b.blank("p(1)", positions.sinusoidal(2, DIM)[1], "real", "")],
        },
        "tables": {
            "first": made["first"]["output"],
            "second": made["second"]["output"],
            "difference": made["difference"],
        },
    }


def one(x: np.ndarray, trace: dict, at: list[int], kind: str, name: str) -> dict:
    """Return one order: its words, what is added, the attention, the outputs."""
    words = [WORDS[n] for n in at]
    rows = [b.matrix(b.word("words_x"), x, "ink")]
    if kind != "none":
        place = b.matrix(b.word("places_p"), positions.sinusoidal(T, DIM), "real")
        rows += [b.text("+"), place]
    rows += [b.text("→"), b.matrix(b.word("outputs_o"), trace["output"], "made")]
    ties = b.ties("", words, words, trace["weights"][0], names=(b.word("asking"), b.word("asked")),
                  group=name, width=400)  # fmt: skip
    grid = b.lookup("A", words, words, trace["weights"][0], group=name, cell=46, digits=2)
    return b.frame(b.column(b.row(ties, grid, gap="wide"), b.row(*rows), gap="mid"), b.word(name))


def lines_of(trace: dict, at: list[int], name: str, width: int = 270) -> b.Widget:
    """Return the lines between the words of one order."""
    words = [WORDS[n] for n in at]
    sides = (b.word("asking"), b.word("asked"))
    label = b.word(name) if width < 400 else ""
    return b.ties(label, words, words, trace["weights"][0], names=sides, group=name, width=width)


def compared(made: dict, at: list[int]) -> dict:
    """Return each word's output in the first order and in the second."""
    size = np.abs(made["difference"]).max(axis=1)
    rows = [
        b.row(
            b.text(WORDS[n], size="big"),
            b.matrix(b.word("in_first"), made["expected"][k][None], "made"),
            b.matrix(b.word("in_second"), made["second"]["output"][k][None], "made"),
            b.matrix(b.word("difference"), made["difference"][k][None].round(12) + 0.0, "grad"),
            b.text("=" if size[k] < 1e-12 else "≠", "ok" if size[k] < 1e-12 else "grad", "big"),
            gap="mid",
        )
        for k, n in enumerate(at)
    ]
    same = bool(size.max() < 1e-12)
    told = b.text(b.word("order_same" if same else "order_differs"), size="wide")
    both = b.row(
        lines_of(made["first"], list(range(T)), "order_first"),
        lines_of(made["second"], at, "order_second"),
        gap="mid",
    )
    below = b.column(b.column(*rows, gap="tight"), told, gap="mid")
    return b.frame(b.column(both, below, gap="swap"), b.word("order_compared"))
