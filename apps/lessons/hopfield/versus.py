"""View "versus": the same start updated unit by unit and all at once."""

from __future__ import annotations

import dataclasses

import numpy as np

from apps.lessons.hopfield import path
from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.laws import energy_law, rise_fact, steps_law, torch_check
from apps.lessons.hopfield.memory import Memory, board_of, read_memory
from apps.lessons.hopfield.side_by_side import end_role, end_turn, repeat_end, state_label
from apps.stage import board as b
from apps.stage.contract import Board, Frame

UPDATE_NAMES = (("async", b.word("by_async")), ("sync", b.word("by_sync")))


def versus(inputs: Inputs) -> Board:
    """Show one net updated unit by unit and its twin all at once."""
    memory = read_memory(inputs)
    frames, traces = update_frames(memory, inputs)
    law = energy_law(traces["async"])
    return {
        **board_of(memory, dataclasses.replace(inputs, update="async"), frames, None),
        "checks": [
            torch_check(memory, list(traces.values())),
            steps_law(memory, list(traces.values())),
            *([{**law, "law": b.word("law_async")}] if law else []),
        ],
        "turn": end_turn(b.word("turn_sync"), traces["sync"]),
        "tables": path.table(traces["sync"], memory),
    }


def update_frames(memory: Memory, inputs: Inputs) -> tuple[list[Frame], dict[str, path.Trace]]:
    """Return the frames of both ways to update, and their traces."""
    traces = {u: path.run(memory, inputs, update=u) for u in ("async", "sync")}
    long = max(len(t["states"]) for t in traces.values())
    paths = {u: repeat_end(t, max(long, 6)) for u, t in traces.items()}
    shown = path.pick_evenly(max(long, 6))
    energies = np.concatenate([paths[u][1] for u in paths])
    span = {"low": float(energies.min()), "high": float(energies.max()), "x_range": (0, shown[-1])}
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
                b.text(state_label(memory, t, k), end_role(t, k), "note"),
            )
            for u, t in traces.items()
        ]
        start = memory.grid(memory.probe, b.word("start"), 110, edit="probe")
        done = [at for at in shown if at <= k]  # the rest would tell the end
        curves = [
            b.series(b.word(f"by_{u}"), paths[u][1][done], role, x=done)
            for u, role in (("async", "hidden"), ("sync", "grad"))
        ]
        chart = b.chart(
            b.word("energy"), curves, x=b.word("steps_axis"), cursor=k, width=290, height=190,
            **span,
        )  # fmt: skip
        right = b.column(chart, *tail(traces["sync"], paths["sync"][1], done), gap="mid")
        seen = [
            b.fact(b.word("energy_by", u=name), float(paths[u][1][k])) for u, name in UPDATE_NAMES
        ]
        out.append(
            b.frame(b.row(start, *grids, right, gap="mid"), b.word("step_n", n=str(k)), seen)
        )
    out[-1]["facts"].append(rise_fact(traces["sync"], "rises_sync"))
    out[-1]["name"] = b.word(
        "told_versus",
        a=path.end_name(memory, traces["async"]),
        s=path.end_name(memory, traces["sync"]),
    )
    return out, traces


def tail(trace: path.Trace, energies: np.ndarray, done: list[int]) -> list[b.Widget]:
    """Return the energy near the end of a cycle, once it is reached: its swing is small."""
    first = len(trace["states"]) - 3
    seen = [k for k in done if k >= first]
    if trace["end"] != "cycle" or len(seen) < 3:
        return []
    curve = b.series("", energies[seen], "grad", x=seen)
    label, axis = b.word("energy_tail"), b.word("steps_axis")
    return [b.chart(label, [curve], x=axis, cursor=seen[-1], width=290, height=130)]
