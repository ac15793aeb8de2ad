"""One step of the discriminator, every number in place; and what the slide prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.stage import board as b
from core.models.gan import by_hand

D_CHAIN = (("x", "real"), ("a", "hidden"), ("z", "ink"), ("D", "ink"), ("L", "grad"))
LINKS = {"x": "w₁", "a": "w₂", "z": "σ", "D": "−log", "u": "v₁", "t": "v₂"}  # what leads on


# ---- the discriminator


def discriminator_frames(now: dict, case: dict, rate: float) -> list[dict]:
    """Return a frame a line of the step, from x to the new weights.

    Args:
        now: trace of `gan_step.discriminator_step`.
        case: its arguments; w1 (H, n), w2 (H,), label.
        rate: of the update.
    """
    w1, w2 = np.asarray(case["w1"], dtype=float), np.asarray(case["w2"], dtype=float)
    label = case["label"]
    chain = (("x", "real" if label else "made"), *D_CHAIN[1:])
    facts = [b.fact("D", now["D"]), b.fact("L", now["loss"])]
    first, second = judged(now, w1, w2, chain[0][1], edit_x=True)
    outer, inner = shared_out(now, w2)
    beside = b.row(outer, inner, gap="wide")  # two rows would be too small for an audience
    here = {"h": [first], "a": [first], "dz": [beside], "dw2": [outer]}
    here |= {part: [second] for part in ("z", "D", "loss")}
    here |= {part: [inner] for part in ("da", "dh", "dw1")}
    frames = [
        b.frame(
            b.column(way(chain, len(chain)), b.row(first, second, gap="wide")), b.word("overview")
        )
    ]
    for part, at in (("h", 1), ("a", 1), ("z", 2), ("D", 3), ("loss", 4)):
        view = b.column(way(chain, at), *here[part], written(now, part, w1, w2, label))
        frames.append(b.frame(view, b.word(f"part_{part}"), facts if at > 3 else ()))
    for part, at in (("dz", 2), ("dw2", 1), ("da", 1), ("dh", 1), ("dw1", 0)):
        view = b.column(way(chain, at, True), *here[part], written(now, part, w1, w2, label))
        frames.append(b.frame(view, b.word(f"part_{part}"), facts))
    pairs = (("w₁", w1, now["dw1"], now["new_w1"]), ("w₂", w2, now["dw2"], now["new_w2"]))
    ends = [("D", now["D"], now["after"]["D"]), ("L", now["loss"], now["after"]["loss"])]
    return [*frames, update_frame(pairs, rate, ends, "hidden")]


def judged(now: dict, w1: np.ndarray, w2: np.ndarray, role: str, edit_x: bool) -> list[b.Widget]:
    """Return a = σ(w1 x) and z = w2·a → D, the weights editable."""
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
        b.matrix("z", [now["z"]], "ink", key="z"),
        b.text("="),
        b.matrix("w₂", w2, "ink", edit="w2"),
        b.text("·"),
        b.matrix("a", now["a"], "hidden"),
        b.text("→ σ →"),
        b.matrix("D", [now["D"]], "ink", key="D"),
    )
    return [first, second]


def shared_out(now: dict, w2: np.ndarray) -> list[b.Widget]:
    """Return ∂L/∂w2 and ∂L/∂w1 as products of what is known."""
    x = now["x"]
    dz = b.matrix("∂L/∂z", [now["dz"]], "grad", key="dz")
    first = b.row(
        b.matrix("∂L/∂w₂", now["dw2"], "grad", key="dw2"),
        b.text("="),
        dz,
        b.text("·"),
        b.matrix("a", now["a"], "hidden"),
    )
    second = b.row(
        b.matrix("∂L/∂w₁", now["dw1"], "grad", key="dw1"),
        b.text("="),
        dz,
        b.text("·"),
        b.matrix("w₂", w2, "ink"),
        b.text("⊙"),
        b.matrix("a(1 − a)", now["slope"], "hidden"),
        b.text("·"),
        b.matrix("x" if len(x) == 1 else "xᵀ", x[None, :], "real"),
    )
    return [first, second]


def written(now: dict, part: str, w1: np.ndarray, w2: np.ndarray, label: int) -> b.Widget:
    """Return every product and sum of one line of the discriminator's step."""
    dz, a, units = now["dz"], now["a"], range(len(w2))
    if part == "h":
        rows = [summed(f"h{index(i)}", w1[i], now["x"], now["h"][i], "hidden") for i in units]
    elif part == "a":
        rows = [
            [f"a{index(i)} = σ(", b.num(now["h"][i], "hidden"), ") = ", b.num(a[i], "hidden")]
            for i in units
        ]
    elif part == "z":
        rows = dotted("z", w2, a, now["z"])
    elif part == "D":
        tail = ") = 1 / (1 + e^(−z)) = "
        rows = [["D = σ(z) = σ(", b.num(now["z"]), tail, b.num(now["D"])]]
    elif part == "loss":
        said, p = ("−log D", now["D"]) if label else ("−log(1 − D)", 1 - now["D"])
        rows = [[f"L = {said} = −log ", b.num(p), " = ", b.num(now["loss"], "grad")]]
    elif part == "dz":
        rows = [["∂L/∂z = D − y = ", b.num(now["D"]), f" − {label} = ", b.num(dz, "grad")]]
    elif part == "dw1":
        rows = [
            product(f"∂L/∂w₁{place} = ∂L/∂h{index(i)} · x", now["dh"][i], v, now["dw1"][i, j])
            for i in units
            for j, v in enumerate(now["x"])
            for place in [index(i) if len(now["x"]) == 1 else f"[{i + 1}, {j + 1}]"]
        ]
    else:
        name, first, second, found = {
            "dw2": ("∂L/∂w₂{i} = ∂L/∂z · a{i}", np.full(len(a), dz), a, now["dw2"]),
            "da": ("∂L/∂a{i} = ∂L/∂z · w₂{i}", np.full(len(a), dz), w2, now["da"]),
            "dh": ("∂L/∂h{i} = ∂L/∂a{i} · a(1 − a){i}", now["da"], now["slope"], now["dh"]),
        }[part]
        rows = [product(name.format(i=index(i)), first[i], second[i], found[i]) for i in units]
    return b.lines(b.word(f"part_{part}"), rows, key=part)


