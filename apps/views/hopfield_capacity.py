"""Capacity: the recall rate against the load, point by point while the page asks for more."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from apps.stage import board as b
from core.inputs import boolean, choice, integer, number
from core.models import capacity as c
from core.models.hopfield import RULES, recall

UNITS = (32, 64, 100, 128, 256)
LOADS = 15
REACHES = (0.3, 0.6, 1.2, 2.0)
BATCH_COST = 4e7  # flips looked at in one answer, about a fifth of a second

point = lru_cache(maxsize=8192)(c.capacity_point)


def plan(inputs: dict[str, Any]) -> tuple[list[tuple], dict[str, Any]]:
    """Return the points in the order they are computed, each a call of `capacity_point`.

    Seed by seed, so that the curve is there early and its band grows.
    """
    N = integer("units", inputs.get("units", 64), 2, 256)
    rule = choice("rule", inputs.get("rule", "hebb"), RULES)
    noise = number("noise", inputs.get("noise", 0.1), 0, 0.5)
    seeds = integer("seeds", inputs.get("seeds", 5), 1, 10)
    first = integer("seed", inputs.get("seed", 0), 0, 2**31 - 1 - 10)
    reach = number("reach", inputs.get("reach", 0.3), 0.05, 2)
    beta = number("beta", inputs.get("beta", 1.0), *c.BETA)
    beside = boolean("beside", inputs.get("beside", False))
    counts = sorted({max(1, round(reach * k / LOADS * N)) for k in range(1, LOADS + 1)})
    counts = [P for P in counts if P <= c.MAX_RANDOM_PATTERNS]
    rules = [rule, "modern"] if beside and rule != "modern" else [rule]
    calls = [
        (N, P, one, noise, seed, beta)
        for seed in range(first, first + seeds)
        for one in rules
        for P in counts
    ]
    told = {"N": N, "rules": rules, "noise": noise, "seeds": seeds, "reach": reach}
    return calls, told


def batch(call: tuple) -> int:
    """Return how many points like this one fit into one answer."""
    N, P, *_ = call
    return max(1, int(BATCH_COST / (N * N * max(P, 8) * 3)))


def view(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of the first `points` points, and where to go on."""
    calls, told = plan(inputs)
    done = min(integer("points", inputs.get("points", 0), 0, 10_000), len(calls))
    found = [(call[2], point(*call)) for call in calls[:done]]
    curves = [curve(rule, [p for r, p in found if r == rule], k) for k, rule in enumerate(told["rules"])]
    chart = b.chart(
        b.word("capacity_of", n=str(told["N"]), noise=f"{100 * told['noise']:.0f}"),
        [one for one in curves if one["y"]],
        x="P / N",
        y=b.word("rate"),
        rules=[{"x": c.ALPHA_C, "label": b.word("alpha_c")}],
        low=0,
        high=1,
        x_range=(0, told["reach"]),
        width=680,
        height=320,
    )
    note = b.text(b.word("band_note", n=str(told["seeds"])), size="note")
    after = min(len(calls), done + batch(calls[min(done, len(calls) - 1)]))
    first = next((p for r, p in found if r != "modern"), None)
    return {
        "frames": [b.frame(b.column(chart, note), "", facts(found, told))],
        "facts": [],
        "checks": [recounted(first, told["noise"], calls[0][2])] if first else [],
        "values": {},
        "more": {"input": "points", "next": after, "done": done, "of": len(calls)},
        "without": [] if "modern" in told["rules"] else ["beta"],
        "found": found,
    }


def curve(rule: str, found: list[dict], k: int) -> dict:
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


def facts(found: list[tuple[str, dict]], told: dict) -> list[dict]:
    """Return for each rule the largest load up to which at least half is recalled."""
    out = []
    for rule in told["rules"]:
        loads = sorted({p["load"] for r, p in found if r == rule})
        mean = {x: np.mean([p["rate"] for r, p in found if r == rule and p["load"] == x]) for x in loads}
        half = next((x for x in loads if mean[x] < 0.5), None)
        if loads:
            label = b.word("half_at", rule=b.word(f"option.{rule}"))
            out.append(b.fact(label, b.word("never", x=f"{loads[-1]:.2f}") if half is None else f"{half:.3f}"))
    return out


def recounted(found: dict, noise: float, rule: str) -> dict:
    """Return the law that one probe after another gives the rate of the batch."""
    return b.law(b.word("law_recount", p=str(found["P"])), *recount(found["N"], found["P"], rule, noise, found["seed"]))


@lru_cache(maxsize=256)
def recount(N: int, P: int, rule: str, noise: float, seed: int) -> tuple[int, int]:
    """Return (agreeing counts, 1): the first point again, probe by probe with `hopfield.recall`."""
    rng = np.random.default_rng(seed)
    X = rng.choice([-1.0, 1.0], size=(P, N))
    flips = rng.permuted(np.tile(np.arange(N) < round(noise * N), (P, 1)), axis=1)
    probes = np.where(flips, -X, X)
    ends = [
        recall(X, s, rule, "sequential", max_steps=c.MAX_SWEEPS)["states"][-1] @ x / N
        for x, s in zip(X, probes)
    ]
    again = float(np.mean(np.array(ends) >= c.RECALLED))
    return int(again == point(N, P, rule, noise, seed, 1.0)["rate"]), 1


def table(found: list[tuple[str, dict]]) -> dict[str, list]:
    """Return the computed points for CSV and JSON."""
    return {
        "capacity": [
            [rule, *(p[k] for k in ("N", "P", "load", "seed", "rate", "exact"))] for rule, p in found
        ]
    }
