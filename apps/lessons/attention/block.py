"""View "block": a Transformer's block drawn with its numbers, and blocks in a stack."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np

from apps.lessons.attention.case import TOLERANCE, Case, case_of
from apps.lessons.attention.inputs import MATRICES, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.measure.deltas import Delta
from core.models.transformer import block as core
from core.models.transformer.check import block_delta, stack_delta

HIDDEN = 8  # h of the block that is drawn
DEPTH, TOKENS, DIM, WIDE, HEADS = 12, 8, 32, 64, 4  # of the stack: blocks, T, d, hidden, H
STACKED = 1e-10  # tolerance after twelve blocks, which pass rounding errors on
STAGES = ("norm", "attention", "add", "norm2", "mlp", "add2")  # a frame each
WIDTH, HEIGHT, TOP, BOTTOM = 825, 316, 86, 262  # pixels of the drawing, middles of its two lines
BOX = 90  # pixels, a box's width
FIRST, STEP = 44, 16  # pixels of a box's height: with one number, for each more


def block(inputs: Inputs) -> Board:
    """Show a frame a part of the block for the token that asks, then a stack of blocks."""
    case = case_of(inputs)
    T, d = case.x.shape
    i = min(inputs.asks, T) - 1
    given = weights_of(case, inputs.seed)
    switches = (inputs.residual, inputs.norm)
    made = core.block_step(case.x, given, 1, *switches)
    found = block_delta(made, given, 1, *switches)
    frames = [part_frame(made, i, n, *switches) for n in range(len(STAGES))]
    for frame in frames:
        frame["checks"] = [b.delta_check(found, TOLERANCE)]
    curves, deltas = stacks(inputs.seed)
    stacked = stack_frame(curves)
    stacked["checks"] = [b.delta_check(max(deltas, key=lambda one: one["delta"]), STACKED)]
    return {
        "frames": [*frames, stacked],
        "facts": [],
        "values": {name: getattr(case, name) for name in MATRICES},
        "limits": {"asks": {"max": T}},
        "turn": turn(made, i, *switches),
        "tables": {**made, **curves},
    }


def weights_of(case: Case, seed: int) -> core.Weights:
    """Return the block's matrices: those of the case, W_O = 1, and a small net in halves."""
    d = case.x.shape[1]
    rng = np.random.default_rng([seed, d, HIDDEN])
    w1, w2 = (rng.integers(-2, 3, shape) / 2 for shape in ((d, HIDDEN), (HIDDEN, d)))
    return core.Weights(case.wq, case.wk, case.wv, np.eye(d), w1, w2)


# ---- the block, drawn


def part_frame(made: core.Block, i: int, n: int, residual: bool, norm: bool) -> Frame:
    """Return the drawing with part n being computed, and its sums written out."""
    x = b.matrix("X", made["x"], "ink", edit="x", on=[i])
    sums = b.lines("", written_out(made, i, STAGES[n], residual, norm))
    say = b.text(b.word(f"block_{STAGES[n]}"), size="wide")
    below = b.column(b.row(x, sums, gap="mid"), say, gap="tight")
    view = b.column(drawing(made, i, n, residual, norm), below, gap="mid swap")
    return b.frame(view, b.word(f"stage_{STAGES[n]}"))


def drawing(made: core.Block, i: int, now: int, residual: bool, norm: bool) -> b.Widget:
    """Return boxes with the numbers of token i, and arrows; what comes after `now` is empty."""
    xi = b.sub("x", i + 1)
    ln = (b.word("ln_of", x=xi), b.word("ln_of", x="x′")) if norm else (xi, "x′")
    sums = (b.word("plus", x=xi, o="o"), b.word("plus", x="x′", o="f")) if residual else ("o", "f")
    rows: list[tuple[str, float, float, b.Label, Any, str, int, str]] = [
        # id, x, y, name, numbers, role, the part that computes it, key
        ("x", 51, BOTTOM, xi, made["x"][i], "real", -1, ""),
        ("n", 152, TOP, ln[0], made["normed"][i], "hidden", 0, "n"),
        ("a", 262, BOTTOM - 74, b.word("weights_a"), made["weights"][0, i], "hidden", 1, ""),
        ("o", 262, TOP, b.word("attention_o"), made["attended"][i], "made", 1, ""),
        ("m", 366, BOTTOM, sums[0], made["middle"][i], "real", 2, "m"),
        ("r", 470, TOP, ln[1], made["middle_normed"][i], "hidden", 3, ""),
        ("h", 574, TOP, b.word("hidden_h"), made["hidden"][i], "hidden", 4, ""),
        ("f", 678, TOP, b.word("net_f"), made["net"][i], "made", 4, ""),
        ("y", 774, BOTTOM, sums[1], made["output"][i], "real", 5, ""),
    ]
    nodes = [
        {
            "id": name,
            "x": x,
            "y": y,
            "w": BOX,
            "h": FIRST + STEP * (len(values) - 1),
            "label": label,
            "role": role,
            "values": values,
            "places": 2,
            "state": "now" if part == now else "later" if part > now else "",
            "key": key,
        }
        for name, x, y, label, values, role, part, key in rows
    ]
    kept = [("x", "m", 2), ("m", "y", 5)] if residual else []
    flows = ["xn0", "no1", "ao1", "om2", "mr3", "rh4", "hf4", "fy5"]
    links = [link(a, to, part, now, 6) for a, to, part in kept]
    links += [link(a, to, int(part), now, 2) for a, to, part in flows]
    return b.net(b.word("block_of", x=xi), nodes, links, WIDTH, HEIGHT)


