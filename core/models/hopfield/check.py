"""The Hopfield networks computed once more by torch, in float64 and from the raw inputs.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.measure.deltas import Delta, delta_of, largest


def hopfield_delta(patterns: Any, rule: str, result: Mapping[str, Any]) -> Delta:
    """Compare the weights (modern: the attention) and energies of `network.recall` with torch."""
    import torch

    X = torch.tensor(np.asarray(patterns), dtype=torch.float64)  # (P, N)
    if rule == "modern":
        weights, energies = _torch_modern(X, result)
        pairs = ((weights, result["weights"]), (energies, result["energies"]))
        return delta_of((largest(*p) for p in pairs), "torch scaled_dot_product_attention")
    W, against = {
        "hebb": lambda: (sum(x.outer(x) for x in X) / X.shape[1], "torch.outer"),
        "storkey": lambda: (_torch_storkey(X), "Storkey's sums in torch"),
        "pseudoinverse": lambda: (torch.linalg.pinv(X, rtol=1e-10) @ X, "torch.linalg.pinv"),
    }[rule]()
    if result["zero_diagonal"]:
        W = W - torch.diag(torch.diag(W))
    S = torch.tensor(np.asarray(result["states"]), dtype=torch.float64)  # (K+1, N)
    energies = -torch.einsum("ki,ij,kj->k", S, W, S) / 2
    pairs = ((W, result["W"]), (energies, result["energies"]))
    return delta_of((largest(*p) for p in pairs), against)


def attention_delta(X: Any, xi: Any, beta: float, output: Any) -> Delta:
    """Compare one modern Hopfield update with torch's attention: query xi, keys and values X."""
    import torch

    keys = torch.tensor(np.asarray(X), dtype=torch.float64)  # (P, N)
    query = torch.tensor(np.asarray(xi), dtype=torch.float64)[None]  # (1, N)
    attention = torch.nn.functional.scaled_dot_product_attention
    again = attention(query, keys, keys, scale=beta)[0]  # (N,)
    return delta_of([largest(again, output)], "torch.nn.functional.scaled_dot_product_attention")


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
