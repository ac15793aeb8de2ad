"""View "copies": a family's images beside the nearest of the training images."""

from __future__ import annotations

import numpy as np

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board
from core.measure import comparison, neighbours
from core.measure.check import nearest_delta
from core.measure.comparison import Family

PAIRS = 8  # images and their nearest training images that are shown


def copies(inputs: Inputs) -> Board:
    """Show a family's images beside the nearest of 60 000 training images, the nearest first."""
    family = m.select_family("family", inputs.family, m.ready_families())
    bits, _ = neighbours.training_bits()
    kept = m.shipped_images(family) or find_nearest(family, bits)
    gap = kept["gap"]
    order = np.argsort(gap, kind="stable")[:PAIRS]
    found = nearest_delta(kept["images"][order[0]] / 255, bits, int(gap[order[0]]))
    usual, medians = float(np.median(m.real()["gap"])), gaps()
    facts = {
        "gap_least": str(int(gap.min())),
        "gap_median": f"{np.median(gap):g}",
        "gap_real": f"{usual:g}",
        "gap_none": f"{int((gap == 0).sum())} / {len(gap)}",
    }
    pairs = b.row(*(pair(kept, int(i), bits) for i in order), gap="mid")
    shown = b.column(b.text(b.word("pairs"), "ink", "small"), pairs, gap="tight")
    return {
        "frames": [b.frame(b.column(shown, median_bars(medians, usual, family), gap="swap"))],
        "facts": [b.fact(b.word(key), value) for key, value in facts.items()],
        "checks": [b.compared(found, 0)],
        "turn": {
            "ask": b.word("turn_copy"),
            "choices": [b.word("copy_zero"), b.word("copy_usual"), b.word("copy_far")],
            "answer": 0,
        },
        "limits": m.limits("family"),
        "tables": {"gap": gap, "row": kept["row"], "real": m.real()["gap"], "medians": medians},
    }


def find_nearest(family: Family, bits: np.ndarray) -> dict[str, np.ndarray]:
    """Return 64 images that do not ship with their nearest training images, found now."""
    made = m.images(family, comparison.SEED)
    gap, row = neighbours.nearest(made / 255, bits)
    return {"images": made, "gap": gap[:, 0], "row": row[:, 0]}


def pair(kept: dict[str, np.ndarray], i: int, bits: np.ndarray) -> b.Widget:
    """Return an image over its nearest training image, with the pixels that differ."""
    near = neighbours.unpack(bits[kept["row"][i]][None])[0]
    return b.column(
        b.grey("", kept["images"][i] / 255, size=82),
        b.grey("", near, size=82, role="real"),
        b.text(str(int(kept["gap"][i])), "ink", "small"),
        gap="tight",
    )


def gaps() -> dict[str, float]:
    """Return each family's median distance, where its images ship."""
    found = {family.title: m.shipped_images(family) for family in m.present_families()}
    return {title: float(np.median(kept["gap"])) for title, kept in found.items() if kept}


def median_bars(medians: dict[str, float], usual: float, chosen: Family) -> b.Widget:
    """Return every family's median distance and the test digits'; the family that is shown stands
    out.
    """
    bars: list[dict] = [
        {"label": title, "v": v, "role": "made" if title == chosen.title else "ink-2"}
        for title, v in medians.items()
    ]
    bars.append({"label": b.word("real_digits"), "v": usual, "role": "real"})
    return b.bars(b.word("medians"), bars, 0, max(v["v"] for v in bars) * 1.05, digits=1)
