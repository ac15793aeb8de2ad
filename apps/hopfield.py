"""Hopfield recall: patterns written into weights by a formula, recalled by going downhill."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from apps.lessons.hopfield import attention as hopfield_attention
from apps.lessons.hopfield import beside
from apps.lessons.hopfield import capacity as hopfield_capacity
from apps.lessons.hopfield import memory as hopfield_memory
from apps.lessons.hopfield import recall as rec
from apps.lessons.hopfield import store as hopfield_store
from apps.lessons.hopfield.controls import CONTROLS
from apps.stage import Tab
from apps.stage import board as b
from apps.stage.server import alone, home_card
from core.inputs import boolean
from core.models.hopfield import capacity, check, modern, network

TOLERANCE = 1e-10


# ---- the API


def hopfield_recall(
    patterns: list,
    probe: list,
    rule: str = "hebb",
    update: str = "async",
    seed: int = 0,
    beta: float = 1.0,
    max_steps: int = 100,
) -> dict:
    """Store patterns in a Hopfield network and recall from a probe until nothing moves, in float64.

    Nothing is trained: Hebb's weights are W = XᵀX / N with zero diagonal, the energy is
    E = −½ sᵀWs, and a unit whose field is zero stays as it is.

    Args:
        patterns: P flat lists of N numbers -1 and 1; P from 1 to 64, N from 2 to 256.
        probe: the first state, N numbers -1 and 1.
        rule: "hebb", "storkey", "pseudoinverse", or "modern" (Ramsauer et al. 2021, softmax).
        update: "sync" (all units at once), "async" (one at a time in a random order from the
            seed) or "sequential" (one at a time in order); "modern" moves all at once always.
        seed: 0 to 2147483647, draws the orders of "async".
        beta: inverse temperature of "modern", 0.01 to 100.
        max_steps: most sweeps ("async", "sequential") or updates ("sync", "modern"), 1 to 1000.

    Returns:
        "states" (K+1 x N of -1 and 1, the first is the probe; one by one each next state differs
        in one unit; "modern" gives the signs of its real states), "energies" (K+1), "end"
        ("stored", "negative" or "spurious" fixed point, "cycle" of two states, or "limit" of
        max_steps), "match" (the index of the stored or negated pattern, else null), "overlaps"
        (P numbers in [-1, 1], m = x·s / N of the last state).

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what
            is allowed.
    """
    trace = network.recall(patterns, probe, rule, update, seed, beta, max_steps)
    return {name: trace[name] for name in ("states", "energies", "end", "match", "overlaps")}


# ---- views


def store(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return all patterns and the weights that follow, built up pattern by pattern."""
    memory = hopfield_memory.read(inputs)
    frames, parts, W = hopfield_store.frames(memory, inputs)
    trace = {"W": W, "states": memory.X, "zero_diagonal": inputs.get("zero_diagonal", True)}
    trace["energies"] = [network.energy(W, x) for x in memory.X]
    checked = check.hopfield_delta(memory.X, inputs.get("rule", "hebb"), trace)
    stay = [np.array_equal(network.update_all(W, x), x) for x in memory.X]
    fixed = b.fact(b.word("fixed_points"), f"{sum(stay)} / {len(stay)}")
    return hopfield_memory.finish(
        memory,
        inputs,
        frames,
        parts=parts,
        facts=[fixed],
        limits={"rule": {"options": list(network.WEIGHTS)}},
        checks=[b.check(checked["delta"], checked["against"], TOLERANCE)],
        turn=hopfield_store.turn(memory, inputs, W),
        tables={"patterns": memory.X.tolist(), "W": W.tolist()},
    )


