"""View "classes": the classes that the judge sees in a family's 64 images, and what is covered."""

from __future__ import annotations

import numpy as np

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact
from core.measure import check, comparison
from core.measure.comparison import Family


def classes(inputs: Inputs) -> Board:
    """Show the classes that the classifier sees in a family's 64 images, and all coverages."""
    family = m.select_family("family", inputs.family, m.ready_families())
    made = m.images(family, comparison.SEED)
    labels = m.verdicts(made)
    counts, entropy = np.bincount(labels, minlength=10), comparison.entropy(labels)
    bars = [{"label": str(c), "v": int(n), "role": "made"} for c, n in enumerate(counts)]
    seen = b.bars(b.word("judged"), bars, 0, max(16, int(counts.max())), digits=0)
    left = b.grey(family.title, m.sheet(made), size=250)
    return {
        "frames": [b.frame(b.row(left, seen, coverage_bars(family), gap="mid"))],
        "facts": [b.fact(b.word("entropy_64"), entropy), *many_facts(family)],
        "checks": [b.delta_check(check.entropy_delta(labels, entropy), 1e-12)],
        "turn": {
            "ask": b.word("turn_entropy"),
            "blanks": [b.blank(b.word("entropy_name"), [np.log(9)], "ink", "entropy")],
        },
        "limits": m.limits("family"),
        "tables": {"labels": labels, "counts": counts, "entropy": entropy}
        | {"measured": comparison.figures(m.card(family.card))},
    }


def many_facts(family: Family) -> list[Fact]:
    """Return a family's figures on the classes of its 2,000 samples, as facts."""
    found = comparison.figures(m.card(family.card))
    n = m.format_count(comparison.read_figures()["samples"])
    facts = []
    for name in ("entropy", "accuracy", "coverage"):
        said = found[name]
        if said is not None:
            facts.append(b.fact(b.word(f"{name}_of_many", n=n), m.format_range(said, 3)))
    return facts


def coverage_bars(chosen: Family) -> b.Widget:
    """Return bars of each family's coverage of the test digits and of as many training digits."""
    floor = comparison.read_figures()["floor"].get("coverage")
    known = [(f, comparison.figures(m.card(f.card))["coverage"]) for f in m.present_families()]
    items: list[dict] = [
        {
            "label": b.word("with_label", name=f.title) if f.labelled else f.title,
            "v": said["value"],
            "role": "made" if f is chosen else "ink-2",
        }
        for f, said in known
        if said is not None
    ]
    if floor:
        items.append({"label": b.word("train_digits"), "v": floor["value"], "role": "real"})
    return b.bars(b.word("coverage_of"), items, 0, 1, digits=3)
