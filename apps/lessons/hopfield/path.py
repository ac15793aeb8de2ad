"""A recall in pictures: where it starts, the cell that flips and why, energy, overlaps, the end."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.laws import energy_law, rise_fact, steps_law, torch_check
from apps.lessons.hopfield.memory import Memory, signed_names
from apps.lessons.hopfield.memory import board_of as memory_board
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Frame, Turn
from apps.stage.widgets.matrix import Num
from core.models.hopfield.hopfield_traces import Recall as Trace
from core.models.hopfield.network import recall

MOST_FRAMES = 200
MOST_BARS = 10
NAMED_SUM = 6  # up to so many patterns a field is written out pattern by pattern


def run(memory: Memory, inputs: Inputs, **over: Any) -> Trace:
    """Return the trace of core's `recall` for a scene's inputs."""
    wanted = ("rule", "update", "seed", "beta", "max_steps", "zero_diagonal")
    options = {name: getattr(inputs, name) for name in wanted} | over
    return recall(memory.X, memory.probe, **options)


def pick_evenly(count: int, most: int = MOST_FRAMES) -> list[int]:
    """Pick the states to show out of `count`: all, or evenly spaced ones with first and last."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int)).tolist()


def frames(memory: Memory, trace: Trace) -> list[Frame]:
    """Return a frame a state, and a last one that says where it ended."""
    shown = pick_evenly(len(trace["states"]))
    order = bar_order(memory, trace)
    out = [
        b.frame(
            b.column(
                stage(memory, trace, shown, order, k), field_lines(memory, trace, k), gap="mid"
            ),
            frame_name(memory, trace, k),
            facts(memory, trace, k),
        )
        for k in shown
    ]
    last = shown[-1]
    view = b.column(
        stage(memory, trace, shown, order, last, b.word("now_end"), quiet=True),
        verdict(memory, trace),
        gap="mid",
    )
    ended = [*facts(memory, trace, last), b.fact(b.word("end"), b.word(f"end_{end_of(trace)}"))]
    return [*out, b.frame(view, end_name(memory, trace), ended)]


def stage(
    memory: Memory,
    trace: Trace,
    shown: list[int],
    order: list[int],
    k: int,
    label: b.Label | None = None,
    quiet: bool = False,
) -> b.Widget:
    """Return start, now, and at the right the energy with the overlaps under it."""
    start = memory.grid(memory.probe, b.word("start"), 140, edit="probe")
    flipped = [] if quiet else changed_cells(trace, k)
    state = trace["states" if trace["continuous"] is None else "continuous"][k]
    now = memory.grid(state, label or frame_name(memory, trace, k), 300, flip=flipped)
    right = b.column(energy(trace, shown, k), overlap_bars(memory, trace, order, k), gap="swap")
    return b.row(start, now, right, gap="wide")


def energy(trace: Trace, shown: list[int], k: int, width: int = 290, height: int = 170) -> b.Widget:
    """Return the energy curve with a dot at state k."""
    axis = b.word("flips_axis" if is_one_by_one(trace) else "updates_axis")
    curve = b.series("", trace["energies"][shown], "grad", x=shown)
    return b.chart(b.word("energy"), [curve], x=axis, cursor=k, width=width, height=height)


def bar_order(memory: Memory, trace: Trace) -> list[int]:
    """Pick the patterns with a bar: all in their order, or those with the largest last |m|."""
    P = len(memory.X)
    if P <= MOST_BARS:
        return list(range(P))
    return np.argsort(-np.abs(trace["overlaps"]), kind="stable")[:MOST_BARS].tolist()


def overlap_bars(memory: Memory, trace: Trace, order: list[int], k: int) -> b.Widget:
    """Return the overlaps of state k, a bar and a thumbnail a pattern."""
    m = overlap(memory, trace, k)
    best = int(np.abs(m).argmax())
    room = 40 if len(order) <= 4 else 32 if len(order) <= 7 else 24
    items = [
        {
            "label": memory.names[p],
            "v": float(m[p]),
            "role": "made" if p == best else "sky",
            "cells": memory.grid(memory.X[p], "", room),
        }
        for p in order
    ]
    all_of_them = len(order) == len(memory.X)
    label = b.word("overlaps") if all_of_them else b.word("overlaps_most", n=str(len(order)))
    return b.bars(label, items, digits=4)


