"""Two ways to update, or four rules, from the same start side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.hopfield.memory import Memory
from apps.lessons.hopfield.recall import changed, end_name, kept, overlap, run
from apps.stage import board as b
from core.models.hopfield.network import RULES


def versus(memory: Memory, inputs: dict[str, Any]) -> tuple[list[dict], dict[str, dict]]:
    """Return frames that update one net unit by unit and its twin all at once."""
    traces = {u: run(memory, inputs, update=u) for u in ("async", "sync")}
    long = max(len(t["states"]) for t in traces.values())
    paths = {u: repeated(t, max(long, 6)) for u, t in traces.items()}
    shown = kept(max(long, 6))
    curves = [
        b.series(b.word(f"by_{u}"), paths[u][1][shown], role, x=shown)
        for u, role in (("async", "hidden"), ("sync", "grad"))
    ]
    out = []
    for k in shown:
        grids = [
            b.column(
                memory.grid(
                    paths[u][0][k],
                    b.word(f"by_{u}"),
                    210,
                    flip=np.flatnonzero(paths[u][0][k] != paths[u][0][max(k - 1, 0)]).tolist(),
                ),
                b.text(state_of(memory, t, k), ending(t, k), "note"),
            )
            for u, t in traces.items()
        ]
        start = memory.grid(memory.probe, b.word("start"), 110, edit="probe")
        chart = b.chart(
            b.word("energy"), curves, x=b.word("steps_axis"), cursor=k, width=270, height=200
        )
        seen = [
            b.fact(b.word("energy_by", u=name), float(paths[u][1][k])) for u, name in UPDATE_NAMES
        ]
        out.append(
            b.frame(b.row(start, *grids, chart, gap="mid"), b.word("step_n", n=str(k)), seen)
        )
    out[-1]["name"] = b.word(
        "told_versus", a=end_name(memory, traces["async"]), s=end_name(memory, traces["sync"])
    )
    return out, traces


UPDATE_NAMES = (("async", b.word("by_async")), ("sync", b.word("by_sync")))


def repeated(trace: dict, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return states and energies of `length` steps: a fixed point stays, a cycle goes round."""
    last = len(trace["states"]) - 1
    back = 2 if trace["end"] == "cycle" else 1
    at = [k if k <= last else last - (back - (k - last) % back) % back for k in range(length)]
    return trace["states"][at], trace["energies"][at]


def ending(trace: dict, k: int) -> str:
    """Return the colour of what is said about state k."""
    return "ink" if k < len(trace["states"]) - 1 else "ok" if trace["end"] == "stored" else "grad"


def state_of(memory: Memory, trace: dict, k: int) -> b.Label:
    """Return the overlap on the way, the end once it is reached."""
    if k >= len(trace["states"]) - 1:
        return end_name(memory, trace)
    m = overlap(memory, trace, k)
    best = int(np.abs(m).argmax())
    return b.word("nearest", p=memory.names[best], m=f"{m[best]:.2f}".replace("-", "−"))


def rules(memory: Memory, inputs: dict[str, Any]) -> tuple[list[dict], dict[str, dict]]:
    """Return frames that recall the same probe under all four rules."""
    traces = {rule: run(memory, inputs, rule=rule) for rule in RULES}
    long = max(len(t["states"]) for t in traces.values())
    target = memory.X[memory.target]
    shown = kept(long)
    roles = dict(zip(RULES, ("grad", "real", "hidden", "made")))
    lines = []
    for rule, t in traces.items():
        m = repeated(t, long)[0] @ target / memory.N
        lines.append(b.series(b.word(f"option.{rule}"), m[shown], roles[rule], x=shown))
    out = []
    for k in shown:
        grids = []
        for rule, t in traces.items():
            at = min(k, len(t["states"]) - 1)
            now = memory.grid(
                t["states"][at],
                b.word(f"option.{rule}"),
                145,
                flip=changed(t, k) if at == k else [],
            )
            grids.append(b.column(now, b.text(state_of(memory, t, k), ending(t, k), "note")))
        start = memory.grid(memory.probe, b.word("start"), 100, edit="probe")
        chart = b.chart(
            b.word("overlap_to", p=memory.names[memory.target]),
            lines,
            x=b.word("steps_axis"),
            cursor=k,
            high=1,
            width=640,
            height=170,
        )
        view = b.column(b.row(start, *grids, gap="mid"), chart, gap="mid")
        out.append(b.frame(view, b.word("step_n", n=str(k)), []))
    out[-1]["name"] = b.word(
        "told_rules",
        n=str(sum(t["end"] == "stored" and t["match"] == memory.target for t in traces.values())),
    )
    return out, traces
