"""Several heads under a mask, and what changes when one token is changed."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.attention.case import case_of, mask_of, symbols
from apps.stage import board as b
from core.inputs import integer, number
from core.models.transformer.attention import attention_step
from core.models.transformer.check import step_delta

CELL = {1: 54, 2: 44, 4: 34}  # pixels, by the number of heads


def heads(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a frame for the text as it is, then one for each token that is changed."""
    case = case_of({"tokens": 4, "dim": 4, **inputs})
    T, d = case["x"].shape
    name, mask = mask_of(inputs, T)
    count = integer("heads", inputs.get("heads", 2), 1, 8)
    push = number("push", inputs.get("push", 1), -10, 10)
    first = attention_step(**case, heads=count, mask=mask)
    traces = [first] + [
        attention_step(**{**case, "x": pushed(case["x"], t, push)}, heads=count, mask=mask)
        for t in range(T)
    ]
    frames = [frame(first, trace, t, name) for t, trace in enumerate(traces)]
    found = max((step_delta(t, mask) for t in traces), key=lambda one: one["delta"])
    size = d // count
    return {
        "frames": frames,
        "facts": [b.fact(b.word("head_size"), f"{d} / {count} = {size}")],
        "checks": [b.check(found["delta"], found["against"], 1e-12), *kept(traces, name)],
        "values": {k: case[k].tolist() for k in ("x", "wq", "wk", "wv")},
        "limits": {"heads": {"max": d}},
        "turn": {
            "ask": b.word("turn_heads", d=str(d), n=str(count)),
            "frame": 0,
            "blanks": [
                b.blank("d_h", [size], "ink", ""),
                b.blank("n · d_h²", [count * size * size], "ink", ""),
            ],
        },
        "tables": {
            "weights": first["weights"],
            "output": first["output"],
            "change": [["changed", *symbols("o", T)], *([f"x{t + 1}", *moved(first, trace)]
                       for t, trace in enumerate(traces[1:]))],
        },
    }  # fmt: skip


def pushed(x: np.ndarray, t: int, push: float) -> np.ndarray:
    """Return the tokens with `push` added to every entry of one."""
    out = x.copy()
    out[t] += push
    return out


def moved(first: dict, trace: dict) -> list[float]:
    """Return how far each output went, (T,)."""
    return np.linalg.norm(trace["output"] - first["output"], axis=1).tolist()


def kept(traces: list[dict], name: str) -> list[dict]:
    """Return the law of the mask: which outputs must not change at all, to the last bit."""
    first, T = traces[0], len(traces) - 1
    same = np.array([[v == 0 for v in moved(first, trace)] for trace in traces[1:]])
    if name == "causal":
        must = np.triu(np.ones((T, T), dtype=bool), 1).T  # x_t changed: o_1 … o_{t-1} stay
    elif name == "padding":
        must = np.zeros((T, T), dtype=bool)
        must[-1, :-1] = True  # nobody looks at padding
    else:
        return []
    return [b.law(b.word(f"law_{name}"), int(same[must].sum()), int(must.sum()))]


def frame(first: dict, trace: dict, t: int, name: str) -> dict:
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
    far = moved(first, trace)
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
    said = b.word("as_it_is") if t == 0 else b.word("pushed_n", x=x[t - 1])
    stays = b.word("stays", n=str(T - len(went)), of=str(T))
    facts = [b.fact(b.word("unchanged"), stays)] if t else []
    return b.frame(b.column(b.row(*rows_of(maps), gap="mid"), outputs, gap="mid"), said, facts)


def rows_of(maps: list[b.Widget]) -> list[b.Widget]:
    """Return many small maps in two lines."""
    if len(maps) <= 4:
        return maps
    half = (len(maps) + 1) // 2
    return [b.column(b.row(*maps[:half], gap="mid"), b.row(*maps[half:], gap="mid"), gap="tight")]
