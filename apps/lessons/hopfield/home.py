"""The home page's picture of the Hopfield lesson."""

from __future__ import annotations

from typing import cast

from apps.lessons.hopfield import path
from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.memory import read_memory
from apps.stage import board as b


def picture() -> b.Widget:
    """Return start, middle and end of a recall, and its energy."""
    inputs = Inputs(seed=1, target=2)
    memory = read_memory(inputs)
    trace = path.run(memory, inputs)
    last = len(trace["states"]) - 1
    grids = [memory.grid(trace["states"][k], "", 76) for k in (0, last // 2, last)]
    curve = path.energy(trace, list(range(last + 1)), last // 2, 260, 150)
    row = b.row(grids[0], b.text("→"), grids[1], b.text("→"), grids[2])
    bare = cast(b.Widget, {**curve, "label": "", "xlabel": ""})  # home has no words
    return b.row(row, bare, gap="mid")
