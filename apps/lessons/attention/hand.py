"""One head of attention with all its numbers: Q, K, V, scores, scaling, mask, softmax, output."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.attention.case import case_of, mask_of, symbols
from apps.stage import board as b
from core.inputs import integer
from core.models.transformer.attention import attention_step
from core.models.transformer.check import step_delta

WIDE = 4  # beyond so many columns each product is a frame of its own
ROLES = {"q": "real", "k": "real", "v": "real"}
MASKED = "−∞"


def hand(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame a part, written out for the one token that asks."""
    case = case_of(inputs)
    T, d = case["x"].shape
    name, mask = mask_of(inputs, T)
    i = min(integer("asks", inputs.get("asks", 1), 1, 6), T) - 1
    trace = attention_step(**case, mask=mask)
    made = {k: trace[k][0] for k in ("scores", "scaled", "masked", "exp", "sum", "weights")}
    made |= {k: trace[k] for k in ("x", "wq", "wk", "wv", "q", "k", "v", "output")}
    frames = projections(made)
    frames += [scores(made, i), scaling(made, i, d)]
    if name != "none":
        frames.append(masking(made, i, name))
    frames += [softmax(made, i), output(made, i), summary(made, i)]
    found = step_delta(trace, mask)
    at = str(i + 1)
    scores_of = made["masked"][i][np.isfinite(made["masked"][i])]  # what nobody sees is not asked
    return {
        "frames": frames,
        "facts": [b.fact(b.word("row_sum", i=at), float(made["weights"][i].sum()))],
        "checks": [b.check(found["delta"], found["against"], 1e-12)],
        "values": {k: made[k].tolist() for k in ("x", "wq", "wk", "wv")},
        "limits": {"asks": {"max": T}},
        "turn": {
            "ask": b.word("turn_hand", i=at, root=f"{np.sqrt(d):.4f}"),
            "frame": len(frames) - 1,
            "blanks": [
                b.blank(b.word("row_of", q="S/√d", i=at), scores_of, "grad", "s"),
                b.blank(b.word("row_of", q="A", i=at), made["weights"][i], "hidden", "a"),
                b.blank(b.word("row_of", q="O", i=at), made["output"][i], "made", "o"),
            ],
        },
        "tables": {k: np.where(np.isfinite(v), v, np.nan) for k, v in made.items()},
    }


def shown(table: np.ndarray) -> list[list[Any]]:
    """Return a matrix whose masked entries say so."""
    return [[v if np.isfinite(v) else MASKED for v in row] for row in table.tolist()]


def projections(made: dict[str, Any]) -> list[dict]:
    """Return Q = X W_Q and so on: in one frame where there is room."""
    rows = {
        name: b.row(
            b.matrix("X", made["x"], "ink", edit="x"),
            b.matrix(f"W_{name.upper()}", made[f"w{name}"], "grad", edit=f"w{name}"),
            b.text("="),
            b.matrix(name.upper(), made[name], ROLES[name]),
        )
        for name in ("q", "k", "v")
    }
    if made["x"].shape[1] > WIDE:
        return [b.frame(rows[k], b.word(f"part_{k}")) for k in rows]
    x = b.matrix("X", made["x"], "ink", edit="x")
    weights = [
        b.row(
            b.matrix(f"W_{k.upper()}", made[f"w{k}"], "grad", edit=f"w{k}"),
            b.text("="),
            b.matrix(k.upper(), made[k], ROLES[k]),
        )
        for k in ("q", "k", "v")
    ]
    told = b.text(b.word("say_qkv"), size="wide")
    return [b.frame(b.column(b.row(x, b.text("×"), b.column(*weights)), told), b.word("part_qkv"))]


def scores(made: dict[str, Any], i: int) -> dict:
    """Return S = Q Kᵀ, a product for each key of the token that asks."""
    rows = [
        [
            *b.products(entry("S", i, j), made["q"][i], made["k"][j], ("real", "real")),
            *b.total(made["q"][i] * made["k"][j], made["scores"][i, j], "grad"),
        ]
        for j in range(len(made["x"]))
    ]
    top = b.row(
        b.matrix("Q", made["q"], "real", on=[i]),
        b.matrix("Kᵀ", made["k"].T, "real"),
        b.text("="),
        b.matrix("S = QKᵀ", made["scores"], "grad", on=[i]),
    )
    return b.frame(b.column(top, b.lines("", rows)), b.word("part_scores", x=b.sub("x", i + 1)))