# ---- the slide


def slide_frames() -> list[dict]:
    """Return what the slide prints beside what its numbers give: a wrong name, a wrong entry."""
    found = {row["quantity"]: row for row in by_hand.slide_findings()}
    said = found["dw1"]["slide"]
    wrong = [[k, 0] for k in range(len(said)) if found[f"dw1[{k}]"]["finding"] == "wrong"]
    back = by_hand.gan_backward(**by_hand.slide())
    ours = b.matrix(b.word("exact_of", q="∂L/∂w₁"), found["dw1"]["exact"], "grad")
    again = b.matrix(b.word("from_rounded", q="∂L/∂w₁"), found["dw1"]["rounded"], "grad")
    other = b.matrix(b.word("exact_of", q="∂L/∂w₂"), back["dw2"], "grad")
    printed = b.matrix(b.word("slide_of", q="“∂L/∂w₂”"), said, "ink")
    name = b.column(b.row(printed, ours, other, gap="wide"), note("slip_name"), gap="mid")
    marked = b.matrix(b.word("slide_says"), said, "ink", mark=wrong)
    entry = b.column(b.row(marked, ours, again, gap="wide"), note("slip_entry"), gap="mid")
    return [b.frame(name, b.word("slip_title")), b.frame(entry, b.word("slip_title"))]


def note(key: str) -> b.Widget:
    """Return a sentence under a comparison."""
    return b.text(b.word(key), "grad", "wide")


# ---- what both nets share


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
) -> dict:
    """Return w ← w − rate · ∂L/∂w of each weight, and what the same input gives then."""
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
    told = [[f"{name}:  ", b.num(was), "  →  ", b.num(is_now)] for name, was, is_now in ends]
    view = b.column(arrange(*rows, gap="wide"), b.lines(b.word("before_after"), told), gap="mid")
    return b.frame(view, b.word("part_update"))


def summed(name: str, w: Any, v: Any, result: float, role: str) -> list:
    """Return a row of name = w·v with its products, their values if there are several, the sum."""
    first = b.products(name, w, v, ("ink", "ink"))
    if len(v) == 1:
        return [*first, " = ", b.num(result, role)]
    return [*first, *b.total([p * q for p, q in zip(w, v)], result, role)]


def dotted(name: str, w: Any, v: Any, result: float) -> list[list]:
    """Return name = w·v in two rows, the products and their values."""
    first = b.products(name, w, v, ("ink", "ink"))
    if len(v) == 1:
        return [[*first, " = ", b.num(result)]]
    return [first, [" " * len(name), *b.total([p * q for p, q in zip(w, v)], result, "ink")]]


def product(name: str, first: float, second: float, result: float) -> list:
    """Return a row of name = first · second = result, of a gradient."""
    numbers = [*b.signed(first, "grad"), " · ", *b.signed(second, "ink")]
    return [f"{name} = ", *numbers, " = ", b.num(result, "grad")]


def index(i: int) -> str:
    """Return an entry's place as it is counted on paper, from 1."""
    return f"[{i + 1}]"
