"""View "capacity": the recall rate against the load, computed while the page asks for more."""

from __future__ import annotations

from functools import lru_cache
from time import monotonic

import numpy as np

from apps.lessons.hopfield.inputs import Inputs
from apps.stage import board as b
from apps.stage.contract import Board, Fact, Law, Turn
from apps.stage.widgets.chart import Series
from core.inputs import number
from core.models.hopfield import capacity as c
from core.models.hopfield import check
from core.models.hopfield.hopfield_traces import CapacityPoint

Call = tuple[int, int, str, float, int, float]  # N, P, rule, noise, seed, beta
MOST_NOISE = 0.5  # share of flipped units; beyond it a pattern is nearer to its negative
LOADS = 15
PATIENCE = 3.0  # seconds
RECOUNTED = 1300  # most P times N of a point that is counted again
BATCH = 1000  # points times N in one answer, about a fifth of a second

point = lru_cache(maxsize=8192)(c.capacity_point)


def plan(inputs: Inputs) -> tuple[list[Call], list[str]]:
    """Return the points in the order they are computed, and the rules among them.

    Seed by seed, so that the curve is there early and its band grows.
    """
    noise = number("noise", inputs.noise, 0, MOST_NOISE)
    N, first, reach = inputs.units, inputs.seed, inputs.reach
    counts = sorted({max(1, round(reach * k / LOADS * N)) for k in range(1, LOADS + 1)})
    counts = [P for P in counts if P <= c.MAX_RANDOM_PATTERNS]
    beside = inputs.beside and inputs.rule != "modern"
    rules = [inputs.rule, "modern"] if beside else [inputs.rule]
    calls = [
        (N, P, one, noise, seed, inputs.beta)
        for seed in range(first, first + inputs.seeds)
        for one in rules
        for P in counts
    ]
    return calls, rules


def compute_points(calls: list[Call]) -> list[tuple[str, CapacityPoint]]:
    """Compute rule and point of each call, fewer where that takes longer than an answer may."""
    late, found = monotonic() + PATIENCE, []
    for call in calls:
        found.append((call[2], point(*call)))
        if monotonic() > late:
            break
    return found


def capacity(inputs: Inputs) -> Board:
    """Show the recall rate against the load at the first `points` points."""
    calls, rules = plan(inputs)
    found = compute_points(calls[: inputs.points])
    done = len(found)
    curves = [curve(rule, [p for r, p in found if r == rule], k) for k, rule in enumerate(rules)]
    chart = b.chart(
        b.word("capacity_of", n=str(inputs.units), noise=f"{100 * inputs.noise:.0f}"),
        [one for one in curves if one["y"]],
        x="P / N",
        y=b.word("rate"),
        rules=[{"x": c.ALPHA_C, "label": b.word("alpha_c")}],
        low=0,
        high=1.1,  # room for the theory's label above the curves
        x_range=(0, inputs.reach),
        width=680,
        height=320,
    )
    note = b.text(b.word("band_note", n=str(inputs.seeds)), size="wide")
    results = facts(found, rules) if done == len(calls) else []  # none before the end
    after = min(len(calls), done + max(1, BATCH // inputs.units))
    return {
        "frames": [b.frame(b.column(chart, note, gap="mid"), "", results)],
        "facts": [],
        "checks": [recount_law(found or [(calls[0][2], point(*calls[0]))], inputs)],
        "values": {},
        "turn": turn(inputs),
        "limits": {"noise": {"max": MOST_NOISE}},
        "more": {"input": "points", "next": after, "done": done, "of": len(calls)},
        "without": [] if "modern" in rules else ["beta"],
        "tables": table(found),
    }


def turn(inputs: Inputs) -> Turn:
    """Return the exercise: how many pictures the theory's load means at this size."""
    blank = b.blank(b.word("pictures"), [int(c.ALPHA_C * inputs.units)], "ink", "")
    return {"ask": b.word("turn_capacity", N=str(inputs.units)), "frame": 0, "blanks": [blank]}


def curve(rule: str, found: list[CapacityPoint], k: int) -> Series:
    """Return the mean recall rate over the seeds, from the lowest to the highest as a band."""
    loads = sorted({p["load"] for p in found})
    rates = [[p["rate"] for p in found if p["load"] == load] for load in loads]
    return b.series(
        b.word(f"option.{rule}"),
        [float(np.mean(r)) for r in rates],
        ("grad", "made")[k],
        x=loads,
        band=([min(r) for r in rates], [max(r) for r in rates]),
    )


def facts(found: list[tuple[str, CapacityPoint]], rules: list[str]) -> list[Fact]:
    """Return for each rule the largest load up to which at least half is recalled."""
    out = []
    for rule in rules:
        loads = sorted({p["load"] for r, p in found if r == rule})
        mean = {
            x: np.mean([p["rate"] for r, p in found if r == rule and p["load"] == x]) for x in loads
        }
        half = next((x for x in loads if mean[x] < 0.5), None)
        if loads:
            label = b.word("half_at", rule=b.word(f"option.{rule}"))
            out.append(
                b.fact(
                    label, b.word("never", x=f"{loads[-1]:.2f}") if half is None else f"{half:.3f}"
                )
            )
    return out


def recount_law(found: list[tuple[str, CapacityPoint]], inputs: Inputs) -> Law:
    """Return the law that torch counts the same rates, over the first seed's smaller points."""
    again = [
        (rule, p)
        for rule, p in found
        if p["seed"] == inputs.seed and p["N"] * p["P"] <= RECOUNTED and p["P"] <= p["N"]
    ]
    same = [recount(p["N"], p["P"], rule, inputs.noise, p["seed"], inputs.beta) == p["rate"]
            for rule, p in again]  # fmt: skip
    return b.law(b.word("law_recount"), sum(same), len(same))


@lru_cache(maxsize=1024)
def recount(N: int, P: int, rule: str, noise: float, seed: int, beta: float) -> float:
    """Compute the rate of a point again, with torch."""
    rng = np.random.default_rng(seed)
    X = rng.choice([-1.0, 1.0], size=(P, N))  # (P, N), drawn as `capacity_point` draws
    flips = rng.permuted(np.tile(np.arange(N) < round(noise * N), (P, 1)), axis=1)  # (P, N)
    return check.recall_rate(X, np.where(flips, -X, X), rule, beta, c.RECALLED)


def table(found: list[tuple[str, CapacityPoint]]) -> dict[str, list]:
    """Return the computed points for CSV and JSON."""
    columns = ("N", "P", "load", "seed", "rate", "exact")
    rows = [[rule, *(p[k] for k in columns)] for rule, p in found]
    return {"capacity": [["rule", *columns], *rows]}
