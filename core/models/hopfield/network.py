"""The Hopfield network: patterns written into weights by a formula, recalled by going downhill.

    stored         X (P, N), a pattern x_μ a row, entries ±1;  state s (N,), entries ±1
    Hebb           W = XᵀX / N
    Storkey        for each ξ in turn:  W_ij += (ξ_i ξ_j − ξ_i h_ji − h_ij ξ_j) / N
                   h_ij = Σ_{k≠i,j} W_ik ξ_k
    pseudo-inverse W = X⁺X, the projection onto the span of the patterns
    field          h = W s
    update         s_i ← sign(h_i);  a unit whose field is zero stays as it is
    energy         E = −½ sᵀWs
    overlap        m_μ = x_μ·s / N

All three W are symmetric. So updating one unit at a time never raises E while no W_ii is negative
(Hebb and pseudo-inverse always; Storkey once the diagonal is zeroed), and updating all units at
once ends in a fixed point or a two-cycle (Goles, Fogelman & Pellegrin 1985), though E may rise.
With W = X⁺X every stored pattern is a fixed point, also with the diagonal zeroed: the field is
then (1 − W_ii) x_i and 0 ≤ W_ii ≤ 1. So the sign stays, and where W_ii = 1 the unit stays too.

Papers: Hopfield 1982, PNAS 79, 2554; Storkey 1997, ICANN, 451; Personnaz, Guyon & Dreyfus 1985,
J. Physique Lett. 46, 359; the rule "modern" is in core.models.hopfield.modern. We deviate in this:
no thresholds, and a field below `ZERO` counts as zero: 0.1 + 0.2 − 0.3 is no zero in floats.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import Any, Literal, cast

import numpy as np

from core.inputs import boolean, choice, integer, number, spins
from core.models.hopfield.hopfield_traces import Course, Fixed, Options, Path, Recall
from core.models.hopfield.modern import BETA, MAX_PATTERNS, MAX_UNITS, settle_modern

ZERO = 1e-10  # a smaller field counts as zero
MAX_STEPS = 1000
MAX_FLIPS = 2048  # a trace ends here; only a negative diagonal can make one this long
MAX_SEED = 2**31 - 1
UPDATES = ("sync", "async", "sequential")


def hebb(X: np.ndarray, zero_diagonal: bool = True) -> np.ndarray:
    """Compute Hebb's weights XᵀX / N, (N, N), of patterns X (P, N) of ±1 (Hopfield 1982)."""
    P, N = X.shape
    W = X.T @ X / N  # (N, N)
    if zero_diagonal:
        np.fill_diagonal(W, 0)
    return W


def storkey(X: np.ndarray, zero_diagonal: bool = True) -> np.ndarray:
    """Compute Storkey's weights (N, N) of patterns X (P, N) of ±1, in order (Storkey 1997)."""
    P, N = X.shape
    W = np.zeros((N, N))
    for xi in X:
        h = local_fields(W, xi)  # (N, N)
        W += (np.outer(xi, xi) - xi[:, None] * h.T - h * xi) / N
    if zero_diagonal:
        np.fill_diagonal(W, 0)
    return W


def local_fields(W: np.ndarray, xi: np.ndarray) -> np.ndarray:
    """Compute h_ij = Σ_{k≠i,j} W_ik ξ_k, (N, N): the field at i without the parts of i and j."""
    parts = W * xi  # (N, N): W_ik ξ_k
    np.fill_diagonal(parts, 0)  # k ≠ i
    return parts.sum(axis=1, keepdims=True) - parts  # k ≠ j


def pseudoinverse(X: np.ndarray, zero_diagonal: bool = True) -> np.ndarray:
    """Compute the projection X⁺X, (N, N), of patterns X (P, N) of ±1 (Personnaz et al. 1985)."""
    W = np.linalg.pinv(X, rcond=1e-10) @ X  # (N, N); rcond: repeated patterns are no new direction
    if zero_diagonal:
        np.fill_diagonal(W, 0)
    return W


WEIGHTS = {"hebb": hebb, "storkey": storkey, "pseudoinverse": pseudoinverse}
RULES = (*WEIGHTS, "modern")