def overlap(memory: Memory, trace: Trace, k: int) -> np.ndarray:
    """Return m_μ of state k, (P,)."""
    return memory.X @ trace["states"][k] / memory.N


def changed_cells(trace: Trace, k: int) -> list[int]:
    """Return the cells that changed on the way to state k."""
    if k == 0:
        return []
    return np.flatnonzero(trace["states"][k] != trace["states"][k - 1]).tolist()


def is_one_by_one(trace: Trace) -> bool:
    """Return whether a unit at a time was updated."""
    return trace["rule"] != "modern" and trace["update"] != "sync"


def place(memory: Memory, i: int) -> dict[str, str]:
    """Return a cell's row and column, counted from 1."""
    return {"row": str(i // memory.shape[1] + 1), "col": str(i % memory.shape[1] + 1)}


def flipped_unit(trace: Trace, k: int) -> int:
    """Return the unit that flipped on the way to state k, where one at a time was updated."""
    unit = trace["flips"][k]
    assert unit is not None
    return unit


def frame_name(memory: Memory, trace: Trace, k: int) -> b.Label:
    """Name a frame: the start, the flip, or the number of cells that moved at once."""
    if k == 0:
        return b.word("now_start")
    if is_one_by_one(trace):
        return b.word("now_flip", n=str(k), **place(memory, flipped_unit(trace, k)))
    return b.word("now_update", n=str(k), cells=str(len(changed_cells(trace, k))))


def field_lines(memory: Memory, trace: Trace, k: int) -> b.Widget:
    """Write out the field that made the cell flip, with its numbers in place."""
    if not is_one_by_one(trace):
        return b.text(
            b.word("why_modern" if trace["rule"] == "modern" else "why_sync"), size="wide"
        )
    if k == 0:
        return b.text(b.word("why_start"), size="wide")
    i = flipped_unit(trace, k)
    h = float(trace["W"][i] @ trace["states"][k - 1])
    turned = b.word("turned_on" if trace["states"][k][i] > 0 else "turned_off")
    written = [*field_sum(memory, trace, k, i), " = ", b.num(h, "grad")]
    sign = [f"s[{i + 1}] ← sign(h[{i + 1}]) = ", int_num(trace["states"][k][i], "hidden")]
    return b.column(
        b.lines("", [written], key=f"h{k}"),
        b.row(b.lines("", [sign], key=f"s{k}"), b.text(turned, size="note"), gap="mid"),
        gap="tight",
    )


def field_sum(memory: Memory, trace: Trace, k: int, i: int) -> list:
    """Write h_i out: Hebb's in whole numbers a pattern, other rules' by the sums that pull."""
    s, P = trace["states"][k - 1], len(memory.X)
    tokens: list = [f"h[{i + 1}] = "]
    if trace["rule"] != "hebb" or P > NAMED_SUM:
        pulls = trace["W"][i] * s
        up, down = float(pulls[pulls > 0].sum()), float(pulls[pulls < 0].sum())
        return [*tokens, "Σ w·s = ", b.num(up, "ink"), " − ", b.num(-down, "ink")]
    tokens.append("[ ")
    for p, x in enumerate(memory.X):
        tokens += [" + "] if p else []
        tokens += [*int_signed(x[i], "real"), "·", *int_signed(x @ s, "made")]
    if trace["zero_diagonal"]:
        tokens += [f" − {P}·", *int_signed(s[i], "hidden")]
    return [*tokens, f" ] / {memory.N}"]


def int_num(value: Any, role: str) -> Num:
    """Return a whole number's token."""
    return b.num(float(value), role)


def int_signed(value: Any, role: str) -> list:
    """Return a whole number's token, in brackets if it is negative."""
    return ["(", int_num(value, role), ")"] if value < 0 else [int_num(value, role)]


def facts(memory: Memory, trace: Trace, k: int) -> list[Fact]:
    """Return energy, the largest overlap and how many cells differ from the start."""
    m = overlap(memory, trace, k)
    best = int(np.abs(m).argmax())
    differ = int((trace["states"][k] != memory.probe).sum())
    return [
        b.fact("E", float(trace["energies"][k])),
        b.fact(b.word("overlap_with", p=memory.names[best]), float(m[best])),
        b.fact(b.word("differ"), str(differ)),
    ]


def end_of(trace: Trace) -> str:
    """Return the end's key, a spurious state that is a known mixture told apart."""
    return "mixture" if trace["mixture"] else trace["end"]


def end_name(memory: Memory, trace: Trace) -> b.Label:
    """Return the end as a sentence that names the pattern or the mixture."""
    parts = {}
    if trace["match"] is not None:
        parts["p"] = memory.names[trace["match"]]
    if trace["mixture"]:
        parts["mix"] = signed_names(trace["mixture"], memory.names)
    return b.word(f"told_{end_of(trace)}", **parts)


def verdict(memory: Memory, trace: Trace, room: int = 56) -> b.Widget:
    """Return the end read from afar; a mixture with its members and the vote that made it."""
    role = "ok" if trace["end"] == "stored" else "grad"
    told = b.text(end_name(memory, trace), role, "big")
    if not trace["mixture"]:
        return told
    terms: list[b.Widget] = [b.text("sign (")]
    for n, (k, sign) in enumerate(trace["mixture"]):
        terms += [b.text("+" if sign > 0 else "−")] if n or sign < 0 else []
        terms.append(memory.grid(memory.X[k], "", room))
    terms += [b.text(") ="), memory.grid(trace["states"][-1], "", room, role="grad")]
    return b.row(told, b.row(*terms), gap="mid")


def turn(memory: Memory, trace: Trace) -> Turn | None:
    """Return the exercise: the field of the first cell that flips, and its new sign."""
    if not is_one_by_one(trace) or len(trace["states"]) < 2:
        return None
    i = flipped_unit(trace, 1)
    h = float(trace["W"][i] @ trace["states"][0])
    ask = "turn_field" if trace["rule"] == "hebb" and len(memory.X) <= NAMED_SUM else "turn_pulls"
    pulls = trace["W"][i] * trace["states"][0]
    parts = {
        "i": f"h[{i + 1}]",
        **place(memory, i),
        "x": ", ".join(str(v).replace("-", "−") for v in memory.X[:NAMED_SUM, i]),
        "now": str(memory.probe[i]).replace("-", "−"),
        "last": "" if not trace["zero_diagonal"] else f" − {len(memory.X)}·s",
        "N": str(memory.N),
        "up": f"{pulls[pulls > 0].sum():.4f}",
        "down": f"{-pulls[pulls < 0].sum():.4f}",
    }
    return {
        "ask": b.word(ask, **parts),
        "frame": 0,
        "blanks": [
            b.blank(f"h[{i + 1}]", [h], "grad", "h1"),
            b.blank(f"sign(h[{i + 1}])", [int(trace["states"][1][i])], "hidden", "s1"),
        ],
    }


def table(trace: Trace, memory: Memory) -> dict[str, list]:
    """Return the numbers of a recall for CSV and JSON."""
    return {
        "patterns": memory.X.tolist(),
        "states": trace["states"].tolist(),
        "energies": [["state", "E"], *([k, float(E)] for k, E in enumerate(trace["energies"]))],
        "overlaps": [["pattern", "m"], *map(list, zip(memory.names, trace["overlaps"].tolist()))],
    }


def board_of(memory: Memory, inputs: Inputs, trace: Trace, editing: bool | None) -> Board:
    """Return the board of one recall without its frames: facts, checks and tables."""
    laws = [law for law in [energy_law(trace)] if law]
    return {
        **memory_board(memory, inputs, [], editing),
        "facts": [] if laws or len(trace["states"]) < 2 else [rise_fact(trace, "rises")],
        "checks": [torch_check(memory, [trace]), steps_law(memory, [trace]), *laws],
        "tables": table(trace, memory),
    }
