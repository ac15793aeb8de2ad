"""The Hopfield networks computed once more by torch, in float64 and from the raw inputs.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest

AGAINST = {
    "hebb": "torch.outer",
    "storkey": "Storkey's sums in torch",
    "pseudoinverse": "torch.linalg.pinv",
}


def hopfield_delta(patterns: Any, rule: str, result: Mapping[str, Any]) -> Delta:
    """Compare the weights (modern: the attention) and energies of `network.recall` with torch."""
    import torch

    X = torch.tensor(np.asarray(patterns), dtype=torch.float64)  # (P, N)
    if rule == "modern":
        weights, energies = _torch_modern(X, result)
        pairs = ((weights, result["weights"]), (energies, result["energies"]))
        return delta_of((largest(*p) for p in pairs), "torch scaled_dot_product_attention")
    W, against = torch_weights(X, rule), AGAINST[rule]
    if result["zero_diagonal"]:
        W = W - torch.diag(torch.diag(W))
    S = torch.tensor(np.asarray(result["states"]), dtype=torch.float64)  # (K+1, N)
    energies = -torch.einsum("ki,ij,kj->k", S, W, S) / 2
    pairs = ((W, result["W"]), (energies, result["energies"]))
    return delta_of((largest(*p) for p in pairs), against)


def right_steps(patterns: Any, rule: str, result: Mapping[str, Any]) -> tuple[int, int]:
    """Count the updates of a recall that torch's weights make too, and all of its updates.

    The end counts as one more update: what stopped must stay, a cycle of two must come round.
    """
    import torch

    X = torch.tensor(np.asarray(patterns), dtype=torch.float64)  # (P, N)
    if rule == "modern":
        xi = torch.tensor(np.asarray(result["continuous"]), dtype=torch.float64)  # (K+1, N)
        attention = torch.nn.functional.scaled_dot_product_attention
        again = attention(xi[:-1], X, X, scale=result["beta"])
        return int(((again - xi[1:]).abs().amax(dim=1) < 1e-9).sum()), len(again)
    W = torch_weights(X, rule)
    W = W - torch.diag(torch.diag(W)) if result["zero_diagonal"] else W
    S = torch.tensor(np.asarray(result["states"]), dtype=torch.float64)  # (K+1, N)
    h = S @ W
    wanted = h.sign().where(h.abs() >= 1e-10, S)  # (K+1, N), each cell asked alone
    flipped = S[1:] != S[:-1]
    right = ((S[1:] == wanted[:-1]) | ~flipped).all(dim=1)  # what flipped follows its field
    if result["update"] == "sync":
        right = (S[1:] == wanted[:-1]).all(dim=1)
    else:
        right &= flipped.sum(dim=1) == 1
    if result["end"] == "limit":
        return int(right.sum()), len(right)
    last = S[-2] if result["end"] == "cycle" else S[-1]
    return int(right.sum()) + int((wanted[-1] == last).all()), len(right) + 1


def attention_delta(X: Any, xi: Any, beta: float, output: Any) -> Delta:
    """Compare one modern Hopfield update with torch's attention: query xi, keys and values X."""
    import torch

    keys = torch.tensor(np.asarray(X), dtype=torch.float64)  # (P, N)
    query = torch.tensor(np.asarray(xi), dtype=torch.float64)[None]  # (1, N)
    attention = torch.nn.functional.scaled_dot_product_attention
    again = attention(query, keys, keys, scale=beta)[0]  # (N,)
    return delta_of([largest(again, output)], "torch.nn.functional.scaled_dot_product_attention")


def ends_delta(patterns: Any, W: Any, rank: Any, flipped: Any, shares: Any) -> Delta:
    """Compare the share of recalls that come back, of `basins.map_noise`, counted again in torch.

    Args:
        patterns: (P, N) of ±1.
        W: weights (N, N).
        rank: (tries, N), a cell is flipped where it is below `flipped`.
        flipped: (Q,).
        shares: (P, Q), that came back by ours.
    """
    import torch

    X = torch.tensor(np.asarray(patterns), dtype=torch.float64)  # (P, N)
    order, counts = torch.tensor(np.asarray(rank)), torch.tensor(np.asarray(flipped))
    sign = torch.where(order[None] < counts[:, None, None], -1.0, 1.0).double()  # (Q, tries, N)
    starts = X[:, None, None] * sign  # (P, Q, tries, N)
    ends = _torch_settle(torch.as_tensor(np.asarray(W)), starts.reshape(-1, X.shape[1]))
    same = (ends.reshape(starts.shape) == X[:, None, None]).all(dim=3)
    return delta_of([largest(same.double().mean(dim=2), shares)], "torch")


