"""View "classes": the classes that the judge sees in a family's 64 images."""

from __future__ import annotations

import numpy as np

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact
from core.measure import check, comparison
from core.measure.comparison import Family


def classes(inputs: Inputs) -> Board:
    """Show the classes that the classifier sees in a family's 64 images, and the cards' figures."""
    family = m.select_family("family", inputs.family, m.ready_families())
    made = m.images(family, comparison.SEED)
    labels = m.verdicts(made)
    counts, entropy = np.bincount(labels, minlength=10), comparison.entropy(labels)
    bars = [{"label": str(c), "v": int(n), "role": "made"} for c, n in enumerate(counts)]
    seen = b.bars(b.word("judged"), bars, 0, max(16, int(counts.max())), digits=0)
    left = b.grey(family.title, m.sheet(made), size=250)
    return {
        "frames": [b.frame(b.row(left, seen, coverage_bars(family), gap="mid"))],
        "facts": [b.fact(b.word("entropy_64"), entropy), *card_facts(family)],
        "checks": [b.compared(check.entropy_delta(labels, entropy), 1e-12)],
        "turn": {
            "ask": b.word("turn_entropy"),
            "blanks": [b.blank(b.word("entropy_name"), [np.log(9)], "ink", "entropy")],
        },
        "limits": m.limits("family"),
        "tables": {"labels": labels, "counts": counts, "entropy": entropy}
        | {"card": comparison.figures(m.card(family.card))},
    }


def card_facts(family: Family) -> list[Fact]:
    """Return a card's figures on the classes of its many samples, as facts."""
    card = m.card(family.card)
    n = m.format_count(comparison.figures(card)["count"] or 0)
    said = {"large": "class entropy", "rare": "rarest class"}
    found = {name: card.value(metric) for name, metric in said.items()}
    return [
        b.fact(b.word(f"entropy_{name}", n=n), value)
        for name, value in found.items()
        if value is not None
    ]


def coverage_bars(chosen: Family) -> b.Widget:
    """Return bars of each family's coverage of the test digits, from the cards."""
    known = [(f, m.card(f.card).value("coverage")) for f in m.present_families()]
    items = [
        {"label": f.title, "v": value, "role": "made" if f is chosen else "ink-2"}
        for f, value in known
        if value is not None
    ]
    return b.bars(b.word("coverage_of"), items, 0, 1, digits=3)
