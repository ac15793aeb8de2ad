"""View "shift": a digit moved before a layer, or the layer's map after it; two nets under moves."""

from __future__ import annotations

import numpy as np

from apps.lessons.cnn import models
from apps.lessons.cnn.inputs import Inputs
from apps.lessons.cnn.kernels import kernel_of
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Check, Frame, Law
from core.models.cnn import check
from core.models.cnn.shifts import Moves, moves

MOST = 6  # pixels to the right
MEASURED = (1, 2, 3, 4, 6)  # moves whose accuracy the cards state
SIDE, MAPS, TOLERANCE = 28, 4, 1e-12
SMALL = 124  # pixels of a picture
ROLES = {models.TINY: "made", models.DENSE: "real"}


def shift(inputs: Inputs) -> Board:
    """Show both orders and their difference for moves of 0 to 6 pixels, and how the nets fare."""
    image, kernel = models.picture(inputs), kernel_of(inputs)
    sizes = (inputs.edges, inputs.steps, inputs.pool)
    traces = [moves(image, kernel, 0, k, *sizes) for k in range(MOST + 1)]
    return {
        "frames": [frame(image, trace, k, inputs) for k, trace in enumerate(traces)],
        "facts": [
            b.fact(b.word("shared_weights"), f"{shared_weights():,}"),
            b.fact(b.word("dense_weights"), f"{dense_weights():,}"),
        ],
        "checks": checks(image, kernel, traces, inputs),
        "values": {"kernel": kernel.tolist()},
        "turn": {
            "ask": b.word("turn_shift"),
            "frame": 0,
            "blanks": [
                b.blank(b.word("shared_weights"), [shared_weights()], "hidden", "shared"),
                b.blank(b.word("dense_weights"), [dense_weights()], "hidden", "dense"),
            ],
        },
        "tables": {
            "gap": [["pixels", "gap"], *([k, trace["gap"]] for k, trace in enumerate(traces))],
            "accuracy": [["pixels", *ROLES], *zip((0, *MEASURED), *map(accuracies, ROLES))],
        },
    }


def shared_weights() -> int:
    """Return the parameters of a convolution of 3 x 3 from one picture to four maps."""
    return MAPS * (3 * 3 + 1)


def dense_weights() -> int:
    """Return those of a dense layer between the same numbers."""
    return (SIDE**2 + 1) * MAPS * SIDE**2


def accuracies(name: str) -> list[float]:
    """Return a net's share of right answers for digits that are moved by 0 and by `MEASURED`."""
    metrics = ["accuracy", *(f"accuracy, moved {k}" for k in MEASURED)]
    found = (nets.card_value(name, metric) for metric in metrics)
    return [float("nan") if value is None else 100 * value for value in found]


def checks(
    image: np.ndarray, kernel: np.ndarray, traces: list[Moves], inputs: Inputs
) -> list[Check | Law]:
    """Return the comparison with torch, and around wrapping edges the law."""
    sizes = (inputs.edges, inputs.steps, inputs.pool)
    deltas = [check.moves_delta(image, kernel, (0, k), one, *sizes) for k, one in enumerate(traces)]
    made: list[Check | Law] = [
        b.check(max(one["delta"] for one in deltas), deltas[0]["against"], TOLERANCE)
    ]
    if inputs.edges == "wrap":
        jump = inputs.steps * inputs.pool
        gaps = [moves(image, kernel, 0, k, *sizes)["gap"] for k in range(0, SIDE, jump)]
        holds = sum(gap < TOLERANCE for gap in gaps)
        made.append(b.law(b.word("law_shift", n=str(jump)), holds, len(gaps)))
    return made


def frame(image: np.ndarray, trace: Moves, k: int, inputs: Inputs) -> Frame:
    """Return both orders for a move of k pixels, their difference, and the nets' accuracy."""
    first, last = trace["move_first"], trace["move_last"]
    span = float(max(np.abs(first).max(), np.abs(last).max()) or 1)
    moved = np.roll(image, k, 1)

    def signed(name: str, values: np.ndarray) -> b.Widget:
        return b.raster(b.word(name), values, span=span, size=SMALL)

    upper = b.row(
        b.raster(b.word("moved_by", n=str(k)), moved, role="real", size=SMALL),
        b.text("→"),
        signed("then_layer", first),
    )
    lower = b.row(
        b.raster(b.word("unmoved"), image, role="real", size=SMALL),
        b.text("→"),
        signed("then_move", last),
    )
    difference = b.raster(
        b.word("difference"), np.abs(first - last), role="grad", span=span, size=SMALL
    )
    left = b.row(b.column(upper, lower, gap="mid"), b.text("="), difference)
    reads = [models.read(name, moved)[0] for name in ROLES]
    facts = [
        b.fact(b.word("gap"), trace["gap"]),
        b.fact(b.word("both_read"), " · ".join(map(str, reads))),
    ]
    return b.frame(b.row(left, accuracy_chart(k), gap="mid"), b.word("moved_by", n=str(k)), facts)


def accuracy_chart(k: int) -> b.Widget:
    """Return the accuracy of both nets by how far the test digits are moved."""
    curves = [
        b.series(b.word(f"net_{name}"), accuracies(name), role, x=[0, *MEASURED])
        for name, role in ROLES.items()
    ]
    return b.chart(
        b.word("accuracy_moved"),
        curves,
        x=b.word("pixels"),
        y="%",
        low=0,
        high=100,
        rules=[{"x": k, "label": ""}],
        width=400,
        height=290,
    )
