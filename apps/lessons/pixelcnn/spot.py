"""View "spot": what a pixel sees through one stack of masked layers, and through two."""

from __future__ import annotations

import numpy as np

from apps.lessons.pixelcnn.inputs import Inputs
from apps.lessons.pixelcnn.models import NAME
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn
from core.models.pixelcnn import check
from core.models.pixelcnn.reach import BlindSpot, blind_spot

ROOM = 250  # pixels of a grid's side
ASKED = (7, 9)  # R of the exercise: the first that is not shown
CHECKED = 8  # R up to which autograd's answer is waited for


def spot(inputs: Inputs) -> Board:
    """Show what is seen layer by layer, the blind spot of one stack, and two stacks together."""
    R = inputs.reach
    traces = [blind_spot(k) for k in range(1, R + 1)]
    last = traces[-1]
    tested = traces[min(R, CHECKED) - 1]
    whole = int((last["vertical"] | last["horizontal"])[last["earlier"]].sum())
    return {
        "frames": [reach_frame(one, k, R) for k, one in enumerate(traces, 1)],
        "facts": shipped_facts(),
        "checks": [
            b.delta_check(check.blind_spot_delta(min(R, CHECKED), tested), 0),
            b.law(b.word("law_two"), whole, last["count"]),
        ],
        "turn": turn(R),
        "tables": {
            "counts": [
                ["R", "earlier", "one stack", "formula", "two stacks"],
                *(
                    [k, one["count"], one["seen"], one["formula"], one["seen_by_two"]]
                    for k, one in enumerate(traces, 1)
                ),
            ]
        },
    }


def reach_frame(trace: BlindSpot, k: int, reach: int) -> Frame:
    """Return the grids after k layers, each as large as all layers reach, and the count."""
    hidden = trace["count"] - trace["seen"]
    grids = [
        grid(b.word("one_stack"), trace["one_stack"], trace["earlier"], reach),
        grid(b.word("vertical"), trace["vertical"], None, reach),
        b.text("+"),
        grid(b.word("horizontal"), trace["horizontal"], None, reach),
    ]
    first = ["2R(R + 1) = 2·", b.num(k), "·", b.num(k + 1), " = ", b.num(trace["count"], "real")]
    gap = ["R(R − 1)/2 = ", b.num(k), "·", b.num(k - 1), "/2 = ", b.num(hidden, "grad")]
    sums = [
        [b.word("earlier"), ": ", *first],
        [b.word("hidden"), ": ", *gap],
        [b.word("left_over"), ": ", b.num(trace["count"], "real"), " − ", b.num(hidden, "grad"),
         " = ", b.num(trace["formula"], "ink")],
    ]  # fmt: skip
    view = b.column(b.row(*grids, gap="mid"), b.lines("", sums), gap="mid")
    return b.frame(view, b.word("layers", n=str(k)))


def grid(label: b.Label, seen: np.ndarray, earlier: np.ndarray | None, reach: int) -> b.Widget:
    """Return what is seen in a square of 2 reach + 1; the blind spot is outlined.

    Args:
        label: what stands over it.
        seen: (2k + 1, 2k + 1) of true and false, around the pixel.
        earlier: the same shape, the pixels that should be seen; None to outline nothing.
        reach: to which the square is padded.
    """
    side, room = 2 * reach + 1, (2 * reach + 1 - len(seen)) // 2
    shades = np.where(np.pad(seen, room), 1.0, -1.0)
    shades[reach, reach] = 0.0  # the pixel itself
    blind: list[int] = []
    if earlier is not None:
        blind = np.flatnonzero(np.pad(earlier & ~seen, room)).tolist()
    size = max(4, round(ROOM / side) - 2)
    return b.cells(label, shades, (side, side), size=size, role="real", flip=blind)


def shipped_facts() -> list:
    """Return the reach of the shipped net, and how many pixels that is."""
    if not nets.have(NAME):
        return []
    reach = nets.model(NAME).config.reach
    return [
        b.fact(b.word("net_reach"), str(reach)),
        b.fact(b.word("net_pixels"), str(2 * reach * (reach + 1))),
    ]


def turn(reach: int) -> Turn:
    """Return the exercise: the counts of another reach, by the formula."""
    asked = next(R for R in ASKED if R != reach)
    trace = blind_spot(asked)
    blanks = [
        b.blank(b.word("earlier"), [trace["count"]], "real", ""),
        b.blank(b.word("hidden"), [trace["count"] - trace["formula"]], "grad", ""),
    ]
    return {"ask": b.word("turn_spot", R=str(asked)), "blanks": blanks}
