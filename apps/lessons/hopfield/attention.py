"""View "attention": the modern network's update is attention: query, keys, softmax, values."""

from __future__ import annotations

import dataclasses

import numpy as np

from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.laws import TOLERANCE, energy_law
from apps.lessons.hopfield.memory import Memory, board_of, read_memory
from apps.lessons.hopfield.path import (
    MOST_BARS,
    Trace,
    end_name,
    pick_evenly,
    run,
    table,
)
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Frame, Turn
from core.models.hopfield import check
from core.models.hopfield.hopfield_traces import Attention
from core.models.hopfield.modern import as_attention

WRITTEN = 6  # up to so many patterns scores and weights are written out
MOST_STEPS = 60


def attention(inputs: Inputs) -> Board:
    """Show the modern network's updates, each written as attention."""
    memory = read_memory(inputs)
    trace = run(memory, inputs, rule="modern")
    states = trace["continuous"]
    again = check.attention_delta(memory.X, states[0], trace["beta"], states[1])
    law = energy_law(trace)
    return {
        **board_of(memory, dataclasses.replace(inputs, rule="modern"), frames(memory, trace), None),
        "checks": [b.delta_check(again, TOLERANCE), *([law] if law else [])],
        "turn": turn(memory, trace),
        "tables": table(trace, memory) | {"attention": trace["weights"].tolist()},
    }


def frames(memory: Memory, trace: Trace) -> list[Frame]:
    """Return a frame an update: the query, its attention to each key, the output."""
    updates = max(1, len(trace["continuous"]) - 1)
    shown = pick_evenly(updates, MOST_STEPS)
    out = [
        b.frame(
            view(memory, trace, shown, k), b.word("attend_n", n=str(k + 1)), facts(memory, trace, k)
        )
        for k in shown
    ]
    out[-1]["facts"] += [b.fact(b.word("end"), end_name(memory, trace))]
    return out


def view(memory: Memory, trace: Trace, shown: list[int], k: int) -> b.Widget:
    """Return one update as attention, with the energy beside it."""
    beta, xi = trace["beta"], trace["continuous"][k]
    one = as_attention(memory.X, xi, beta)
    order = np.argsort(-one["weights"], kind="stable")[:MOST_BARS].tolist()
    if len(memory.X) <= MOST_BARS:
        order = list(range(len(memory.X)))
    query = memory.grid(
        xi, b.word("query", x=b.sub("ξ", k)), 150, role="real", edit="probe" if k == 0 else None
    )
    output = memory.grid(one["output"], b.word("output", x=b.sub("ξ", k + 1)), 150, role="made")
    room = 40 if len(order) <= 4 else 30 if len(order) <= 7 else 22
    bars = b.bars(
        b.word("attention" if len(order) == len(memory.X) else "attention_most", n=str(len(order))),
        [
            {
                "label": memory.names[p],
                "v": float(one["weights"][p]),
                "role": "hidden",
                "cells": memory.grid(memory.X[p], "", room),
            }
            for p in order
        ],
        low=0,
        high=1,
        digits=4,
        key=f"a{k}",
    )
    energies = trace["energies"]
    at = [*shown, len(energies) - 1]
    curve = b.series("", energies[at], "grad", x=at)
    chart = b.chart(
        b.word("energy"), [curve], x=b.word("updates_axis"), cursor=k, width=230, height=170
    )
    top = b.row(query, b.text("→"), bars, b.text("→"), output, chart, gap="mid")
    return b.column(top, formula(memory, one, beta, k), gap="mid")


def formula(memory: Memory, one: Attention, beta: float, k: int) -> b.Widget:
    """Return softmax(β K q) with its numbers, or the sentence alone where there are too many."""
    if len(memory.X) > WRITTEN:
        return b.text(b.word("is_attention"), size="wide")
    dots = memory.X @ one["query"]
    return b.row(
        b.text("softmax ( β K q ) = softmax ("),
        b.text(f"{beta:g} ·", "real"),
        b.matrix("K q", dots, "real"),
        b.text(") = softmax ("),
        b.matrix("β K q", one["scores"], "ink"),
        b.text(") ="),
        b.matrix(b.word("weights_short"), one["weights"], "hidden", key=f"a{k}"),
    )


def facts(memory: Memory, trace: Trace, k: int) -> list[Fact]:
    """Return energy before and after, and the overlap of the output's signs."""
    energies = trace["energies"]
    after = min(k + 1, len(energies) - 1)
    m = memory.X @ trace["states"][after] / memory.N
    best = int(np.abs(m).argmax())
    return [
        b.fact("E", float(energies[k])),
        b.fact(b.word("energy_after"), float(energies[after])),
        b.fact(b.word("overlap_with", p=memory.names[best]), float(m[best])),
    ]


def turn(memory: Memory, trace: Trace) -> Turn | None:
    """Return the exercise: the softmax weights of the first update."""
    if len(memory.X) > WRITTEN:
        return None
    ask = b.word("turn_softmax", beta=f"{trace['beta']:g}")
    blank = b.blank(b.word("weights_short"), trace["weights"][0], "hidden", "a0")
    return {"ask": ask, "frame": 0, "blanks": [blank]}
