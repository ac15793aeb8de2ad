"""Map where recalls of a Hopfield network end: over the noise of the start, and from every state.

    own        the pattern that the start was made from       other      another stored pattern
    negative   the negative of any stored pattern             spurious   any other fixed point

`map_noise` spoils each pattern by more and more noise and counts these ends; the cells that a
smaller noise flips are among those of a larger one. `landscape` goes through all 2^N states of a
small net: which of them are fixed points, and how many states end in each (its basin). Units are
updated one at a time, in the order 0 to N−1; another order draws the borders a little elsewhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.inputs import InputError, array, integer, spins
from core.models.hopfield.capacity import recall_batch
from core.models.hopfield.hopfield_traces import Landscape, NoiseMap
from core.models.hopfield.modern import MAX_PATTERNS, MAX_UNITS
from core.models.hopfield.network import MAX_SEED, ZERO, energy

MOST_TRIES = 100
MOST_UNITS = 16  # 65,536 states
ENDS = ("own", "other", "negative", "spurious")


def map_noise(
    patterns: Any, W: np.ndarray, shares: Any, tries: Any = 40, seed: Any = 0
) -> NoiseMap:
    """Count where recalls end that start from each pattern under more and more noise.

    Args:
        patterns: P x N of -1 and 1.
        W: symmetric weights (N, N) with no W_ii < 0.
        shares: (Q,) of the cells to flip, each 0 to 1, rounded to whole cells.
        tries: draws of the flipped cells, 1 to 100, the same for all patterns.
        seed: 0 to 2³¹−1.

    Returns:
        The share of each end, (P, Q) each, beside the cells that were flipped.

    Raises:
        InputError: naming the argument that was refused.
    """
    X = spins("patterns", patterns, ((1, MAX_PATTERNS), (2, MAX_UNITS)))  # (P, N)
    P, N = X.shape
    shares = array("shares", shares, ((1, 64),), bound=1.0)  # (Q,)
    rng = np.random.default_rng(integer("seed", seed, 0, MAX_SEED))
    rank = np.array([rng.permutation(N) for _ in range(integer("tries", tries, 1, MOST_TRIES))])
    counts = np.round(np.abs(shares) * N).astype(int)  # (Q,)
    flips = rank[:, None] < counts[:, None]  # (tries, Q, N)
    starts = np.where(flips, -X[:, None, None], X[:, None, None])  # (P, tries, Q, N)
    ends = recall_batch(W, starts.reshape(-1, N)).reshape(starts.shape)
    same = ends @ X.T / N  # (P, tries, Q, P): overlaps with all patterns
    own = np.array([same[p, ..., p] == 1 for p in range(P)])  # (P, tries, Q)
    found = {
        "own": own,
        "other": (same == 1).any(axis=3) & ~own,
        "negative": (same == -1).any(axis=3) & ~(same == 1).any(axis=3),
        "spurious": (np.abs(same) < 1).all(axis=3),
    }
    ended = {name: there.mean(axis=1) for name, there in found.items()}  # (P, Q)
    one = np.array([there[:, 0] for there in found.values()])  # (4, P, Q)
    return {
        "flipped": counts,
        "rank": rank,
        "ends": ended,
        "first": ends[:, 0].astype(int),
        "kind": np.array(list(found))[one.argmax(axis=0)],
    }


def all_states(N: int) -> np.ndarray:
    """List all 2^N states of ±1, (2^N, N), the first unit changing fastest."""
    return 2 * (np.arange(2**N)[:, None] >> np.arange(N) & 1) - 1


def landscape(W: Any) -> Landscape:
    """Go through all states of a small net: its fixed points, and how many states end in each.

    Args:
        W: symmetric weights (N, N) with no W_ii < 0, N from 2 to 16.

    Returns:
        The fixed points, the deepest first, with energies and basins, and all energies.

    Raises:
        InputError: where N is too large.
    """
    W = np.asarray(W, dtype=float)
    N = len(W)
    if not 2 <= N <= MOST_UNITS:
        raise InputError("shape", field="W", got=N, allowed=f"2-{MOST_UNITS}")
    states = all_states(N)  # (2^N, N)
    fields = states @ W
    fixed = states[(fields * states >= -ZERO).all(axis=1)]  # (F, N)
    ends = recall_batch(W, states)
    code = 1 << np.arange(N)
    place, count = np.unique((ends > 0) @ code, return_counts=True)
    size = dict(zip(place.tolist(), count.tolist()))
    basins = np.array([size.get(int(k), 0) for k in (fixed > 0) @ code])
    energies = np.array([energy(W, s) for s in fixed])
    order = np.lexsort((-basins, np.round(energies, 9)))
    return {
        "fixed": fixed[order],
        "energies": energies[order],
        "basins": basins[order],
        "states": len(states),
    }
