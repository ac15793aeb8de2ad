"""View "hand": one head of attention with every number, from Q, K, V to the output."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.attention.case import TOLERANCE, case_of, mask_of, symbols
from apps.lessons.attention.inputs import MATRICES, Inputs
from apps.lessons.attention.saturation import DIMS, largest_weights, saturation
from apps.stage import board as b
from apps.stage.contract import Board, Frame
from core.models.transformer.attention import attention_step
from core.models.transformer.check import step_delta

Head = dict[str, np.ndarray]  # a trace of one head: name -> (T, d), (d, d) or (T, T)
WIDE = 4  # beyond so many columns each product is a frame of its own
ROLES = {"q": "real", "k": "real", "v": "real"}
MASKED = "−∞"


def hand(inputs: Inputs) -> Board:
    """Show a frame a part, written out for the one token that asks."""
    case = case_of(inputs)
    T, d = case.x.shape
    mask, i = mask_of(inputs.mask, T), min(inputs.asks, T) - 1
    trace = attention_step(case.x, case.wq, case.wk, case.wv, mask=mask)
    head: Head = {k: trace[k][0] for k in ("scores", "scaled", "masked", "exp", "sum", "weights")}
    head |= {k: trace[k] for k in ("x", "wq", "wk", "wv", "q", "k", "v", "output")}
    frames = projections(head)
    frames += [scores(head, i), scaling(head, i, d)]
    if inputs.mask != "none":
        frames.append(masking(head, i, inputs.mask))
    frames += [softmax(head, i), output(head, i), summary(head, i)]
    found = step_delta(trace, mask)
    at = str(i + 1)
    scores_of = head["masked"][i][np.isfinite(head["masked"][i])]  # what nobody sees is not asked
    return {
        "frames": frames,
        "facts": [b.fact(b.word("row_sum", i=at), float(head["weights"][i].sum()))],
        "checks": [b.delta_check(found, TOLERANCE)],
        "values": {name: head[name] for name in MATRICES},
        "limits": {"asks": {"max": T}},
        "turn": {
            "ask": b.word("turn_hand", i=at, root=f"{np.sqrt(d):.4f}"),
            "frame": len(frames) - 1,
            "blanks": [
                b.blank(b.word("row_of", q="S/√d", i=at), scores_of, "grad", "s"),
                b.blank(b.word("row_of", q="A", i=at), head["weights"][i], "hidden", "a"),
                b.blank(b.word("row_of", q="O", i=at), head["output"][i], "made", "o"),
            ],
        },
        "tables": {k: np.where(np.isfinite(v), v, np.nan) for k, v in head.items()},
    }


def with_minus_infinity(table: np.ndarray) -> list[list[Any]]:
    """Return a matrix with masked entries shown as −∞."""
    return [[v if np.isfinite(v) else MASKED for v in row] for row in table.tolist()]


def projections(head: Head) -> list[Frame]:
    """Return Q = X W_Q and so on: in one frame where there is room."""
    rows = {
        name: b.row(
            b.matrix("X", head["x"], "ink", edit="x"),
            b.matrix(f"W_{name.upper()}", head[f"w{name}"], "grad", edit=f"w{name}"),
            b.text("="),
            b.matrix(name.upper(), head[name], ROLES[name]),
        )
        for name in ("q", "k", "v")
    }
    if head["x"].shape[1] > WIDE:
        return [b.frame(rows[k], b.word(f"part_{k}")) for k in rows]
    x = b.matrix("X", head["x"], "ink", edit="x")
    weights = [
        b.row(
            b.matrix(f"W_{k.upper()}", head[f"w{k}"], "grad", edit=f"w{k}"),
            b.text("="),
            b.matrix(k.upper(), head[k], ROLES[k]),
        )
        for k in ("q", "k", "v")
    ]
    say = b.text(b.word("say_qkv"), size="wide")
    return [b.frame(b.column(b.row(x, b.text("×"), b.column(*weights)), say), b.word("part_qkv"))]


def scores(head: Head, i: int) -> Frame:
    """Return S = Q Kᵀ, a product for each key of the token that asks."""
    rows = [
        [
            *b.products(entry("S", i, j), head["q"][i], head["k"][j], ("real", "real")),
            *b.total(head["q"][i] * head["k"][j], head["scores"][i, j], "grad"),
        ]
        for j in range(len(head["x"]))
    ]
    top = b.row(
        b.matrix("Q", head["q"], "real", on=[i]),
        b.matrix("Kᵀ", head["k"].T, "real"),
        b.text("="),
        b.matrix("S = QKᵀ", head["scores"], "grad", on=[i]),
    )
    return b.frame(b.column(top, b.lines("", rows)), b.word("part_scores", x=b.sub("x", i + 1)))


def scaling(head: Head, i: int, d: int) -> Frame:
    """Return S / √d."""
    rows = [
        [
            f"{entry('S', i, j)} / √{d} = ",
            *[*b.paren(head["scores"][i, j], "grad"), " / ", b.num(np.sqrt(d)), " = "],
            b.num(head["scaled"][i, j], "grad"),
        ]
        for j in range(len(head["x"]))
    ]
    top = b.row(
        b.matrix("S", head["scores"], "grad", on=[i]),
        b.text(f"/ √{d} ="),
        b.matrix("S/√d", head["scaled"], "grad", on=[i]),
    )
    bare, scaled = largest_weights()
    ends = {"d": str(DIMS[-1]), "bare": f"{bare[-1]:.2f}", "scaled": f"{scaled[-1]:.2f}"}
    say = b.text(b.word("say_scale", **ends), size="wide")
    view = b.column(b.row(b.column(top, b.lines("", rows)), saturation(), gap="mid"), say)
    return b.frame(view, b.word("part_scaled"))


def masking(head: Head, i: int, name: str) -> Frame:
    """Return the scores with −∞ where masked."""
    hidden = ~np.isfinite(head["masked"])
    top = b.row(
        b.matrix("S/√d", head["scaled"], "grad", on=[i], mark=np.argwhere(hidden).tolist()),
        b.text("→"),
        b.matrix("M", with_minus_infinity(head["masked"]), "grad", on=[i]),
    )
    say = b.text(b.word(f"say_{name}"), size="wide")
    return b.frame(b.column(top, say), b.word("part_mask"))


def softmax(head: Head, i: int) -> Frame:
    """Return the exponentials, their sum and the shares."""
    masked, exp = head["masked"][i], head["exp"][i]
    total, most = float(head["sum"][i, 0]), float(masked.max())
    rows: list[list[Any]] = [
        ["m = max = ", b.num(most, "grad")],
        *(
            [
                f"{entry('e', i, j)} = exp(",
                *([b.num(m, "grad")] if np.isfinite(m) else [MASKED]),
                *[" − ", *b.paren(most, "grad"), ") = ", b.num(e)],
            ]
            for j, (m, e) in enumerate(zip(masked, exp))
        ),
        ["Σ = ", *plus(exp), " = ", b.num(total)],
        *(
            [f"{entry('A', i, j)} = ", b.num(e), " / ", b.num(total), " = ",
             b.num(head["weights"][i, j], "hidden")]
            for j, e in enumerate(exp)
        ),
    ]  # fmt: skip
    side = b.matrix("A = softmax(S/√d)", head["weights"], "hidden", on=[i])
    return b.frame(b.row(b.lines("", rows), side, gap="wide"), b.word("part_softmax"))


def output(head: Head, i: int) -> Frame:
    """Return O = A V: values mixed by the weights."""
    weights, values = head["weights"][i], head["v"]
    rows = [
        [
            *b.products(entry("O", i, c), weights, values[:, c], ("hidden", "real")),
            *b.total(weights * values[:, c], head["output"][i, c], "made"),
        ]
        for c in range(values.shape[1])
    ]
    top = b.row(
        b.matrix("A", head["weights"], "hidden", on=[i]),
        b.matrix("V", values, "real"),
        b.text("="),
        b.matrix("O = AV", head["output"], "made", on=[i]),
    )
    return b.frame(b.column(top, b.lines("", rows)), b.word("part_output"))


def summary(head: Head, i: int) -> Frame:
    """Return the whole step beside the lines between the tokens."""
    names = symbols("x", len(head["x"]))
    top = b.row(
        b.matrix("Q", head["q"], "real", on=[i]),
        b.matrix("K", head["k"], "real"),
        b.matrix("V", head["v"], "real"),
        b.text("→"),
        b.matrix("S/√d", with_minus_infinity(head["masked"]), "grad", on=[i], key="s"),
        b.text("→"),
        b.matrix("A", head["weights"], "hidden", on=[i], key="a"),
        b.text("→"),
        b.matrix("O", head["output"], "made", on=[i], key="o"),
    )
    sides = (b.word("asking"), b.word("asked"))
    lines = b.ties("", names, names, head["weights"], names=sides, now=i, width=420, key="a")
    return b.frame(b.column(top, lines), b.word("part_whole"))


def plus(values: np.ndarray) -> list:
    """Return the tokens of v₁ + v₂ …"""
    out: list = []
    for n, v in enumerate(values):
        out += [*([" + "] if n else []), b.num(v)]
    return out


def entry(name: str, i: int, j: int) -> str:
    """Return S₁₂, an entry as it is counted on paper."""
    return b.sub(name, 10 * (i + 1) + j + 1)
