"""Images side by side: 64 of every family from one seed, their classes, whom they resemble."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.lessons.compare import models as m
from apps.stage import board as b
from core.inputs import boolean, integer
from core.measure import check as check_compare
from core.measure import comparison, neighbours
from core.measure.comparison import COUNT, FAMILIES, Family
from core.models.gan.check_digits import nearest_delta

LETTERS = "ABCDEFGHIJ"
SHEET = 196  # pixels of a sheet's side
PAIRS = 8  # images and their nearest training images that are shown
SAME = 1  # grey levels of 255 by which an image that is drawn again may differ


# ---- 64 of each


def samples(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the sheets of all families and of test digits, and whether they come out again."""
    seed = m.seed_of(inputs)
    pick = integer("pick", inputs.get("pick", 1), 1, COUNT) - 1
    covered = boolean("covered", inputs.get("covered", False))
    plan = pieces(seed)
    done = integer("drawn", inputs.get("drawn", 0), 0, COUNT * len(FAMILIES))
    made = {
        family.card: m.images(family, seed, upto(plan[:done], family, seed))
        for family in m.present()
    }
    again = redrawn(made, plan[:done], seed, pick)
    order = shuffled(sheets(made), seed) if covered else sheets(made, pick)
    more = {"input": "drawn", "next": done + 1, "done": done, "of": len(plan)}
    return {
        "frames": [b.frame(grid(order, covered))],
        "facts": [b.fact(b.word("seed_fact"), str(seed))],
        "checks": [b.law(b.word("redrawn", i=str(pick + 1)), sum(again), len(again))],
        "turn": turn(order, covered),
        "tables": {name: images.reshape(-1, comparison.PIXELS) for name, images in made.items()},
        "more": more,
    }


def pieces(seed: int) -> list[tuple[str, int]]:
    """Return what is drawn piece by piece for a seed: families and up to which image; 0 where the
    images ship and one is only drawn again.
    """
    plan: list[tuple[str, int]] = []
    for family in m.present():
        if seed == comparison.SEED and m.shipped(family) is not None:
            plan += [(family.card, 0)] if family.slow else []
        elif family.slow:
            plan += [(family.card, n) for n in range(m.LOT, COUNT + 1, m.LOT)]
        else:
            plan.append((family.card, COUNT))
    return plan


def upto(done: list[tuple[str, int]], family: Family, seed: int) -> int:
    """Return how many of a family's images are there after these pieces."""
    if seed == comparison.SEED and m.shipped(family) is not None:
        return COUNT
    return max((n for name, n in done if name == family.card), default=0)


def redrawn(
    made: dict[str, np.ndarray], done: list[tuple[str, int]], seed: int, pick: int
) -> list[bool]:
    """Return for each family whose turn has come whether one image comes out the same now."""
    found = []
    for family in m.present():
        images = made[family.card]
        ready = not family.slow or any(name == family.card for name, _ in done)
        if ready and pick < len(images):
            net = m.model(family.card)
            gap = check_compare.redraw_delta(net, family, images[pick], seed, pick)
            found.append(gap <= SAME)
    return found


def sheets(made: dict[str, np.ndarray], framed: int | None = None) -> list[dict[str, Any]]:
    """Return every sheet with its name; test digits last."""
    found = [
        {
            "name": family.title,
            "images": made.get(family.card, np.zeros((0, m.SIDE, m.SIDE), np.uint8)),
            "role": "made",
            "here": family.card in made,
        }
        for family in FAMILIES
    ]
    real = {"name": b.word("real_digits"), "images": m.real()["images"], "role": "real"}
    for one in (*found, real):
        again = framed is not None and one is not real and len(one["images"]) > framed
        one["sheet"] = m.sheet(one["images"], framed if again else None)
    return [*found, {**real, "here": True}]


