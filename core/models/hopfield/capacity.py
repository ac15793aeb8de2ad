"""Measure how many patterns a Hopfield network holds: random ones, spoiled, recalled in a batch.

    load        α = P / N;  Hebb's rule holds up to α_c = 0.138 for large N
    recalled    the end state s has overlap x_μ·s / N ≥ 0.97 with the pattern x_μ it started near

Paper: Amit, Gutfreund & Sompolinsky 1985, Phys. Rev. Lett. 55, 1530. At α_c they find the overlap
0.967, so our 0.97 asks for hardly more than the theory's worst recall; the stricter "exact" (every
cell right) is counted beside it. At small N the fall is smeared out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.inputs import InputError, array, choice, integer, number
from core.models.hopfield.hopfield_traces import CapacityPoint
from core.models.hopfield.modern import BETA, STILL, modern_step
from core.models.hopfield.network import MAX_SEED, RULES, WEIGHTS, ZERO, signs

ALPHA_C = 0.138  # Amit, Gutfreund & Sompolinsky 1985
RECALLED = 0.97  # the overlap from which a pattern counts as recalled
MAX_SWEEPS = 50
UNITS = (2, 256)
MAX_RANDOM_PATTERNS = 512


def recall_batch(
    W: np.ndarray, probes: np.ndarray, order: np.ndarray | None = None, max_sweeps: int = MAX_SWEEPS
) -> np.ndarray:
    """Recall many probes at once, a unit at a time, sweep by sweep, until none of them moves.

    Args:
        W: symmetric weights (N, N).
        probes: first states (B, N) of ±1.
        order: the order of the units in every sweep, (N,); 0 to N−1 if not given.
        max_sweeps: most sweeps.

    Returns:
        The end states (B, N), the same as one by one with `network.settle_one_by_one`.
    """
    order = np.arange(len(W)) if order is None else np.asarray(order)
    W = W[np.ix_(order, order)]  # (N, N), the units in the order of their turns
    S = np.asarray(probes, dtype=float)[:, order]  # (B, N)
    moving = np.arange(len(S))  # the probes that flipped a unit in the last sweep
    for _ in range(max_sweeps):
        s = S[moving]  # (b, N)
        h = s @ W  # (b, N), afresh each sweep, so that rounding does not add up
        for i in range(len(W)):
            flipped = np.flatnonzero(h[:, i] * s[:, i] < -ZERO)  # field against state
            s[flipped, i] *= -1
            later = h[:, i + 1 :]  # (b, N-i-1), a view: the fields still to be asked for
            later[flipped] += 2 * s[flipped, i, None] * W[i, i + 1 :]
        moved = (s != S[moving]).any(axis=1)
        S[moving] = s
        moving = moving[moved]
        if len(moving) == 0:
            break
    ends = np.empty_like(S)
    ends[:, order] = S
    return ends


def recall_modern_batch(X: np.ndarray, probes: np.ndarray, beta: float) -> np.ndarray:
    """Recall many probes at once by the modern rule (Ramsauer et al. 2021).

    Args:
        X: stored patterns (P, N) of ±1.
        probes: first states (B, N) of ±1.
        beta: inverse temperature > 0.

    Returns:
        The signs (B, N) of the states that it settles in, after at most `MAX_SWEEPS` updates.
    """
    xi = probes
    for _ in range(MAX_SWEEPS):
        old, xi = xi, modern_step(X, xi, beta)  # (B, N)
        if np.abs(xi - old).max() < STILL:
            break
    return signs(xi, probes)


def capacity_point(
    N: Any, P: Any, rule: Any = "hebb", noise: Any = 0.1, seed: Any = 0, beta: Any = 1.0
) -> CapacityPoint:
    """Store P random patterns, start from each with some cells flipped, count the recalls.

    Args:
        N: units, 2 to 256.
        P: patterns, 1 to 512.
        rule: "hebb", "storkey", "pseudoinverse" (zero diagonal) or "modern".
        noise: the fraction of cells flipped in each probe, 0 to 0.5, rounded to whole cells.
        seed: 0 to 2³¹−1, draws patterns and flips.
        beta: inverse temperature of the modern rule, 0.01 to 100.

    Returns:
        The share of patterns recalled with overlap ≥ 0.97, and with every cell right, beside N,
        P, load and seed.

    Raises:
        InputError: naming the argument that was refused.
    """
    N, P = integer("N", N, *UNITS), integer("P", P, 1, MAX_RANDOM_PATTERNS)
    rule, noise = choice("rule", rule, RULES), number("noise", noise, 0, 0.5)
    seed, beta = integer("seed", seed, 0, MAX_SEED), number("beta", beta, *BETA)
    rng = np.random.default_rng(seed)
    X = rng.choice([-1.0, 1.0], size=(P, N))  # (P, N)
    flips = rng.permuted(np.tile(np.arange(N) < round(noise * N), (P, 1)), axis=1)  # (P, N)
    probes = np.where(flips, -X, X)  # (P, N)
    if rule == "modern":
        ends = recall_modern_batch(X, probes, beta)  # (P, N)
    else:
        ends = recall_batch(WEIGHTS[rule](X), probes)  # (P, N)
    m = (X * ends).sum(axis=1) / N  # (P,)
    return {
        "N": N,
        "P": P,
        "load": P / N,
        "seed": seed,
        "rate": float((m >= RECALLED).mean()),
        "exact": float((m == 1).mean()),
    }


def capacity(
    N: Any, loads: Any, rule: Any = "hebb", noise: Any = 0.1, seeds: Any = (0,), beta: Any = 1.0
) -> Iterator[CapacityPoint]:
    """Yield a `capacity_point` for each load and seed, seeds inside loads.

    Args:
        N: units, 2 to 256.
        loads: up to 64 loads α = P / N, each > 0; P is rounded, at least 1, at most 512.
        rule: as in `capacity_point`.
        noise: as in `capacity_point`.
        seeds: up to 64 seeds.
        beta: as in `capacity_point`.

    Raises:
        InputError: naming the argument that was refused, before the first point.
    """
    N = integer("N", N, *UNITS)
    loads = array("loads", loads, ((1, 64),), bound=MAX_RANDOM_PATTERNS / N)
    if loads.min() <= 0:
        at = int(loads.argmin())
        raise InputError(
            "number",
            field=f"loads[{at}]",
            got=loads[at],
            low="above 0",
            high=MAX_RANDOM_PATTERNS / N,
        )
    drawn = [integer("seeds", s, 0, MAX_SEED) for s in array("seeds", seeds, ((1, 64),), MAX_SEED)]
    for load in loads:
        for seed in drawn:
            yield capacity_point(N, max(1, round(load * N)), rule, noise, seed, beta)
