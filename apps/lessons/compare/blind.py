"""View "blind": a blind test of real and generated digits."""

from __future__ import annotations

import math

import numpy as np

from apps.lessons.compare import models as m
from apps.lessons.compare.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact
from core.measure import check
from core.measure.comparison import COUNT, Family
from core.measure.intervals import wilson

TRIALS = 40  # pictures of a round
LEVEL = 0.95
SHARES = (0.5, 0.25, 0.25)  # real, the first family, the second: drawn anew for every picture
SKILL = 0.7  # share right of someone who can tell, for the power


def blind(inputs: Inputs) -> Board:
    """Show a blind test: real digits and those of two families, drawn for this round alone."""
    one, other = (
        m.select_family(n, getattr(inputs, n), m.ready_families()) for n in ("first", "second")
    )
    if one is other:  # two are asked for: the next one in its place
        other = next((family for family in m.ready_families() if family is not one), one)
    seed = inputs.order
    pictures, kinds = trials(one, other, seed)
    groups = [
        b.group("real", b.word("real_digits"), 0, "real"),
        *(b.group(f.card, f.title, 1) for f in (one, other)),
    ]
    options = [b.word("guess_real"), b.word("guess_made")]
    key = f"{one.card} {other.card} {seed}"
    right, of = 14, 20
    low, high = wilson(right, of, LEVEL)
    found = check.score_delta(right, of, LEVEL, (low, high))
    return {
        "frames": [
            b.frame(b.quiz(b.word("blind_ask"), pictures, kinds.tolist(), groups, options, key=key))
        ],
        "facts": [*binary_facts(one, other), *power_facts()],
        "checks": [b.delta_check(found, 1e-12)],
        "turn": {
            "ask": b.word("turn_wilson", right=str(right), n=str(of)),
            "blanks": [b.blank(b.word("interval_name"), [low, high], "ink", "interval")],
        },
        "limits": m.limits("first", "second"),
        "inputs": {"second": other.card},
        "tables": {"kinds": ["real", one.card, other.card], "order": kinds},
    }


def trials(one: Family, other: Family, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures (40, 28, 28) in [0, 1] in the order they are shown, and their sources: 0
    real, 1 and 2 the families.

    Each picture's source is drawn by itself, so that nobody can count how many of a kind are left.
    Pictures are new in every round as far as it can be: a quick family's are drawn from the round's
    seed, a slow one's and the real ones without repetition from a pool.
    """
    rng = np.random.default_rng(seed)
    kinds = rng.choice(3, TRIALS, p=SHARES)
    counts = np.bincount(kinds, minlength=3)
    made = [pool_of(family, seed, int(n)) for family, n in zip((one, other), counts[1:])]
    sources = [real_pool(), *made]
    taken = [iter(rng.permutation(len(source))[:n]) for source, n in zip(sources, counts)]
    pictures = np.stack([sources[k][next(taken[k])] for k in kinds]) / 255
    if is_binary(one, other):  # else greys alone would tell
        pictures = (pictures >= 0.5).astype(float)
    return pictures, kinds


def is_binary(*families: Family) -> bool:
    """Return whether one of the families draws black and white alone, so that all are shown so."""
    return any(family.density == "mass" for family in families)


def real_pool() -> np.ndarray:
    """Return the test digits to choose from, (N, 28, 28) uint8."""
    found = m.real()
    return found["pool"] if "pool" in found else found["images"]


def pool_of(family: Family, seed: int, n: int) -> np.ndarray:
    """Return at least n of a family's images to choose from, (N, 28, 28) uint8."""
    kept = m.shipped_images(family)
    if family.slow:
        return kept["pool"] if kept and "pool" in kept else m.images(family, 0, COUNT)
    return m.images(family, seed + 1, n)  # of seed 0 are those on the sheets


def binary_facts(*families: Family) -> list[Fact]:
    """Return that all pictures of the round are cut to black and white, where they are."""
    return [b.fact(b.word("blind_binary"), b.word("cut_at_half"))] if is_binary(*families) else []


def power_facts() -> list[Fact]:
    """Return how often the interval of so many guesses leaves 50 % out, at a skill of 70 %."""
    return [b.fact(b.word("power", n=str(n)), power(n)) for n in (10, TRIALS, 100)]


def power(n: int, skill: float = SKILL) -> float:
    """Return the chance that Wilson's interval of n guesses, each right with `skill`, lies above
    one half.
    """
    return sum(
        math.comb(n, k) * skill**k * (1 - skill) ** (n - k)
        for k in range(n + 1)
        if wilson(k, n, LEVEL)[0] > 0.5
    )