def same_valleys(patterns: Any, rule: str, fixed: Any, energies: Any) -> int:
    """Count the fixed points of all states that torch finds too, at the same energy; else 0.

    Args:
        patterns: (P, N) of ±1, N up to 16.
        rule: "hebb", "storkey" or "pseudoinverse", the diagonal zero.
        fixed: (F, N) of ±1, all fixed points by ours.
        energies: (F,), theirs.
    """
    import torch

    X = torch.tensor(np.asarray(patterns), dtype=torch.float64)  # (P, N)
    W = torch_weights(X, rule)
    W = W - torch.diag(torch.diag(W))
    units = [torch.tensor([-1.0, 1.0], dtype=torch.float64)] * X.shape[1]
    states = torch.cartesian_prod(*units)  # (2^N, N)
    theirs = states[(states * (states @ W) > -1e-10).all(dim=1)]  # (F, N)
    found = {tuple(s.tolist()): float(-s @ W @ s / 2) for s in theirs}
    ours = {tuple(map(float, s)): float(E) for s, E in zip(np.asarray(fixed), energies)}
    if found.keys() != ours.keys():
        return 0
    return sum(abs(found[s] - E) < 1e-9 for s, E in ours.items())


def recall_rate(patterns: Any, probes: Any, rule: str, beta: float, bar: float) -> float:
    """Count with torch what share of probes (P, N) comes back to its pattern (P, N).

    Args:
        patterns: of ±1.
        probes: of ±1, one a pattern.
        rule: "hebb", "storkey", "pseudoinverse" (zero diagonal) or "modern".
        beta: inverse temperature of "modern".
        bar: the overlap from which a pattern counts as recalled.
    """
    import torch

    X = torch.tensor(np.asarray(patterns), dtype=torch.float64)  # (P, N)
    S = torch.tensor(np.asarray(probes), dtype=torch.float64)
    if rule == "modern":
        for _ in range(50):
            new = torch.softmax(beta * S @ X.T, dim=1) @ X
            still, S = (new - S).abs().max() < 1e-9, new
            if still:
                break
        ends = S.sign()
    else:
        W = torch_weights(X, rule)
        ends = _torch_settle(W - torch.diag(torch.diag(W)), S)
    return float(((ends * X).mean(dim=1) >= bar).double().mean())


def torch_weights(X: Any, rule: str) -> Any:
    """Compute the weights (N, N) of patterns X (P, N), the diagonal kept."""
    import torch

    if rule == "hebb":
        return sum(x.outer(x) for x in X) / X.shape[1]
    return _torch_storkey(X) if rule == "storkey" else torch.linalg.pinv(X, rtol=1e-10) @ X


def _torch_settle(W: Any, S: Any, most: int = 50) -> Any:
    """Update states (B, N) a unit at a time, 0 to N−1, each field summed afresh."""
    S = S.clone()
    for _ in range(most):
        before = S.clone()
        for i in range(S.shape[1]):
            h = S @ W[:, i]  # (B,)
            S[:, i] = h.sign().where(h.abs() >= 1e-10, S[:, i])
        if bool((S == before).all()):
            break
    return S


def _torch_storkey(X: Any) -> Any:
    """Follow the definition: for each j, h_ij sums W_ik x_k over all k but i and j."""
    import torch

    N = X.shape[1]
    W, others = X.new_zeros(N, N), 1 - torch.eye(N, dtype=X.dtype)
    for x in X:
        h = torch.stack([W * others @ (others[j] * x) for j in range(N)], dim=1)  # (N, N)
        W = W + (x.outer(x) - x[:, None] * h.T - h * x) / N
    return W


def _torch_modern(X: Any, result: Mapping[str, Any]) -> tuple[Any, Any]:
    """Compute torch's attention (K+1, P), with unit vectors as values, and energies (K+1,)."""
    import torch

    beta, units = result["beta"], torch.eye(len(X), dtype=X.dtype)
    xi = torch.tensor(np.asarray(result["continuous"]), dtype=torch.float64)  # (K+1, N)
    attention = torch.nn.functional.scaled_dot_product_attention
    weights = attention(xi, X, units, scale=beta)  # (K+1, P)
    lse = torch.logsumexp(torch.einsum("kn,pn->kp", xi, X) * beta, dim=1) / beta
    largest = X.norm(dim=1).max()
    offset = torch.log(torch.tensor(float(len(X)), dtype=X.dtype)) / beta + largest**2 / 2
    return weights, xi.norm(dim=1) ** 2 / 2 - lse + offset
