"""The Hopfield nets once more in plain numpy, for what the lesson's claims are held against."""

import numpy as np

from apps.lessons.hopfield.inputs import Inputs
from apps.stage.declare import parse
from core.models.hopfield import letters
from tests.tab_case import TabCase

CASE = TabCase("hopfield")


def settings(scene):
    """Return the inputs of a scene's preset."""
    return parse(Inputs, CASE.scenes[scene - 1]["inputs"])


def stored(scene):
    """Return the stored patterns of a scene's preset, (P, N)."""
    chosen = settings(scene)
    return letters.patterns(chosen.set, chosen.rows, chosen.cols, chosen.keys).astype(float)


def hebb(X, diagonal=False):
    """Return Hebb's weights of patterns (P, N)."""
    W = np.einsum("pi,pj->ij", X, X) / X.shape[1]
    return W if diagonal else W * (1 - np.eye(len(W)))


def storkey(X):
    """Return Storkey's weights, by the sums of the paper."""
    N = X.shape[1]
    W = np.zeros((N, N))
    for x in X:
        h = np.empty((N, N))
        for i in range(N):
            for j in range(N):
                h[i, j] = W[i] @ x - W[i, i] * x[i] - (W[i, j] * x[j] if i != j else 0)
        W = W + (np.outer(x, x) - x[:, None] * h.T - h * x) / N
    return W * (1 - np.eye(N))


def pseudoinverse(X):
    """Return the projection onto the patterns' span, its diagonal zeroed."""
    W = np.linalg.pinv(X) @ X
    return W * (1 - np.eye(len(W)))


def energy(W, s):
    """Return −½ sᵀWs."""
    return float(-np.einsum("i,ij,j", s, W, s) / 2)


def one_by_one(W, s, seed):
    """Return every state of an update a cell at a time, in a fresh random order each sweep."""
    rng, states, moved = np.random.default_rng(seed), [s.copy()], True
    while moved:
        moved = False
        for i in rng.permutation(len(s)):
            h = float(W[i] @ states[-1])
            if h * states[-1][i] < -1e-10:
                new = states[-1].copy()
                new[i] = -new[i]
                states.append(new)
                moved = True
    return states


def mixed(X, members, signs):
    """Return the majority vote of some patterns, each with a sign."""
    return np.sign(sum(sign * X[k] for k, sign in zip(members, signs)))


def end_of(X, s):
    """Return ("stored", p), ("negative", p) or ("spurious", None) for a state."""
    for name, sign in (("stored", 1), ("negative", -1)):
        for p, x in enumerate(X):
            if np.array_equal(sign * x, s):
                return name, p
    return "spurious", None


def valleys(W, states):
    """Return the states from which no single flip lowers the energy."""
    change = 2 * states * (states @ W)  # of E, by a flip of each cell (no diagonal)
    return states[(change > -1e-10).all(axis=1)]


def drawn(N, P, noise, seed):
    """Return random patterns and probes as the lesson draws them."""
    rng = np.random.default_rng(seed)
    X = rng.choice([-1.0, 1.0], size=(P, N))
    flips = rng.permuted(np.tile(np.arange(N) < round(noise * N), (P, 1)), axis=1)
    return X, np.where(flips, -X, X)


def rates(N, P, noise, seeds):
    """Return each seed's share of random pictures that Hebb's rule recalls (m ≥ 0.97)."""
    found = []
    for seed in seeds:
        X, S = drawn(N, P, noise, seed)
        W = hebb(X)
        for _ in range(50):
            before = S.copy()
            for i in range(N):
                h = S @ W[:, i]
                S[:, i] = np.where(np.abs(h) < 1e-10, S[:, i], np.sign(h))
            if np.array_equal(S, before):
                break
        found.append(((S * X).mean(axis=1) >= 0.97).mean())
    return found


def recalled(N, P, noise, seed, beta):
    """Return the share of random pictures that the modern rule recalls."""
    X, xi = drawn(N, P, noise, seed)
    for _ in range(50):
        scores = beta * xi @ X.T
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        xi = e / e.sum(axis=1, keepdims=True) @ X
    return ((np.sign(xi) * X).mean(axis=1) >= 0.97).mean()
