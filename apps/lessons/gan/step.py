"""View "step": one step of the discriminator, every number in place; and the slide's values."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.gan.case import TOLERANCE, discriminator_case, rounding_gap
from apps.lessons.gan.hand import (
    D_CHAIN,
    dot_lines,
    frame_named,
    index,
    judgement_rows,
    product_line,
    sum_line,
    update_frame,
    way,
)
from apps.lessons.gan.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame
from core.models.gan import by_hand, check, slide
from core.models.gan.traces import DiscriminatorStep, DiscriminatorTrace


def step(inputs: Inputs) -> Board:
    """Show one step of the discriminator; on the slide's own numbers, also its misprints."""
    case = discriminator_case(inputs)
    exact = by_hand.discriminator_step(**case, rate=inputs.rate)
    shown = exact
    if inputs.rounded:
        shown = by_hand.discriminator_step(**case, rate=inputs.rate, decimals=inputs.decimals)
    frames = discriminator_frames(shown, case, inputs.rate)
    blanks = [
        b.blank("∂L/∂s", [shown["dz"]], "grad", "dz"),
        b.blank("∂L/∂w₂", shown["dw2"], "grad", "dw2"),
        b.blank("∂L/∂w₁", shown["dw1"], "grad", "dw1"),
    ]
    at = frame_named(frames, "part_dz")
    if case == discriminator_case(Inputs()):
        frames += slide_frames()
    given = {name: case[name] for name in ("x", "w1", "w2", "label")}
    return {
        "frames": frames,
        "checks": [b.delta_check(check.discriminator_delta(**given, trace=exact), TOLERANCE)],
        "values": {name: case[name] for name in ("x", "w1", "w2")},
        "facts": rounding_gap(exact, shown, ("D", "dw2", "dw1"), inputs),
        "turn": {"ask": b.word("turn_step"), "frame": at, "blanks": blanks},
        "tables": {**case, **shown},
    }


# ---- the discriminator


def discriminator_frames(now: DiscriminatorStep, case: dict[str, Any], rate: float) -> list[Frame]:
    """Return a frame a line of the step, from x to the new weights.

    Args:
        now: trace of `by_hand.discriminator_step`.
        case: its arguments; w1 (H, n), w2 (H,), label.
        rate: of the update.
    """
    w1, w2 = np.asarray(case["w1"], dtype=float), np.asarray(case["w2"], dtype=float)
    label = case["label"]
    chain = (("x", "real" if label else "made"), *D_CHAIN[1:])
    facts = [b.fact("D", now["D"]), b.fact("L", now["loss"])]
    first, second = judgement_rows(now, w1, w2, chain[0][1], edit_x=True)
    outer, inner = weight_gradients(now, w2)
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
        view = b.column(way(chain, at), *here[part], written_lines(now, part, w1, w2, label))
        frames.append(b.frame(view, b.word(f"part_{part}"), facts if at > 3 else ()))
    for part, at in (("dz", 2), ("dw2", 1), ("da", 1), ("dh", 1), ("dw1", 0)):
        view = b.column(way(chain, at, True), *here[part], written_lines(now, part, w1, w2, label))
        frames.append(b.frame(view, b.word(f"part_{part}"), facts))
    pairs = (("w₁", w1, now["dw1"], now["new_w1"]), ("w₂", w2, now["dw2"], now["new_w2"]))
    ends = [("D", now["D"], now["after"]["D"]), ("L", now["loss"], now["after"]["loss"])]
    return [*frames, update_frame(pairs, rate, ends, "hidden")]


def weight_gradients(now: DiscriminatorTrace, w2: np.ndarray) -> list[b.Widget]:
    """Return ∂L/∂w2 and ∂L/∂w1 as products of known values."""
    x = now["x"]
    dz = b.matrix("∂L/∂s", [now["dz"]], "grad", key="dz")
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


def written_lines(
    now: DiscriminatorTrace, part: str, w1: np.ndarray, w2: np.ndarray, label: int
) -> b.Widget:
    """Return every product and sum of one line of the discriminator's step."""
    dz, a, units = now["dz"], now["a"], range(len(w2))
    if part == "h":
        rows = [sum_line(f"h{index(i)}", w1[i], now["x"], now["h"][i], "hidden") for i in units]
    elif part == "a":
        rows = [
            [f"a{index(i)} = σ(", b.num(now["h"][i], "hidden"), ") = ", b.num(a[i], "hidden")]
            for i in units
        ]
    elif part == "z":
        rows = dot_lines("s", w2, a, now["z"])
    elif part == "D":
        tail = ") = 1 / (1 + e^(−s)) = "
        rows = [["D = σ(s) = σ(", b.num(now["z"]), tail, b.num(now["D"])]]
    elif part == "loss":
        said, p = ("−log D", now["D"]) if label else ("−log(1 − D)", 1 - now["D"])
        rows = [[f"L = {said} = −log ", b.num(p), " = ", b.num(now["loss"], "grad")]]
    elif part == "dz":
        rows = [["∂L/∂s = D − y = ", b.num(now["D"]), f" − {label} = ", b.num(dz, "grad")]]
    elif part == "dw1":
        rows = [
            product_line(f"∂L/∂w₁{place} = ∂L/∂h{index(i)} · x", now["dh"][i], v, now["dw1"][i, j])
            for i in units
            for j, v in enumerate(now["x"])
            for place in [index(i) if len(now["x"]) == 1 else f"[{i + 1}, {j + 1}]"]
        ]
    else:
        name, first, second, found = {
            "dw2": ("∂L/∂w₂{i} = ∂L/∂s · a{i}", np.full(len(a), dz), a, now["dw2"]),
            "da": ("∂L/∂a{i} = ∂L/∂s · w₂{i}", np.full(len(a), dz), w2, now["da"]),
            "dh": ("∂L/∂h{i} = ∂L/∂a{i} · a(1 − a){i}", now["da"], now["slope"], now["dh"]),
        }[part]
        rows = [product_line(name.format(i=index(i)), first[i], second[i], found[i]) for i in units]
    return b.lines(b.word(f"part_{part}"), rows, key=part)


# ---- the slide


def slide_frames() -> list[Frame]:
    """Return the slide's two errors beside the correct values: a wrong name, a wrong entry."""
    found = {row["quantity"]: row for row in slide.findings()}
    said = found["dw1"]["slide"]
    wrong = [[k, 0] for k in range(len(said)) if found[f"dw1[{k}]"]["finding"] == "wrong"]
    back = by_hand.gan_backward(**slide.discriminator_case())
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
