"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.lessons.hopfield import memory, recall
from apps.stage import board as b


def picture() -> b.Widget:
    """Draw start, middle and end of a recall, and its energy."""
    stored = memory.read({"seed": 1, "target": 2})
    trace = recall.run(stored, {"seed": 1})
    last = len(trace["states"]) - 1
    grids = [stored.grid(trace["states"][k], "", 76) for k in (0, last // 2, last)]
    curve = recall.energy(trace, list(range(last + 1)), last // 2, 260, 150)
    row = b.row(grids[0], b.text("→"), grids[1], b.text("→"), grids[2])
    return b.row(row, {**curve, "label": "", "xlabel": ""}, gap="mid")  # home has no words
