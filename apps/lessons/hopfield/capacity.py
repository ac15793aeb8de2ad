"""Capacity: the recall rate against the load, point by point while the page asks for more."""

from __future__ import annotations

from functools import lru_cache
from time import monotonic
from typing import Any

import numpy as np

from apps.stage import board as b
from core.inputs import boolean, choice, integer, number
from core.models.hopfield import capacity as c
from core.models.hopfield.network import RULES, recall

UNITS = (32, 64, 100, 128, 256)
LOADS = 15
REACHES = (0.3, 0.6, 1.2, 2.0)
PATIENCE = 3.0  # seconds
BATCH = 1000  # points times N in one answer, about a fifth of a second

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


def computed(calls: list[tuple]) -> list[tuple[str, dict]]:
    """Return rule and point of each call, fewer where they would take longer than an answer may."""
    late, found = monotonic() + PATIENCE, []
    for call in calls:
        found.append((call[2], point(*call)))
        if monotonic() > late:
            break
    return found


def view(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the board of the first `points` points, and where to go on."""
    calls, told = plan(inputs)
    found = computed(calls[: integer("points", inputs.get("points", 0), 0, 10_000)])
    done = len(found)
    curves = [
        curve(rule, [p for r, p in found if r == rule], k) for k, rule in enumerate(told["rules"])
    ]
    chart = b.chart(
        b.word("capacity_of", n=str(told["N"]), noise=f"{100 * told['noise']:.0f}"),
        [one for one in curves if one["y"]],
        x="P / N",
        y=b.word("rate"),
        rules=[{"x": c.ALPHA_C, "label": b.word("alpha_c")}],
        low=0,
        high=1.1,  # room for the theory's label above the curves
        x_range=(0, told["reach"]),
        width=680,
        height=320,
    )
    note = b.text(b.word("band_note", n=str(told["seeds"])), size="wide")
    told_of = facts(found, told) if done == len(calls) else []  # no result before the end
    after = min(len(calls), done + max(1, BATCH // told["N"]))
    return {
        "frames": [b.frame(b.column(chart, note, gap="mid"), "", told_of)],
        "facts": [],
        "checks": [recounted(calls)],
        "values": {},
        "limits": {"noise": {"max": 0.5}},
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


def recounted(calls: list[tuple]) -> dict:
    """Return the law that one probe after another gives the rate of the batch."""
    small = [call for call in calls if call[1] <= 12] or calls[:1]
    call = max((c for c in small if c[2] == calls[0][2]), key=lambda call: call[1])
    return b.law(
        b.word("law_recount", p=str(call[1])), int(recount(*call) == point(*call)["rate"]), 1
    )


@lru_cache(maxsize=256)
def recount(N: int, P: int, rule: str, noise: float, seed: int, beta: float) -> float:
    """Return the rate of a point again, probe by probe with `hopfield.recall`."""
    rng = np.random.default_rng(seed)
    X = rng.choice([-1.0, 1.0], size=(P, N))  # (P, N), drawn as `capacity_point` draws
    flips = rng.permuted(np.tile(np.arange(N) < round(noise * N), (P, 1)), axis=1)  # (P, N)
    probes = np.where(flips, -X, X)  # (P, N)
    m = [
        recall(X, s, rule, "sequential", beta=beta, max_steps=c.MAX_SWEEPS)["states"][-1] @ x / N
        for x, s in zip(X, probes)
    ]
    return float((np.array(m) >= c.RECALLED).mean())


def table(found: list[tuple[str, dict]]) -> dict[str, list]:
    """Return the computed points for CSV and JSON."""
    columns = ("N", "P", "load", "seed", "rate", "exact")
    rows = [[rule, *(p[k] for k in columns)] for rule, p in found]
    return {"capacity": [["rule", *columns], *rows]}
