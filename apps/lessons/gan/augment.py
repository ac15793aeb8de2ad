"""Accuracy of a classifier with few real labels that also trains on generated digits."""

from __future__ import annotations

import numpy as np

from apps.lessons.gan import nets as m
from apps.lessons.gan.inputs import Inputs
from apps.lessons.shared import nets
from apps.stage import board as b
from apps.stage.contract import Board, Functions

WAYS = {"real": "real", "warped": "hidden", "generated": "made"}  # way -> role


def augment(inputs: Inputs) -> Board:
    """Show the classifier's accuracy with few real labels, with and without generated digits."""
    from core.measure import augmentation

    del inputs
    found = augmentation.read_curves()
    sizes = found["per_class"]
    curves, rows = [], [["per class", *WAYS]]
    for way, role in WAYS.items():
        both = [augmentation.mean_and_spread(row) for row in found["curves"][way]]
        mean, spread = (100 * np.array(values) for values in zip(*both))
        curves.append(
            b.series(
                b.word(f"digits.with_{way}"),
                mean,
                role,
                x=sizes,
                band=(mean - spread, mean + spread),
            )
        )
    rows += [[k, *(np.mean(found["curves"][w][i]) for w in WAYS)] for i, k in enumerate(sizes)]
    alone = 100 * augmentation.mean_and_spread(found["alone"])[0]
    chart = b.chart(
        b.word("digits.accuracy", n=f"{found['images']:,}"),
        curves,
        x=b.word("digits.per_class"),
        y="%",
        xlog=True,
        rules=[{"y": alone, "label": b.word("digits.alone")}],
        width=640,
        height=310,
    )
    gain = 100 * np.array([np.mean(found["curves"][w][0]) for w in ("generated", "real")])
    card = nets.card(m.CGAN)
    right = card is not None and card.sha256 == found["sha256"]
    same = b.law(b.word("digits.same_weights"), int(right), 1)
    caveat = b.text(b.word("digits.caveat"), "grad", "note")
    return {
        "frames": [b.frame(b.column(chart, caveat, gap="mid"))],
        "facts": [
            b.fact(b.word("digits.gain", n=str(sizes[0])), f"{gain[1]:.1f} → {gain[0]:.1f} %")
        ],
        "checks": [same],
        "tables": {"accuracy": rows},
    }


def augment_source(inputs: Inputs) -> Functions:
    """Return the functions shown in the code drawer."""
    from core.measure import augmentation

    del inputs
    return augmentation.read_curves, augmentation.mean_and_spread