def scaling(made: dict[str, Any], i: int, d: int) -> dict:
    """Return S / √d."""
    rows = [
        [
            f"{entry('S', i, j)} / √{d} = ",
            *[*b.signed(made["scores"][i, j], "grad"), " / ", b.num(np.sqrt(d)), " = "],
            b.num(made["scaled"][i, j], "grad"),
        ]
        for j in range(len(made["x"]))
    ]
    top = b.row(
        b.matrix("S", made["scores"], "grad", on=[i]),
        b.text(f"/ √{d} ="),
        b.matrix("S/√d", made["scaled"], "grad", on=[i]),
    )
    view = b.column(top, b.lines("", rows), b.text(b.word("say_scale"), size="wide"))
    return b.frame(view, b.word("part_scaled"))


def masking(made: dict[str, Any], i: int, name: str) -> dict:
    """Return the scores with −∞ where nobody may look."""
    hidden = ~np.isfinite(made["masked"])
    top = b.row(
        b.matrix("S/√d", made["scaled"], "grad", on=[i], mark=np.argwhere(hidden).tolist()),
        b.text("→"),
        b.matrix("M", shown(made["masked"]), "grad", on=[i]),
    )
    told = b.text(b.word(f"say_{name}"), size="wide")
    return b.frame(b.column(top, told), b.word("part_mask"))


def softmax(made: dict[str, Any], i: int) -> dict:
    """Return the exponentials, their sum and the shares."""
    masked, exp = made["masked"][i], made["exp"][i]
    total, most = float(made["sum"][i, 0]), float(masked.max())
    rows: list[list[Any]] = [
        ["m = max = ", b.num(most, "grad")],
        *(
            [
                f"{entry('e', i, j)} = exp(",
                *([b.num(m, "grad")] if np.isfinite(m) else [MASKED]),
                *[" − ", *b.signed(most, "grad"), ") = ", b.num(e)],
            ]
            for j, (m, e) in enumerate(zip(masked, exp))
        ),
        ["Σ = ", *plus(exp), " = ", b.num(total)],
        *(
            [f"{entry('A', i, j)} = ", b.num(e), " / ", b.num(total), " = ",
             b.num(made["weights"][i, j], "hidden")]
            for j, e in enumerate(exp)
        ),
    ]  # fmt: skip
    side = b.matrix("A = softmax(S/√d)", made["weights"], "hidden", on=[i])
    return b.frame(b.row(b.lines("", rows), side, gap="wide"), b.word("part_softmax"))


def output(made: dict[str, Any], i: int) -> dict:
    """Return O = A V: values mixed by the weights."""
    weights, values = made["weights"][i], made["v"]
    rows = [
        [
            *b.products(entry("O", i, c), weights, values[:, c], ("hidden", "real")),
            *b.total(weights * values[:, c], made["output"][i, c], "made"),
        ]
        for c in range(values.shape[1])
    ]
    top = b.row(
        b.matrix("A", made["weights"], "hidden", on=[i]),
        b.matrix("V", values, "real"),
        b.text("="),
        b.matrix("O = AV", made["output"], "made", on=[i]),
    )
    return b.frame(b.column(top, b.lines("", rows)), b.word("part_output"))


def summary(made: dict[str, Any], i: int) -> dict:
    """Return the whole step beside the lines between the tokens."""
    names = symbols("x", len(made["x"]))
    top = b.row(
        b.matrix("Q", made["q"], "real", on=[i]),
        b.matrix("K", made["k"], "real"),
        b.matrix("V", made["v"], "real"),
        b.text("→"),
        b.matrix("S/√d", shown(made["masked"]), "grad", on=[i], key="s"),
        b.text("→"),
        b.matrix("A", made["weights"], "hidden", on=[i], key="a"),
        b.text("→"),
        b.matrix("O", made["output"], "made", on=[i], key="o"),
    )
    sides = (b.word("asking"), b.word("asked"))
    lines = b.ties("", names, names, made["weights"], names=sides, now=i, width=420, key="a")
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
