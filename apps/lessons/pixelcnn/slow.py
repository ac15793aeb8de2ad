"""View "slow": one image drawn by a pass of the net a pixel, and from units that are kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from apps.lessons.pixelcnn import models as m
from apps.lessons.pixelcnn import ways
from apps.lessons.pixelcnn.inputs import Inputs
from apps.lessons.shared import chains
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Frame, Turn

PIECE = 2  # rows that one answer draws: 56 passes of the net, about 0.2 s
LEAST = 1e-4  # seconds: where the clock's curves begin


def slow(inputs: Inputs) -> Board:
    """Show both ways to the same image row by row, with their clocks."""
    u = ways.noise(inputs.seed, 1)
    kept = ways.way(m.NAME, u, ("slow", inputs.seed))
    kept.up_to(kept.length)
    whole = passes_way(inputs.seed)
    more = chains.go_on([whole], inputs.points, PIECE)
    pairs = list(zip(ways.rows(kept), ways.rows(whole)))
    clocks = (np.cumsum(kept.took), np.cumsum(whole.took))
    same = sum(int((a["x"] == c["x"])[:, : c["row"] + 1].sum()) for a, c in pairs[-1:])
    return {
        "frames": [row_frame(a, c, clocks, k) for k, (a, c) in enumerate(pairs)],
        "facts": count_facts(more["done"] >= more["of"], clocks),
        "checks": [b.law(b.word("law_same"), same, len(pairs) * m.SIDE)],
        "more": more,
        "turn": turn(),
        "tables": {
            "image": pairs[-1][1]["x"][0],
            "seconds": [["row", "kept", "passes"],
                        *([k + 1, *(float(c[k]) for c in clocks)] for k in range(len(pairs)))],
        },
    }  # fmt: skip


def passes_way(seed: int) -> ways.Way:
    """Return the chain of rows that are drawn by a pass of the whole net for each pixel."""
    from core.models.pixelcnn.sampling import Passes, rows_of

    net = m.model()

    def begin() -> Iterator[chains.State]:
        return ways.with_seconds(rows_of(net, ways.noise(seed, 1), way=Passes))

    key = (id(net), "passes", seed)
    return chains.chain(key, lambda: chains.Chain(begin, m.SIDE, range(m.SIDE), ways.read))


def row_frame(
    kept: ways.Row, whole: ways.Row, clocks: tuple[np.ndarray, np.ndarray], k: int
) -> Frame:
    """Return both images after row k, what has been computed for them, and their clocks."""
    pixels = (k + 1) * m.SIDE
    names = ("by_passes", "by_kept")
    grids = [
        m.grid(b.word(name), one["x"][0], 7, "made") for name, one in zip(names, (whole, kept))
    ]
    done = list(range(1, k + 2))
    curves = [
        b.series(b.word(name), np.maximum(clock[: k + 1], LEAST), role, x=done)
        for name, clock, role in zip(names, clocks[::-1], ("grad", "ok"))
    ]
    chart = b.chart(
        b.word("clock"), curves, x=b.word("rows_axis"), y=b.word("seconds_axis"), log=True,
        x_range=(1, m.SIDE), low=1e-3, high=10, width=440, height=330,
    )  # fmt: skip
    view = b.row(*grids, chart, gap="mid")
    facts = [
        b.fact(b.word("units"), f"{pixels:,} × 784 = {pixels * m.PIXELS:,} : {pixels:,}"),
        b.fact(b.word("seconds"), f"{clocks[1][k]:.2f} s : {clocks[0][k]:.3f} s"),
    ]
    return b.frame(view, b.word("row_n", n=str(k + 1)), facts)


def count_facts(over: bool, clocks: tuple[np.ndarray, np.ndarray]) -> list[Fact]:
    """Return how many multiplications either way takes, and the clocks' ratio."""
    from core.models.pixelcnn.sampling import multiplications

    once = multiplications(m.model().config)
    facts = [b.fact(b.word("sums"), f"{m.PIXELS * once:,} : {once:,}")]
    if over:
        facts.append(b.fact(b.word("times_faster"), f"{clocks[1][-1] / clocks[0][-1]:.0f}"))
    return facts


def turn() -> Turn:
    """Return the exercise: how many passes an image of another size takes."""
    side = 64
    return {
        "ask": b.word("turn_slow", side=str(side)),
        "blanks": [b.blank(b.word("passes_name"), [3 * side * side], "ink", "")],
    }