def link(a: str, to: str, part: int, now: int, thick: int) -> dict[str, Any]:
    """Return an arrow that is there once its part is computed; a residual one is thick."""
    role = "real" if thick > 2 else "ink"
    return {"from": a, "to": to, "state": "later" if part > now else "", "thick": thick,
            "role": role}  # fmt: skip


def written_out(
    made: core.Block, i: int, stage: str, residual: bool, norm: bool
) -> list[list[Any]]:
    """Return the sums of one part, for token i."""
    if stage in ("norm", "norm2"):
        z = made["x"][i] if stage == "norm" else made["middle"][i]
        return norm_sums(z) if norm else [[b.word("no_norm")]]
    if stage == "attention":
        a, v, o = made["weights"][0, i], made["values"], made["attended"][i]
        names = [b.sub("o", c + 1) for c in range(len(o))]
        return [
            [*b.products(names[c], a, v[:, c], ("hidden", "real")), " = ", b.num(o[c], "made")]
            for c in range(len(o))
        ]
    if stage == "mlp":
        z = "LN(x′)" if norm else "x′"
        return [
            [f"h = max(0, {z} W₁) = ", *list_tokens(made["hidden"][i], "hidden")],
            ["f = h W₂ = ", *list_tokens(made["net"][i], "made")],
        ]
    first = stage == "add"
    left, right, out = (
        made[k][i] for k in (("x", "attended", "middle") if first else ("middle", "net", "output"))
    )
    name = "x′" if first else "y"
    if not residual:
        return [[b.word("no_residual", y=name, o="o" if first else "f")]]
    return [
        [f"{b.sub(name, c + 1)} = ", *b.paren(p, "real"), " + ", *b.paren(q, "made"), " = ",
         b.num(r, "real")]
        for c, (p, q, r) in enumerate(zip(left, right, out))
    ]  # fmt: skip


def norm_sums(z: np.ndarray) -> list[list[Any]]:
    """Return the sums of a layer norm of one row."""
    m, v = float(z.mean()), float(z.var())
    squares: list[Any] = []
    for n, value in enumerate(z):
        squares += [" + " if n else "", *b.paren(value - m, "ink"), "²"]
    return [
        ["m = (", *plus(z), f") / {len(z)} = ", b.num(m)],
        ["v = (", *squares, f") / {len(z)} = ", b.num(v)],
        ["(x − m) / √(v + ε),  √(v + ε) = ", b.num(float(np.sqrt(v + core.EPSILON)))],
    ]


def list_tokens(values: np.ndarray, role: Literal["hidden", "made"]) -> list[Any]:
    """Return the tokens of v₁, v₂ …"""
    out: list[Any] = []
    for n, v in enumerate(values):
        out += [",  " if n else "", b.num(float(v), role)]
    return out


def plus(values: np.ndarray) -> list[Any]:
    """Return the tokens of v₁ + v₂ …, negative numbers in brackets."""
    out: list[Any] = []
    for n, v in enumerate(values):
        out += [" + " if n else "", *b.paren(float(v), "ink")]
    return out


def turn(made: core.Block, i: int, residual: bool, norm: bool) -> Turn:
    """Return the exercise: the layer norm of a token, and what the attention is added to.

    It is answered where o is known and x′ is not yet.
    """
    xi = b.sub("x", i + 1)
    blanks = [b.blank(b.word("ln_of", x=xi), made["normed"][i], "hidden", "n")] if norm else []
    sums = b.word("plus", x=xi, o="o") if residual else "x′ = o"
    blanks.append(b.blank(sums, made["middle"][i], "real", "m"))
    return {"ask": b.word("turn_block", x=xi), "frame": STAGES.index("attention"), "blanks": blanks}


# ---- a stack of blocks


@lru_cache(maxsize=16)
def stacks(seed: int) -> tuple[dict[str, list[float]], list[Delta]]:
    """Return likeness and size of tokens after 0 … DEPTH random blocks, and the curves' checks."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(TOKENS, DIM))
    blocks = [core.draw_weights(rng, DIM, WIDE) for _ in range(DEPTH)]
    out, deltas = {}, []
    for name, residual, norm in (
        ("whole", True, True),
        ("no residual", False, True),
        ("no norm", True, False),
    ):
        after = core.stack(x, blocks, HEADS, residual, norm)
        out[f"likeness, {name}"] = [core.likeness(one) for one in after]
        out[f"size, {name}"] = [core.size(one) for one in after]
        both = (out[f"likeness, {name}"], out[f"size, {name}"])
        deltas.append(stack_delta(both, x, blocks, HEADS, residual, norm))
    return out, deltas


def stack_frame(curves: dict[str, list[float]]) -> Frame:
    """Return how alike tokens become without residual connections, how large without norms."""
    depth = list(range(DEPTH + 1))

    def chart(kind: str, lacks: str, **more: Any) -> b.Widget:
        without = curves[f"{kind}, no {lacks}"]
        return b.chart(
            b.word(f"stack_{kind}"),
            [
                b.series(b.word("with_all"), curves[f"{kind}, whole"], "made", x=depth),
                b.series(b.word(f"without_{lacks}"), without, "grad", x=depth),
            ],
            x=b.word("blocks"),
            width=420,
            height=280,
            **more,
        )

    pair = b.row(
        chart("likeness", "residual", y=b.word("mean_cosine"), low=0, high=1),
        chart("size", "norm", y=b.word("root_square"), log=True),
        gap="mid",
    )
    about = {"n": str(DEPTH), "T": str(TOKENS), "d": str(DIM), "H": str(HEADS)}
    say = b.text(b.word("stack_about", **about), size="wide")
    return b.frame(b.column(pair, say, gap="mid"), b.word("stage_stack"))
