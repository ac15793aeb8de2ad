"""Parts of both nets' steps by hand: the path to the loss, D's two lines, sums written out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.stage import board as b
from apps.stage.contract import Frame
from core.models.gan.traces import Judgement

D_CHAIN = (("x", "real"), ("a", "hidden"), ("s", "ink"), ("D", "ink"), ("L", "grad"))
LINKS = {"x": "w₁", "a": "w₂", "s": "σ", "D": "−log", "z": "v₁", "t": "v₂"}  # what leads on


def judgement_rows(
    now: Judgement, w1: np.ndarray, w2: np.ndarray, role: str, edit_x: bool
) -> list[b.Widget]:
    """Return a = σ(w1 x) and the logit s = w2·a → D, the weights editable."""
    edit = "x" if edit_x else None
    first = b.row(
        b.matrix("a", now["a"], "hidden"),
        b.text("= σ ("),
        b.matrix("w₁", w1, "ink", edit="w1"),
        b.text("·"),
        b.matrix("x", now["x"], role, edit=edit, key="x"),
        b.text(")"),
    )
    second = b.row(
        b.matrix("s", [now["z"]], "ink", key="z"),
        b.text("="),
        b.matrix("w₂", w2, "ink", edit="w2"),
        b.text("·"),
        b.matrix("a", now["a"], "hidden"),
        b.text("→ σ →"),
        b.matrix("D", [now["D"]], "ink", key="D"),
    )
    return [first, second]


def way(chain: Sequence[tuple[str, str]], at: int, back: bool = False) -> b.Widget:
    """Return the way from the input to the loss, lit up to `at`; `back`, the gradient's way down
    to `at`.
    """
    nodes, links = [], []
    for k, (name, role) in enumerate(chain):
        reached = back and k >= at and k < len(chain) - 1
        state = "now" if k == at else "later" if not back and k > at else ""
        node = {"id": name, "x": 44 + 108 * k, "y": 24, "w": 70, "h": 32, "state": state}
        label = f"∂L/∂{name}" if reached else name
        nodes.append({**node, "label": label, "role": "grad" if reached else role})
        if k:
            before = chain[k - 1][0]
            ends = (name, before) if back and k > at else (before, name)
            link = {"from": ends[0], "to": ends[1], "label": LINKS[before]}
            dim = "later" if not back and k > at else ""
            links.append({**link, "role": "grad" if back and k > at else "ink-2", "state": dim})
    return b.net("", nodes, links, 88 + 108 * (len(chain) - 1), 48)


def update_frame(
    pairs: Sequence[tuple], rate: float, ends: Sequence[tuple[str, float, float]], role: str
) -> Frame:
    """Return w ← w − rate · ∂L/∂w of each weight, and the same input's values before and after."""
    rows = [
        b.row(
            b.matrix(b.word("new_of", q=name), new, role),
            b.text("="),
            b.matrix(name, old, "ink"),
            b.text(f"− {rate:g} ·"),
            b.matrix(f"∂L/∂{name}", slope, "grad"),
        )
        for name, old, slope, new in pairs
    ]
    arrange = (
        b.column if any(np.shape(old)[-1] > 1 < np.ndim(old) for _, old, *_ in pairs) else b.row
    )
    ends_lines = [[f"{name}:  ", b.num(was), "  →  ", b.num(is_now)] for name, was, is_now in ends]
    view = b.column(
        arrange(*rows, gap="wide"), b.lines(b.word("before_after"), ends_lines), gap="mid"
    )
    return b.frame(view, b.word("part_update"))


def frame_named(frames: Sequence[Frame], key: str) -> int:
    """Return the number of the frame whose name is a word."""
    return next(k for k, one in enumerate(frames) if one["name"] == b.word(key))


def sum_line(name: str, w: Any, v: Any, result: float, role: str) -> list:
    """Return a row of name = w·v with its products, their values if there are several, the sum."""
    first = b.products(name, w, v, ("ink", "ink"))
    if len(v) == 1:
        return [*first, " = ", b.num(result, role)]
    return [*first, *b.total([p * q for p, q in zip(w, v)], result, role)]


def dot_lines(name: str, w: Any, v: Any, result: float) -> list[list]:
    """Return name = w·v in two rows, the products and their values."""
    first = b.products(name, w, v, ("ink", "ink"))
    if len(v) == 1:
        return [[*first, " = ", b.num(result)]]
    return [first, [" " * len(name), *b.total([p * q for p, q in zip(w, v)], result, "ink")]]


def product_line(name: str, first: float, second: float, result: float) -> list:
    """Return a row of name = first · second = result, of a gradient."""
    numbers = [*b.paren(first, "grad"), " · ", *b.paren(second, "ink")]
    return [f"{name} = ", *numbers, " = ", b.num(result, "grad")]


def index(i: int) -> str:
    """Return an entry's place as it is counted on paper, from 1."""
    return f"[{i + 1}]"
