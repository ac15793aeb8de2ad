"""View "heads": several heads under a mask, and the effect of changing one token."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.lessons.attention.case import TOLERANCE, case_of, mask_of, symbols
from apps.lessons.attention.inputs import HEADS, MATRICES, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Law
from core.models.transformer.attention import Trace, attention_step
from core.models.transformer.check import step_delta

CELL = {1: 54, 2: 44, 4: 34}  # pixels, by the number of heads


def heads(inputs: Inputs) -> Board:
    """Show a frame for the tokens as they are, then one for each token that is changed."""
    case, count = case_of(inputs), inputs.heads
    T, d = case.x.shape
    mask = mask_of(inputs.mask, T)
    texts = [case.x, *(push(case.x, t, inputs.push) for t in range(T))]
    traces = [attention_step(x, case.wq, case.wk, case.wv, count, mask) for x in texts]
    first = traces[0]
    frames = [token_frame(first, trace, t) for t, trace in enumerate(traces)]
    found = max((step_delta(t, mask) for t in traces), key=lambda one: one["delta"])
    size = d // count
    divisors = [n for n in HEADS if d % n == 0]
    return {
        "frames": frames,
        "facts": [b.fact(b.word("head_size"), f"{d} / {count} = {size}")],
        "checks": [b.delta_check(found, TOLERANCE), *mask_laws(traces, inputs.mask)],
        "values": {name: first[name] for name in MATRICES},
        "limits": {"heads": {"options": divisors, "labels": [str(n) for n in divisors]}},
        "turn": {
            "ask": b.word("turn_heads", d=str(d), n=str(count)),
            "frame": 0,
            "blanks": [
                b.blank(b.word("all_of_w"), [d * d], "ink", ""),
                b.blank(b.word("head_of_w"), [d * size], "ink", ""),
            ],
        },
        "tables": {
            "weights": first["weights"],
            "output": first["output"],
            "change": [["changed", *symbols("o", T)], *([f"x{t + 1}", *distances(first, trace)]
                       for t, trace in enumerate(traces[1:]))],
        },
    }  # fmt: skip


def push(x: np.ndarray, t: int, value: float) -> np.ndarray:
    """Return the tokens x (T, d) with a value added to every entry of token t."""
    out = x.copy()
    out[t] += value
    return out


def distances(first: Trace, trace: Trace) -> list[float]:
    """Return how far each output went, (T,)."""
    return np.linalg.norm(trace["output"] - first["output"], axis=1).tolist()


def mask_laws(traces: list[Trace], name: str) -> list[Law]:
    """Return the law of the mask: which outputs must not change at all, to the last bit."""
    first, T = traces[0], len(traces) - 1
    same = np.array([[v == 0 for v in distances(first, trace)] for trace in traces[1:]])
    if name == "causal":
        must = np.triu(np.ones((T, T), dtype=bool), 1).T  # x_t changed: o_1 … o_{t-1} stay
    elif name == "padding":
        must = np.zeros((T, T), dtype=bool)
        must[-1, :-1] = True  # nobody looks at padding
    else:
        return []
    return [b.law(b.word(f"law_{name}"), int(same[must].sum()), int(must.sum()))]


def token_frame(first: Trace, trace: Trace, t: int) -> Frame:
    """Return the heads' weights, their outputs side by side, and how far each output went."""
    T = len(trace["x"])
    x, o = symbols("x", T), symbols("o", T)
    maps = [
        b.lookup(
            b.word("head_n", n=str(h + 1)),
            o,
            x,
            np.where(trace["allowed"] > 0, trace["weights"][h], np.nan),
            group="heads",
            cell=CELL.get(len(trace["weights"]), 30),
            digits=2,
        )
        for h in range(len(trace["weights"]))
    ]
    far = distances(first, trace)
    went = [n for n, v in enumerate(far) if v]
    outputs = b.row(
        b.matrix("X", trace["x"], "ink", edit=None if t else "x", on=[t - 1] if t else []),
        b.text("→"),
        b.matrix(b.word("joined"), trace["output"], "made", on=went),
        b.bars(
            b.word("moved"),
            [{"label": s, "v": v, "role": "made" if v else "ink"} for s, v in zip(o, far)],
            low=0,
            high=max(1.0, *far),
            digits=3,
        ),
    )
    name = b.word("as_it_is") if t == 0 else b.word("pushed_n", x=x[t - 1])
    stays = b.word("stays", n=str(T - len(went)), of=str(T))
    facts = [b.fact(b.word("unchanged"), stays)] if t else []
    return b.frame(b.column(b.row(*rows_of(maps), gap="mid"), outputs, gap="mid"), name, facts)


def rows_of(maps: Sequence[b.Widget]) -> list[b.Widget]:
    """Return many small maps in two lines."""
    if len(maps) <= 4:
        return list(maps)
    half = (len(maps) + 1) // 2
    return [b.column(b.row(*maps[:half], gap="mid"), b.row(*maps[half:], gap="mid"), gap="tight")]
