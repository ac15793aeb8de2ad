"""View "basins": where recalls end that start from each letter under more and more noise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.laws import TOLERANCE
from apps.lessons.hopfield.memory import BITS, Memory, bits, board_of, read_memory
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.inputs import InputError, choice
from core.measure.deltas import Delta
from core.models.hopfield import basins as core
from core.models.hopfield import check, network
from core.models.hopfield.hopfield_traces import NoiseMap

SHARES = np.linspace(0, 1, 21)  # of the cells that noise flips
ROLES = {"own": "ok", "other": "made", "negative": "real", "spurious": "grad"}
TRIES = 40
ASKED = 0.25  # the noise that the exercise is about
MOST_LETTERS = 8  # more would make a page wait


def basins(inputs: Inputs) -> Board:
    """Show where each letter's recalls end, and one letter's ends counted over the noise."""
    memory, rule = read_memory(inputs), choice("rule", inputs.rule, tuple(network.WEIGHTS))
    if len(memory.X) > MOST_LETTERS:
        raise InputError("shape", field="keys", got=len(memory.X), allowed=f"1-{MOST_LETTERS}")
    found, again = map_basins(tuple(bits(x) for x in memory.X), rule, inputs.seed)
    rows = [
        [memory.names[p], end, *found["ends"][end][p].tolist()]
        for p in range(len(memory.X))
        for end in core.ENDS
    ]
    board = board_of(memory, inputs, [frame(memory, found)], None)
    return {
        **board,
        "limits": {**board.get("limits", {}), "rule": {"options": list(network.WEIGHTS)}},
        "checks": [b.delta_check(again, TOLERANCE)],
        "without": [name for name in board.get("without", []) if name != "seed"],
        "turn": turn(memory),
        "tables": {"ends": [["start", "end", *SHARES.tolist()], *rows]},
    }


@lru_cache(maxsize=32)
def map_basins(patterns: tuple[str, ...], rule: str, seed: int) -> tuple[NoiseMap, Delta]:
    """Map where recalls end, and check how many come back."""
    X = np.array([[BITS[c] for c in row] for row in patterns])
    W = network.WEIGHTS[rule](X.astype(float))
    found = core.map_noise(X, W, SHARES, TRIES, seed)
    own = found["ends"]["own"]
    return found, check.ends_delta(X, W, found["rank"], found["flipped"], own)


def frame(memory: Memory, found: NoiseMap) -> Frame:
    """Return the map of end pictures, a letter a row, beside the chosen letter's ends."""
    chosen = memory.target
    curves = [
        b.series(b.word(f"ended_{end}"), found["ends"][end][chosen], ROLES[end], x=100 * SHARES)
        for end in core.ENDS
    ]
    chart = b.chart(
        b.word("ends_of", p=memory.names[chosen], n=str(TRIES)), curves, x=b.word("noise_axis"),
        y=b.word("share_axis"), low=0, high=1, x_range=(0, 100), width=600, height=200,
    )  # fmt: skip
    rows = [map_row(memory, found, p) for p in range(len(memory.X))]
    note = b.text(b.word("map_note"), size="wide")
    view = b.column(b.column(*rows, note, gap="tight"), chart, gap="swap")
    facts = [
        b.fact(
            b.word("back_at", v=f"{100 * SHARES[q]:.0f}"), float(found["ends"]["own"][chosen, q])
        )
        for q in (4, 9)
    ]
    return b.frame(view, b.word("map_name", p=memory.names[chosen]), facts)


def map_row(memory: Memory, found: NoiseMap, p: int) -> b.Widget:
    """Return one letter and the pictures that its first try ended in, noise from 0 to 100 %."""
    head = p == 0
    shown = [memory.grid(memory.X[p], b.word("start") if head else "", 40, role="hidden")]
    for q in range(0, len(SHARES), 2):
        label = f"{100 * SHARES[q]:.0f} %" if head else ""
        end = str(found["kind"][p, q])
        shown.append(memory.grid(found["first"][p, q], label, 40, role=ROLES[end]))
    return b.row(shown[0], b.text("→"), *shown[1:])


def turn(memory: Memory) -> Turn:
    """Return the exercise: how many cells a noise flips, and what overlap is left."""
    flipped = round(ASKED * memory.N)
    ask = b.word("turn_noise", v=f"{100 * ASKED:.0f}", N=str(memory.N))
    blanks = [
        b.blank(b.word("flipped_cells"), [flipped], "ink", ""),
        b.blank("m", [1 - 2 * flipped / memory.N], "grad", ""),
    ]
    return {"ask": ask, "frame": 0, "blanks": blanks}