def recall(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return one recall, state by state; with "edit" the stored patterns instead."""
    memory = hopfield_memory.read(inputs)
    trace = rec.run(memory, inputs)
    frames, turn = rec.frames(memory, trace), rec.turn(memory, trace)
    if boolean("edit", inputs.get("edit", False)):
        grids = hopfield_memory.editor(memory, memory.chosen)
        probe = memory.grid(memory.probe, b.word("start"), 230, edit="probe")
        note = b.text(b.word("memories", n=str(len(memory.X))), size="wide")
        view = b.row(b.column(note, grids, gap="mid"), probe, gap="wide")
        frames, turn = [b.frame(view, b.word("edit_name"))], None
    laws = [law for law in [rec.never_rose(trace)] if law]
    return hopfield_memory.finish(
        memory,
        inputs,
        frames,
        facts=[] if laws or len(trace["states"]) < 2 else [rec.rises(trace, "rises")],
        checks=[compared(memory, [trace]), *laws],
        turn=turn,
        tables=rec.table(trace, memory),
    )


def versus(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the same start updated unit by unit and all at once."""
    memory = hopfield_memory.read(inputs)
    frames, traces = beside.versus(memory, inputs)
    ends = ("stored", "negative", "spurious", "cycle", "limit")
    law = rec.never_rose(traces["async"])
    law = law and {**law, "law": b.word("law_async")}
    turn = {
        "ask": b.word("turn_sync"),
        "frame": 0,
        "choices": [b.word(f"end_{end}") for end in ends],
        "answer": ends.index(traces["sync"]["end"]),
    }
    return hopfield_memory.finish(
        memory,
        {**inputs, "update": "async"},
        frames,
        facts=[rec.rises(traces["sync"], "rises_sync")],
        checks=[compared(memory, list(traces.values())), *([law] if law else [])],
        turn=turn,
        tables=rec.table(traces["sync"], memory),
    )


def rules(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the same start under Hebb, Storkey, pseudo-inverse and modern."""
    memory = hopfield_memory.read(inputs)
    frames, traces = beside.rules(memory, inputs)
    ends = ("stored", "negative", "spurious", "cycle", "limit")
    turn = {
        "ask": b.word("turn_rules", p=memory.names[memory.target]),
        "frame": 0,
        "choices": [b.word(f"end_{end}") for end in ends],
        "answer": ends.index(traces["hebb"]["end"]),
    }
    ended = [[rule, t["end"], t["match"]] for rule, t in traces.items()]
    return hopfield_memory.finish(
        memory,
        {**inputs, "rule": "all"},
        frames,
        checks=[compared(memory, list(traces.values()))],
        turn=turn,
        tables={"ends": [["rule", "end", "match"], *ended]},
    )


def load(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the capacity experiment, its points computed a few at a time."""
    board = hopfield_capacity.view(inputs)
    board["tables"] = hopfield_capacity.table(board.pop("found"))
    return board


def attention(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the modern network's updates, each written as attention."""
    memory = hopfield_memory.read(inputs)
    trace = rec.run(memory, inputs, rule="modern")
    path = trace["continuous"]
    again = check.attention_delta(memory.X, path[0], trace["beta"], path[1])
    law = rec.never_rose(trace)
    return hopfield_memory.finish(
        memory,
        {**inputs, "rule": "modern"},
        hopfield_attention.frames(memory, trace),
        checks=[b.check(again["delta"], again["against"], TOLERANCE), *([law] if law else [])],
        turn=hopfield_attention.turn(memory, trace),
        tables=rec.table(trace, memory) | {"attention": trace["weights"].tolist()},
    )


def compared(memory: hopfield_memory.Memory, traces: list[dict]) -> dict:
    """Return the check of all these recalls against torch, the largest difference of them."""
    found = [check.hopfield_delta(memory.X, t["rule"], t) for t in traces]
    against = " · ".join(dict.fromkeys(f["against"] for f in found)) if len(found) < 3 else "torch"
    return b.check(max(f["delta"] for f in found), against, TOLERANCE)


VIEWS = {
    "store": store,
    "recall": recall,
    "versus": versus,
    "rules": rules,
    "capacity": load,
    "attention": attention,
}


def board(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of a scene."""
    return {k: v for k, v in VIEWS[view](inputs).items() if k != "tables"}


def tables(view: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a scene's numbers for CSV and JSON."""
    return VIEWS[view](inputs).get("tables", {})


TAB = Tab(
    name="hopfield",
    board=board,
    tables=tables,
    sources={
        "store": (network.hebb, network.storkey, network.pseudoinverse),
        "recall": (
            network.hebb,
            network.fields,
            network.signs,
            network.update_one,
            network.settle_one_by_one,
            network.energy,
            network.name_state,
            network.mixture,
        ),
        "versus": (
            network.update_one,
            network.update_all,
            network.settle_one_by_one,
            network.settle_sync,
        ),
        "rules": (
            network.hebb,
            network.storkey,
            network.local_fields,
            network.pseudoinverse,
            modern.modern_step,
        ),
        "capacity": (capacity.capacity_point, capacity.recall_batch, capacity.recall_modern_batch),
        "attention": (
            modern.attend,
            modern.modern_step,
            modern.modern_energy,
            modern.as_attention,
        ),
    },
    controls=CONTROLS,
    endpoints={"hopfield_recall": hopfield_recall},
    picture=partial(home_card.picture, "hopfield"),
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