def fields(W: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Compute the fields h = W s, (N,), of a state s (N,): how far each unit is pulled up."""
    return W @ s


def energy(W: np.ndarray, s: np.ndarray) -> float:
    """Compute the energy E = −½ sᵀWs of one state s (N,) under weights W (N, N)."""
    return float(-0.5 * s @ W @ s)


def overlaps(X: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Compute the overlaps m_μ = x_μ·s / N, (P,), of a state with patterns X (P, N).

    Each is in [-1, 1]; 1 is the pattern, -1 its negative.
    """
    return X @ s / len(s)


def signs(h: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Apply the sign rule: sign(h), and the old s where the field h is zero; any shape."""
    return np.where(np.abs(h) < ZERO, s, np.sign(h))


def update_all(W: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Update all units of a state (N,) at once (synchronous update)."""
    return signs(fields(W, s), s)


def update_one(W: np.ndarray, s: np.ndarray, i: int) -> np.ndarray:
    """Update unit i of a state (N,) alone (asynchronous update); the others stay."""
    new = s.copy()
    new[i] = signs(W[i] @ s, s[i])
    return new


def settle_sync(W: np.ndarray, s: np.ndarray, max_steps: int) -> Path:
    """Update all units at once until a state comes back: at once, or after two steps.

    Args:
        W: weights (N, N).
        s: the first state (N,) of ±1.
        max_steps: most updates.

    Returns:
        The path; a fixed point stands in it once, a two-cycle ends it with a, b, a.
    """
    states, steps = [s], 0
    while steps < max_steps:
        steps += 1
        new = update_all(W, states[-1])
        if np.array_equal(new, states[-1]):
            break
        states.append(new)
        if len(states) > 2 and np.array_equal(new, states[-3]):
            break
    return {"states": states, "flips": [None] * len(states), "steps": steps}


def settle_one_by_one(
    W: np.ndarray, s: np.ndarray, max_sweeps: int, rng: np.random.Generator | None = None
) -> Path:
    """Update a unit at a time, sweep by sweep, until a whole sweep flips none.

    Args:
        W: weights (N, N).
        s: the first state (N,).
        max_sweeps: most sweeps.
        rng: gives each sweep a fresh order; without it the order is 0 to N−1.

    Returns:
        The path; each state differs from the last one in one unit.
    """
    N = len(s)
    states, steps = [s], 0
    flips: list[int | None] = [None]
    for _ in range(max_sweeps):
        before = len(states)
        for i in range(N) if rng is None else rng.permutation(N):
            new = update_one(W, states[-1], i)
            steps += 1
            if new[i] != states[-1][i]:
                states.append(new)
                flips.append(int(i))
        if len(states) == before or len(states) > MAX_FLIPS:
            break
    return {"states": states, "flips": flips, "steps": steps}


def name_state(X: np.ndarray, s: np.ndarray) -> tuple[Fixed, int | None]:
    """Name a fixed point (N,): "stored" x_μ or "negative" −x_μ with μ, else "spurious", None."""
    for sign in (1, -1):
        same = np.flatnonzero((sign * X == s).all(axis=1))
        if len(same):
            return "stored" if sign > 0 else "negative", int(same[0])
    return "spurious", None


def mixture(s: np.ndarray, X: np.ndarray) -> list[list[int]] | None:
    """Find the odd mixture sign(±x_a ± x_b ± x_c) that a state is, if any (a mixture state).

    Args:
        s: state (N,) of ±1.
        X: patterns (P, N) of ±1; mixtures of five are tried only when P ≤ 9.

    Returns:
        [[index, sign], …] of the first mixture found, those of three before those of five, or None.

    Source: Amit, Gutfreund & Sompolinsky 1985, Phys. Rev. A 32, 1007.
    """
    m = overlaps(X, s)  # (P,)
    most = 5 if len(X) <= 9 else 3
    for size in range(3, min(most, len(X)) + 1, 2):
        members = np.array(list(combinations(range(len(X)), size)))  # (C, size)
        for sign in product((1, -1), repeat=size):
            # every unit of a mixture sides with most of its members: their overlaps sum to ≥ 1
            for group in members[m[members] @ sign > 1 - ZERO]:
                if np.array_equal(np.sign(sign @ X[group]), s):
                    return [[int(a), e] for a, e in zip(group, sign)]
    return None


def recall(
    patterns: Any,
    probe: Any,
    rule: Any = "hebb",
    update: Any = "async",
    seed: Any = 0,
    beta: Any = 1.0,
    max_steps: Any = 100,
    zero_diagonal: Any = True,
) -> Recall:
    """Store patterns, start from the probe, and update until nothing moves.

    Args:
        patterns: P x N of -1 and 1; P 1 to 64, N 2 to 256.
        probe: N of -1 and 1, the first state.
        rule: "hebb", "storkey", "pseudoinverse" or "modern".
        update: "sync" (all units at once), "async" (one at a time, a new random order each sweep)
            or "sequential" (one at a time, 0 to N−1). The modern rule moves all at once always.
        seed: 0 to 2³¹−1, draws the orders of "async".
        beta: inverse temperature of the modern rule, 0.01 to 100; null for another rule.
        max_steps: most sweeps, or most updates where all units move at once, 1 to 1000.
        zero_diagonal: whether no unit hears itself; not used by the modern rule.

    Returns:
        All states and energies, weights, flips, the options as given, and the end: "stored",
        "negative" or "spurious" (fixed points), "cycle" (of two), or "limit" (of max_steps).
        A spurious end that mixes three or five patterns has them in `mixture`.

    Raises:
        InputError: naming the argument that was refused.
    """
    X = spins("patterns", patterns, ((1, MAX_PATTERNS), (2, MAX_UNITS)))  # (P, N)
    s = spins("probe", probe, (X.shape[1],))  # (N,)
    options: Options = {
        "rule": choice("rule", rule, RULES),
        "update": choice("update", update, UPDATES),
        "seed": integer("seed", seed, 0, MAX_SEED),
        "beta": 1.0 if beta is None and rule != "modern" else number("beta", beta, *BETA),
        "max_steps": integer("max_steps", max_steps, 1, MAX_STEPS),
        "zero_diagonal": boolean("zero_diagonal", zero_diagonal),
    }
    course = (recall_modern if rule == "modern" else recall_classic)(X, s, options)
    last = course["states"][-1]
    found = {"match": None, "mixture": None, "overlaps": overlaps(X, last)}
    trace = cast(Recall, {**course, **options, **found})
    if trace["end"] == "fixed":
        trace["end"], trace["match"] = name_state(X, last)
    if trace["end"] == "spurious":
        trace["mixture"] = mixture(last, X)
    return trace


def recall_classic(X: np.ndarray, s: np.ndarray, options: Options) -> Course:
    """Recall from s (N,) with weights W; it ends "fixed", "cycle" or "limit"."""
    W = WEIGHTS[options["rule"]](X, options["zero_diagonal"])  # (N, N)
    if options["update"] == "sync":
        path = settle_sync(W, s, options["max_steps"])
    else:
        rng = np.random.default_rng(options["seed"]) if options["update"] == "async" else None
        path = settle_one_by_one(W, s, options["max_steps"], rng)
    states = np.array(path["states"])  # (K+1, N)
    end: Literal["fixed", "cycle", "limit"] = "limit"
    if np.array_equal(update_all(W, states[-1]), states[-1]):
        end = "fixed"
    elif options["update"] == "sync" and (states[-1] == states[:-2]).all(axis=1).any():
        end = "cycle"
    return {
        "states": states.astype(int),
        "flips": path["flips"],
        "steps": path["steps"],
        "energies": np.array([energy(W, s) for s in states]),
        "end": end,
        "W": W,
        "continuous": None,
        "weights": None,
    }


def recall_modern(X: np.ndarray, s: np.ndarray, options: Options) -> Course:
    """Recall from s (N,) by the modern rule; it ends "fixed" or "limit"."""
    path = settle_modern(X, s, options["beta"], options["max_steps"])
    states = [s]
    for xi in path["continuous"][1:]:
        states.append(signs(xi, states[-1]))  # (N,)
    return {
        "states": np.array(states).astype(int),
        "energies": path["energies"],
        "flips": [None] * len(states),
        "end": "fixed" if path["settled"] else "limit",
        "steps": len(states) - 1,
        "W": None,
        "continuous": path["continuous"],
        "weights": path["weights"],
    }
