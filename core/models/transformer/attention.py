"""Scaled dot-product attention by hand, one head or several, every number on the way: float64.

    Q = X W_Q    K = X W_K    V = X W_V            X (T, d), W (d, d); a token is a row
    head h takes the columns h d_h … (h + 1) d_h − 1 of Q, K and V,   d_h = d / H
    S_ij = q_i · k_j           scores: how well the query of i fits the key of j
    S'   = S / √d_h            so that their spread does not grow with d_h
    M_ij = S'_ij where i may look at j, else −∞
    A_ij = e^(M_ij − m_i) / Σ_k e^(M_ik − m_i),    m_i = max_k M_ik       weights: a row sums to 1
    O_h  = A V_h               output = [O_1 … O_H]  (W_O, where it is given)

    "none"    everybody looks at everybody
    "causal"  i looks at j ≤ i: nobody sees what comes after
    a list    true marks padding: nobody looks at it (its own row is computed all the same)

Vaswani et al. 2017, arXiv 1706.03762. Where we deviate: no biases, and W_O only where it is given.

Names in a trace: x, wq, wk, wv (wo); q, k, v (T, d); head_q, head_k, head_v (H, T, d_h);
scores, scaled, masked, exp, weights (H, T, T); max, sum (H, T, 1); contexts (H, T, d_h);
concatenated (T, d); output (T, d); allowed (T, T) of 0 and 1; heads, d_head, scale = 1/√d_h.
`masked` holds −∞ where `allowed` is 0; there `exp` and `weights` are exactly 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.inputs import InputError, array, choice, describe, integer
from core.models.rnn.cells import Round, rounder

TOKENS = (1, 16)  # T: by hand 2 to 6
DIM = (1, 16)  # d: by hand 2 to 8
MOST_HEADS = 16
LARGEST = 100.0  # magnitude of an entry of x or a weight
MASKS = ("none", "causal")


def attention_step(
    x: Any,
    wq: Any,
    wk: Any,
    wv: Any,
    heads: Any = 1,
    mask: Any = "none",
    wo: Any = None,
    decimals: int | None = None,
) -> dict[str, Any]:
    """Compute self-attention of T tokens with every intermediate.

    Args:
        x: (T, d) numbers from −100 to 100, a token a row; T and d from 1 to 16.
        wq: (d, d), of the queries; q = x wq.
        wk: (d, d), of the keys.
        wv: (d, d), of the values.
        heads: H, which divides d.
        mask: "none", "causal", or T booleans, true for padding, not all true.
        wo: (d, d), what the joined heads are multiplied by; None: they are the output.
        decimals: round every result to so many places, 0 to 12, as by hand; None: not at all.

    Returns:
        the trace that the module describes, arrays float64.

    Raises:
        InputError: naming the argument that was refused.
    """
    x = array("x", x, (TOKENS, DIM), LARGEST)
    T, d = x.shape
    matrices = {k: array(k, w, (d, d), LARGEST) for k, w in (("wq", wq), ("wk", wk), ("wv", wv))}
    heads = split_of(heads, d)
    allowed = allowed_by(mask, T)
    if wo is not None:
        wo = array("wo", wo, (d, d), LARGEST)
    r = rounder(None if decimals is None else integer("decimals", decimals, 0, 12))
    q, k, v = (r(x @ w) for w in matrices.values())  # (T, d) each
    trace = {"x": x, **matrices, "q": q, "k": k, "v": v, "allowed": allowed.astype(float)}
    of_q, of_k, of_v = (split(a, heads) for a in (q, k, v))  # (H, T, d / H) each
    trace |= {"head_q": of_q, "head_k": of_k, "head_v": of_v, "heads": heads, "d_head": d // heads}
    trace |= attend(of_q, of_k, of_v, allowed, r)
    joined = join(trace["contexts"])  # (T, d)
    trace |= {"concatenated": joined, "output": joined if wo is None else r(joined @ wo)}
    return trace if wo is None else {**trace, "wo": wo}


def attend(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, allowed: np.ndarray, r: Round
) -> dict[str, Any]:
    """Return scores to contexts of heads q (H, T, d_h), k and v (H, S, d_h), `allowed` (T, S).

    `r` rounds every result. In every row of `allowed` at least one entry must be true.
    """
    scale = 1 / math.sqrt(q.shape[-1])
    scores = r(q @ k.transpose(0, 2, 1))  # (H, T, S)
    scaled = r(scores * scale)
    masked = np.where(allowed, scaled, -np.inf)
    most = masked.max(axis=-1, keepdims=True)  # (H, T, 1)
    exp = r(np.exp(masked - most))  # (H, T, S); e^-∞ = 0
    total = r(exp.sum(axis=-1, keepdims=True))  # (H, T, 1), at least 1
    weights = r(exp / total)
    return {
        "scale": scale,
        "scores": scores,
        "scaled": scaled,
        "masked": masked,
        "max": most,
        "exp": exp,
        "sum": total,
        "weights": weights,
        "contexts": r(weights @ v),  # (H, T, d_h)
    }


def split(a: np.ndarray, heads: int) -> np.ndarray:
    """Return (T, d) as (H, T, d_h): a head takes neighbouring columns."""
    T, d = a.shape
    return a.reshape(T, heads, d // heads).transpose(1, 0, 2)


def join(a: np.ndarray) -> np.ndarray:
    """Return (H, T, d_h) as (T, d): the heads side by side."""
    H, T, size = a.shape
    return a.transpose(1, 0, 2).reshape(T, H * size)


def split_of(heads: Any, d: int) -> int:
    """Return the number of heads if it divides d.

    Raises:
        InputError: it does not.
    """
    heads = integer("heads", heads, 1, MOST_HEADS)
    if d % heads:
        divisors = ", ".join(str(n) for n in range(1, d + 1) if d % n == 0)
        raise InputError("choice", field="heads", got=heads, allowed=divisors)
    return heads


def allowed_by(mask: Any, T: int) -> np.ndarray:
    """Return (T, T) booleans: may row i look at column j?

    Raises:
        InputError: the mask is no known name and no list of T booleans with a false in it.
    """
    if isinstance(mask, str):
        choice("mask", mask, MASKS)
        everything = np.ones((T, T), dtype=bool)
        return np.tril(everything) if mask == "causal" else everything
    words = '"none", "causal", true/false'
    if not isinstance(mask, (list, tuple, np.ndarray)):
        raise InputError("list", field="mask", got=describe(mask), allowed=words)
    if len(mask) != T:
        raise InputError("shape", field="mask", got=len(mask), allowed=T)
    for i, padding in enumerate(mask):
        if not isinstance(padding, (bool, np.bool_)):
            got = f"{padding!r:.40}"
            raise InputError("choice", field=f"mask[{i}]", got=got, allowed="true, false")
    kept = ~np.asarray(mask, dtype=bool)
    if not kept.any():
        raise InputError("choice", field="mask", got="true …", allowed="false …")
    return np.tile(kept, (T, 1))
