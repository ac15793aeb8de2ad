"""View "rate": the equalised learning rate: sizes that stay, and Adam's step as a share."""

from __future__ import annotations

import numpy as np

from apps.lessons.progan.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Turn
from apps.stage.numbers import format_tiny
from core.models.progan import by_hand, check

STARTS = ("equalised", "plain", "small")
LAYERS = 10
SMALL = 0.02  # standard deviation of DCGAN's first weights
ROLES = {"equalised": "ok", "plain": "grad", "small": "hidden"}
NET = {"pixels": 16, "dense": 64, "conv_16": 144, "conv_64": 576, "end": 1024}  # fan-ins of the net
ASKED = 256  # fan-in of the exercise


def rate(inputs: Inputs) -> Board:
    """Show the size of numbers through ten layers, and which share of a weight Adam moves."""
    x, weights = by_hand.draw_layers(inputs.width, LAYERS, inputs.seed)
    scales = {"equalised": float(np.sqrt(2 / inputs.width)), "plain": 1.0, "small": SMALL}
    ways = {way: by_hand.through_layers(x, weights, scales[way]) for way in STARTS}
    steps = by_hand.relative_steps(list(NET.values()), inputs.rate)
    view = b.row(
        b.column(sizes(ways), b.text(b.word("law_layers"), "ink", "small"), gap="tight"),
        b.column(shares(inputs.rate), table(steps, inputs.rate), gap="mid"),
        gap="mid",
    )
    deltas = [check.layers_delta(x, weights, scales[way], ways[way]) for way in STARTS]
    return {
        "frames": [b.frame(view, b.word("rate_name"))],
        "facts": [b.fact(b.word(f"start_{way}"), power(one["found"][-1]))
                  for way, one in ways.items()],
        "checks": [
            b.check(max(one["delta"] for one in deltas), deltas[0]["against"], 1e-9),
            b.delta_check(
                check.relative_steps_delta(list(NET.values()), inputs.rate, steps), 1e-12
            ),
        ],
        "turn": turn(inputs.rate),
        "tables": {
            "sizes": [["layer", *STARTS], *zip(range(LAYERS + 1), *(ways[w]["found"].tolist()
                                                                    for w in STARTS))],
            "shares": [["fan-in", "c", "equalised", "plain"],
                       *zip(NET.values(), *(steps[k].tolist()
                                            for k in ("scale", "equalised", "plain")))],
        },
    }  # fmt: skip


def sizes(ways: dict[str, by_hand.DepthTrace]) -> b.Widget:
    """Return the mean square behind each layer, from each start, beside what the law expects."""
    drawn = [b.series(b.word(f"start_{way}"), one["found"], ROLES[way])
             for way, one in ways.items()]  # fmt: skip
    drawn += [b.series("", one["expected"], "ink", dash=True) for one in ways.values()]
    return b.chart(
        b.word("sizes_name"), drawn, x=b.word("layer_name"), log=True, width=430, height=330
    )


def shares(rate: float) -> b.Widget:
    """Return the share of a weight that a step moves, by fan-in."""
    fan_in = np.geomspace(4, 4096, 40)
    found = by_hand.relative_steps(fan_in, rate)
    curves = [
        b.series(b.word("start_equalised"), found["equalised"], "ok", x=fan_in),
        b.series(b.word("plain_he"), found["plain"], "grad", x=fan_in),
    ]
    return b.chart(
        b.word("shares_name"), curves, x="fan-in", log=True, xlog=True, width=430, height=190
    )


def table(steps: by_hand.RateTrace, rate: float) -> b.Widget:
    """Return the shares of the shipped net's layers."""
    heads = [
        b.head(b.word(f"head_{k}")) for k in ("layer", "fan_in", "scale", "equalised", "plain")
    ]
    rows = [
        [
            b.cell(b.word(f"net_{name}")),
            b.cell(str(fan_in)),
            b.cell(f"{c:.3f}"),
            b.cell(percent(even)),
            b.cell(percent(plain), bar=min(1.0, plain / (30 * rate)), role="grad"),
        ]
        for (name, fan_in), c, even, plain in zip(
            NET.items(), steps["scale"], steps["equalised"], steps["plain"]
        )
    ]
    return b.table("", heads, rows)


def power(value: float) -> str:
    """Return a size as it is printed, a power of ten where it is far from 1."""
    return f"{value:.2f}" if 0.01 < value < 100 else format_tiny(value)


def percent(share: float) -> str:
    """Return a share as it is printed."""
    return f"{100 * share:.2f} %"


def turn(rate: float) -> Turn:
    """Return the exercise: c and the share of a plain weight, for another fan-in."""
    found = by_hand.relative_steps([ASKED], rate)
    blanks = [
        b.blank("c", found["scale"].tolist(), "ink", ""),
        b.blank("η / c", found["plain"].tolist(), "grad", ""),
    ]
    return {"ask": b.word("turn_rate", n=str(ASKED), rate=f"{rate:g}"), "blanks": blanks}
