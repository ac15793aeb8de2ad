"""View "looks": every head of a Transformer over a visitor's date."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.attention.answers import answer, answer_checks, cautions, marks
from apps.lessons.attention.inputs import HEADS, TRANSFORMER, Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Frame
from apps.stage.widgets.attention import shares
from core.inputs import integer

if TYPE_CHECKING:
    from core.models.transformer.translation import Translation

ROOM = 340  # pixels for a grid's side
CELLS = (8, 21)  # pixels of a cell, least and most


def looks(inputs: Inputs) -> Board:
    """Show one head large and all of its part small, a frame for each token that looks."""
    part = inputs.part
    found = answer(TRANSFORMER, inputs.text)
    weights = found["attention"][part]  # (layers, H, T, S)
    layers, count = weights.shape[:2]
    layer = min(inputs.layer, layers) - 1
    head = min(integer("head", inputs.head, 1, HEADS[-1]), count) - 1
    large = weights[layer, head]
    if part == "decoder":
        large = np.where(np.tri(*large.shape, dtype=bool), large, np.nan)
    parts = {f"w{i}.{j}": {"rows": shares(weights[i, j])} for i, j in np.ndindex(layers, count)}
    keys = large.shape[1]
    return {
        "frames": token_frames(part, found, large, small_grids(part, layers, count, (layer, head))),
        "parts": {**parts, "shown": {"rows": shares(large)}},
        "facts": [b.fact(b.word("answer_is"), found["said"] or "—"), *cautions(found)],
        "checks": answer_checks(TRANSFORMER, found),
        "limits": {"layer": {"max": layers}, "head": {"min": 1, "max": count}},
        "turn": {
            "ask": b.word("turn_looks", n=str(keys)),
            "frame": 0,
            "blanks": [b.blank(b.word("bits"), [math.log2(keys)], "hidden", "")],
        },
        "tables": {"queries": found["symbols"], "keys": found["tokens"], "weights": weights},
    }


def token_frames(part: str, found: Translation, large: np.ndarray, grids: b.Widget) -> list[Frame]:
    """Return a frame for each token that looks: its lines, its row, all heads small."""
    reads, says = marks(found["tokens"]), marks(["[start]", *found["symbols"]])
    # row t of the decoder is the place that has read symbol t − 1 and is about to say symbol t
    queries = {"encoder": reads, "decoder": says[:-1], "cross": says[1:]}[part]
    keys = says[:-1] if part == "decoder" else reads
    sides = ("says", "reads") if part == "cross" else ("asking", "asked")
    names = (b.word(sides[0]), b.word(sides[1]))
    cell = int(np.clip(ROOM / max(large.shape), *CELLS))
    frames = []
    for t, token in enumerate(queries):
        ties = b.ties("", queries, keys, "shown", names=names, now=t, group="looks", width=480)
        grid = b.lookup("", queries, keys, "shown", now=t, group="looks", cell=cell)
        view = b.column(ties, b.row(grids, grid, gap="mid"), gap="mid")
        frames.append(b.frame(view, b.word("looks_from_token", token=token), spread_fact(large[t])))
    return frames


def small_grids(part: str, layers: int, count: int, on: tuple[int, int]) -> b.Widget:
    """Return all heads of a part as small grids, one of them picked."""
    rows = [
        [
            {
                "name": f"{i + 1}–{j + 1}",
                "weights": f"w{i}.{j}",
                "on": (i, j) == on,
                "picks": {"layer": i + 1, "head": j + 1},
            }
            for j in range(count)
        ]
        for i in range(layers)
    ]
    return b.heads(b.word("heads_of", part=b.word(f"part_of.{part}")), rows, size=72)


def spread_fact(row: np.ndarray) -> list[Fact]:
    """Return over how many tokens a row of weights spreads: 2 to its entropy in bits."""
    p = row[np.isfinite(row) & (row > 0)]
    return [b.fact(b.word("spread_over"), float(2 ** -(p * np.log2(p)).sum()))]
