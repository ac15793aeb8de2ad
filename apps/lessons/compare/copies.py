"""View "copies": a family's images beside the nearest of the training images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact
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
    pairs = b.row(*(pair(kept, int(i), bits) for i in order), gap="mid")
    shown = b.column(b.text(b.word("pairs"), "ink", "small"), pairs, gap="tight")
    said = comparison.read_figures()
    medians = {f.title: said["families"].get(f.card, {}) for f in m.present_families()}
    return {
        "frames": [
            b.frame(b.column(shown, median_bars(medians, said["real"], family), gap="swap"))
        ],
        "facts": facts(medians[family.title], said["real"], said["samples"]),
        "checks": [b.delta_check(found, 0)],
        "turn": {
            "ask": b.word("turn_copy"),
            "choices": [b.word("copy_zero"), b.word("copy_usual"), b.word("copy_far")],
            "answer": 0,
        },
        "limits": m.limits("family"),
        "tables": {"gap": gap, "row": kept["row"], "medians": medians, "real": said["real"]},
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


def facts(mine: Mapping[str, Any], real: Mapping[str, Any], n: int) -> list[Fact]:
    """Return the distances of many of a family's images to their nearest training images."""
    if not mine or not real:
        return []
    many = m.format_count(n)
    return [
        b.fact(b.word("gap_median", n=many), m.format_range(mine["gap"], 1)),
        b.fact(b.word("gap_real", n=many), m.format_range(real["gap"], 1)),
        b.fact(b.word("gap_least"), str(mine["least"])),
        b.fact(b.word("gap_none"), f"{mine['identical']} / {many}"),
    ]


def median_bars(
    medians: Mapping[str, Mapping[str, Any]], real: Mapping[str, Any], chosen: Family
) -> b.Widget:
    """Return every family's median distance and the test digits'; the family that is shown stands
    out.
    """
    bars: list[dict] = [
        {
            "label": title,
            "v": said["gap"]["value"],
            "role": "made" if title == chosen.title else "ink-2",
        }
        for title, said in medians.items()
        if said
    ]
    if real:
        bars.append({"label": b.word("real_digits"), "v": real["gap"]["value"], "role": "real"})
    most = max((v["v"] for v in bars), default=1.0)
    n = m.format_count(comparison.read_figures()["samples"])
    return b.bars(b.word("medians", n=n), bars, 0, most * 1.05, digits=1)
