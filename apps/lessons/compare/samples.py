"""View "samples": 64 images of every family from one seed, side by side."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Check, More, Turn
from core.measure import check, comparison
from core.measure.comparison import COUNT, FAMILIES, Family

Sheet = dict[str, Any]  # "name", "images" (N, 28, 28), "role", "here", "sheet" one picture of all
LETTERS = "ABCDEFGHIJK"
SHEET = 196  # pixels of a sheet's side
VAE = "vae-mnist"
LEVEL = 0.01  # grey levels of 255 beyond rounding: float noise
SAME = 1  # grey levels of 255 by which an image that is drawn again may differ


def samples(inputs: Inputs) -> Board:
    """Show the sheets of all families and of test digits, and whether they come out again."""
    seed, pick, covered, done = inputs.seed, inputs.pick - 1, inputs.covered, inputs.drawn
    plan = pieces(seed)
    made = {
        family.card: m.images(family, seed, upto(plan[:done], family, seed))
        for family in m.present_families()
    }
    again = compare_redrawn(made, plan[:done], seed, pick)
    order = shuffle_sheets(sheets(made), seed) if covered else sheets(made, pick)
    more: More = {"input": "drawn", "next": done + 1, "done": done, "of": len(plan)}
    return {
        "frames": [b.frame(grid(order, covered))],
        "facts": [
            b.fact(b.word("seed_fact"), str(seed)),
            b.fact(b.word("redrawn", i=str(pick + 1)), f"{sum(again)} / {len(again)}"),
        ],
        "checks": decoded_check(made, seed, pick),
        "turn": turn(order, covered),
        "tables": {name: images.reshape(-1, comparison.PIXELS) for name, images in made.items()},
        "more": more,
    }


def pieces(seed: int) -> list[tuple[str, int]]:
    """Return the drawing plan for a seed: families and up to which image; 0 where the images ship
    and only one is redrawn.
    """
    plan: list[tuple[str, int]] = []
    for family in m.present_families():
        if seed == comparison.SEED and m.shipped_images(family) is not None:
            plan += [(family.card, 0)] if family.slow else []
        elif family.slow:
            plan += [(family.card, n) for n in range(m.LOT, COUNT + 1, m.LOT)]
        else:
            plan.append((family.card, COUNT))
    return plan


def upto(done: list[tuple[str, int]], family: Family, seed: int) -> int:
    """Return how many of a family's images are there after these pieces."""
    if seed == comparison.SEED and m.shipped_images(family) is not None:
        return COUNT
    return max((n for name, n in done if name == family.card), default=0)


def compare_redrawn(
    made: dict[str, np.ndarray], done: list[tuple[str, int]], seed: int, pick: int
) -> list[bool]:
    """Redraw one image of each family drawn so far; return for each whether it is the same."""
    found = []
    for family in m.present_families():
        images = made[family.card]
        ready = not family.slow or any(name == family.card for name, _ in done)
        if ready and pick < len(images):
            digest = m.card(family.card).sha256
            found.append(is_redrawn(family.card, digest, images[pick].tobytes(), seed, pick))
    return found


@lru_cache(maxsize=256)
def is_redrawn(name: str, digest: str, image: bytes, seed: int, pick: int) -> bool:
    """Draw one image of a family again and say whether it is the same, once for all pieces.

    Args:
        name: the family's card.
        digest: of its weights.
        image: its grey levels, 28 x 28 uint8.
        seed: of the sheet.
        pick: the image's place on it.
    """
    del digest  # part of the key alone
    shown = np.frombuffer(image, np.uint8).reshape(m.SIDE, m.SIDE)
    return check.redraw_delta(m.model(name), m.BY_NAME[name], shown, seed, pick) <= SAME


def decoded_check(made: dict[str, np.ndarray], seed: int, pick: int) -> list[Check]:
    """Return the check of the VAE's framed picture by numpy from its weights, once it is drawn."""
    import torch

    images = made.get(VAE, np.zeros(0))
    if pick >= len(images):
        return []
    noise = torch.Generator().manual_seed(comparison.STRIDE * seed + pick)
    net = m.model(VAE)
    z = torch.randn(1, net.config.latent, generator=noise)[0].numpy()
    weights = {name: value.numpy() for name, value in net.state_dict().items()}
    found = check.decoded_delta(weights, z, images[pick])
    return [b.delta_check(found, LEVEL)]


def sheets(made: dict[str, np.ndarray], framed: int | None = None) -> list[Sheet]:
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


def shuffle_sheets(order: list[Sheet], seed: int) -> list[Sheet]:
    """Shuffle the sheets, and the images in each: labels in order would reveal conditional nets."""
    rng = np.random.default_rng(seed)
    for one in order:
        one["sheet"] = m.sheet(rng.permutation(one["images"]))
    return [order[i] for i in rng.permutation(len(order))]


def grid(order: list[Sheet], covered: bool) -> b.Widget:
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
    """Return a sheet's placeholder where its images are missing."""
    blank = b.grey(b.word("empty_sheet", name=name), np.zeros((8, 8)), size=SHEET, role="ink")
    return {**blank, "dim": False}


def turn(order: list[Sheet], covered: bool) -> Turn:
    """Return the exercise: which sheet is real; with the names shown, which covers most."""
    there = [one for one in order if one["here"]]
    if covered:
        at = next(i for i, one in enumerate(there) if one["role"] == "real")
        return {"ask": b.word("turn_real"), "choices": list(LETTERS[: len(there)]), "answer": at}
    known = {f.title: comparison.figures(m.card(f.card))["coverage"] for f in m.present_families()}
    some = {title: said["value"] for title, said in known.items() if said is not None}
    names = list(some)
    if not names:
        return {"ask": b.word("turn_none"), "choices": [], "answer": 0}
    return {
        "ask": b.word("turn_coverage"),
        "choices": names,
        "answer": names.index(max(some, key=lambda title: some[title])),
    }