def shuffled(order: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """Return sheets in another order, and in each its images: labels that come in turn would tell
    who was told them.
    """
    rng = np.random.default_rng(seed)
    for one in order:
        one["sheet"] = m.sheet(rng.permutation(one["images"]))
    return [order[i] for i in rng.permutation(len(order))]


def grid(order: list[dict[str, Any]], covered: bool) -> b.Widget:
    """Return the sheets in two rows; covered, under letters and in one ink."""
    shown = []
    for letter, one in zip(LETTERS, [one for one in order if one["here"]] if covered else order):
        name = letter if covered else one["name"]
        if one["here"]:
            role = "ink" if covered else one["role"]
            shown.append(b.grey(name, one["sheet"], size=SHEET, role=role))
        else:
            shown.append(missing(name))
    half = (len(shown) + 1) // 2
    rows = [b.row(*part, gap="mid") for part in (shown[:half], shown[half:]) if part]
    return b.column(*rows, gap="tight")


def missing(name: b.Label) -> b.Widget:
    """Return an empty sheet that says so."""
    blank = b.grey(b.word("empty_sheet", name=name), np.zeros((8, 8)), size=SHEET, role="ink")
    return {**blank, "dim": False}


def turn(order: list[dict[str, Any]], covered: bool) -> dict[str, Any]:
    """Return the exercise: which sheet is real; with the names shown, which covers most."""
    there = [one for one in order if one["here"]]
    if covered:
        at = next(i for i, one in enumerate(there) if one["role"] == "real")
        return {"ask": b.word("turn_real"), "choices": list(LETTERS[: len(there)]), "answer": at}
    known = {family.title: m.card(family.card).value("coverage") for family in m.present()}
    some = {title: value for title, value in known.items() if value is not None}
    names = list(some)
    if not names:
        return {"ask": b.word("turn_none"), "choices": [], "answer": 0}
    return {
        "ask": b.word("turn_coverage"),
        "choices": names,
        "answer": names.index(max(some, key=lambda title: some[title])),
    }


# ---- diversity


def classes(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return which classes the judge sees in a family's 64 images, and what the cards say."""
    family = m.picked(inputs, "family", FAMILIES[0].card, m.ready())
    made = m.images(family, comparison.SEED)
    labels = m.verdicts(made)
    counts, entropy = np.bincount(labels, minlength=10), comparison.entropy(labels)
    found = check_compare.entropy_delta(labels, entropy)
    bars = [{"label": str(c), "v": int(n), "role": "made"} for c, n in enumerate(counts)]
    seen = b.bars(b.word("judged"), bars, 0, max(16, int(counts.max())), digits=0)
    left = b.grey(family.title, m.sheet(made), size=250)
    return {
        "frames": [b.frame(b.row(left, seen, coverage_bars(family), gap="mid"))],
        "facts": [b.fact(b.word("entropy_64"), entropy), *carded(family)],
        "checks": [b.check(found["delta"], found["against"], 1e-12)],
        "turn": {
            "ask": b.word("turn_entropy"),
            "blanks": [b.blank(b.word("entropy_name"), [np.log(9)], "ink", "entropy")],
        },
        "limits": m.limits("family"),
        "tables": {"labels": labels, "counts": counts, "entropy": entropy}
        | {"card": comparison.figures(m.card(family.card))},
    }


def carded(family: Family) -> list[dict[str, Any]]:
    """Return what a card says of the classes of its many samples, as facts."""
    card = m.card(family.card)
    n = m.counted(comparison.figures(card)["count"] or 0)
    said = {"large": "class entropy", "rare": "rarest class"}
    found = {name: card.value(metric) for name, metric in said.items()}
    return [
        b.fact(b.word(f"entropy_{name}", n=n), value)
        for name, value in found.items()
        if value is not None
    ]


def coverage_bars(chosen: Family) -> b.Widget:
    """Return what share of the test digits each family comes near to, as the cards say."""
    known = [(f, m.card(f.card).value("coverage")) for f in m.present()]
    items = [
        {"label": f.title, "v": value, "role": "made" if f is chosen else "ink-2"}
        for f, value in known
        if value is not None
    ]
    return b.bars(b.word("coverage_of"), items, 0, 1, digits=3)


# ---- copying


def copies(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a family's images beside the nearest of 60 000 training images, the nearest first."""
    family = m.picked(inputs, "family", FAMILIES[0].card, m.ready())
    bits, _ = neighbours.training_bits()
    kept = m.shipped(family) or looked_up(family, bits)
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
        "checks": [b.check(found["delta"], found["against"], 0)],
        "turn": {
            "ask": b.word("turn_copy"),
            "choices": [b.word("copy_zero"), b.word("copy_usual"), b.word("copy_far")],
            "answer": 0,
        },
        "limits": m.limits("family"),
        "tables": {"gap": gap, "row": kept["row"], "real": m.real()["gap"], "medians": medians},
    }


def looked_up(family: Family, bits: np.ndarray) -> dict[str, np.ndarray]:
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
    found = {family.title: m.shipped(family) for family in m.present()}
    return {title: float(np.median(kept["gap"])) for title, kept in found.items() if kept}


def median_bars(medians: dict[str, float], usual: float, chosen: Family) -> b.Widget:
    """Return every family's median distance and the test digits'; the family that is shown stands
    out.
    """
    bars: list[dict[str, Any]] = [
        {"label": title, "v": v, "role": "made" if title == chosen.title else "ink-2"}
        for title, v in medians.items()
    ]
    bars.append({"label": b.word("real_digits"), "v": usual, "role": "real"})
    return b.bars(b.word("medians"), bars, 0, max(v["v"] for v in bars) * 1.05, digits=1)
