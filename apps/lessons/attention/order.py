"""View "order": words in another order; nothing changes until positions are added."""

from __future__ import annotations

import numpy as np

from apps.lessons.attention.case import TOLERANCE
from apps.lessons.attention.inputs import ORDERS, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Check, Frame, Law
from core.models.transformer import positions
from core.models.transformer.attention import Trace
from core.models.transformer.check import permute_delta

T, DIM = 3, 4
WORDS = [b.word(f"said.w{n + 1}") for n in range(T)]
EVERY = list(range(T))


def order(inputs: Inputs) -> Board:
    """Show the first order, the second, and both outputs of each word beside each other."""
    kind, turned = inputs.kind, ORDERS[inputs.order]
    rng = np.random.default_rng(inputs.seed)
    x, wq, wk, wv = (rng.integers(-3, 4, shape) / 2 for shape in ((T, DIM), *[(DIM, DIM)] * 3))
    both = positions.permute(x, wq, wk, wv, turned, kind)
    found = permute_delta(both)
    large = both["largest"]
    checks: list[Check | Law] = [b.delta_check(found, TOLERANCE)]
    if kind == "none":
        rows = int((np.abs(both["difference"]).max(axis=1) < TOLERANCE).sum())
        checks.append(b.law(b.word("law_order"), rows, T))
    frames = [
        order_frame(x, both["first"], EVERY, kind, "order_first"),
        order_frame(x[turned], both["second"], turned, kind, "order_second"),
        both_orders(both, turned),
    ]
    return {
        "frames": frames,
        "facts": [b.fact(b.word("largest_change"), large if kind != "none" else f"{large:.1e}")],
        "checks": checks,
        "turn": {
            "ask": b.word("turn_order"),
            "frame": 0,
            "blanks": [b.blank("p(1)", positions.sinusoidal(2, DIM)[1], "real", "p")],
        },
        "tables": {
            "first": both["first"]["output"],
            "second": both["second"]["output"],
            "difference": both["difference"],
        },
    }


def order_frame(x: np.ndarray, trace: Trace, at: list[int], kind: str, name: str) -> Frame:
    """Return one order: its words, the added positions, the attention, the outputs."""
    rows = [b.matrix(b.word("words_x"), x, "ink")]
    if kind != "none":
        place = b.matrix(b.word("places_p"), positions.sinusoidal(T, DIM), "real", key="p")
        rows += [b.text("+"), place]
    rows += [b.text("→"), b.matrix(b.word("outputs_o"), trace["output"], "made")]
    words = [WORDS[n] for n in at]
    grid = b.lookup("A", words, words, trace["weights"][0], group=name, cell=46, digits=2)
    return b.frame(
        b.column(b.row(lines(trace, at, name, "", 400), grid, gap="wide"), b.row(*rows), gap="mid"),
        b.word(name),
    )


def lines(trace: Trace, at: list[int], name: str, label: b.Label, width: int) -> b.Widget:
    """Return the lines between the words of one order; `name` joins them to its other widgets."""
    words = [WORDS[n] for n in at]
    sides = (b.word("asking"), b.word("asked"))
    return b.ties(label, words, words, trace["weights"][0], names=sides, group=name, width=width)


def both_orders(both: positions.Permutation, at: list[int]) -> Frame:
    """Return each word's output in the first order and in the second."""
    size = np.abs(both["difference"]).max(axis=1)
    words = b.lines(b.word("words"), [[WORDS[n]] for n in at])
    zeroed = both["difference"].round(12) + 0.0
    table = b.row(
        words,
        b.matrix(b.word("in_first"), both["expected"], "made"),
        b.matrix(b.word("in_second"), both["second"]["output"], "made"),
        b.matrix(b.word("difference"), zeroed, "grad"),
        gap="mid",
    )
    same = bool(size.max() < TOLERANCE)
    say = b.text(b.word("order_same" if same else "order_differs"), size="wide")
    top = b.row(
        lines(both["first"], EVERY, "order_first", b.word("order_first"), 270),
        lines(both["second"], at, "order_second", b.word("order_second"), 270),
        gap="mid",
    )
    below = b.column(table, say, gap="mid")
    return b.frame(b.column(top, below, gap="swap"), b.word("order_compared"))
