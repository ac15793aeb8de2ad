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

Paper: Vaswani et al. 2017, arXiv 1706.03762. We deviate in that there are no biases, and W_O only
where it is given.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from typing_extensions import NotRequired, TypedDict

from core.inputs import InputError, array, choice, describe, integer
from core.models.rounding import Round, checked_rounder

TOKENS = (1, 16)  # T: by hand 2 to 6
DIM = (1, 16)  # d: by hand 2 to 8
MOST_HEADS = 16
LARGEST = 100.0  # magnitude of an entry of x or a weight
MASKS = ("none", "causal")


class Heads(TypedDict):
    """The numbers from scores to contexts, float64; T rows that look at S rows."""

    scale: float  # 1/√d_h
    scores: np.ndarray  # (H, T, S)
    scaled: np.ndarray  # (H, T, S)
    masked: np.ndarray  # (H, T, S), −∞ where a row may not look
    max: np.ndarray  # of each row of masked, (H, T, 1)
    exp: np.ndarray  # (H, T, S), exactly 0 where a row may not look
    sum: np.ndarray  # of each row of exp, (H, T, 1)
    weights: np.ndarray  # (H, T, S), a row sums to 1
    contexts: np.ndarray  # (H, T, d_h)


class Trace(Heads):
    """Every number of a self-attention of T tokens, float64."""

    x: np.ndarray  # (T, d)
    wq: np.ndarray  # (d, d)
    wk: np.ndarray  # (d, d)
    wv: np.ndarray  # (d, d)
    wo: NotRequired[np.ndarray]  # (d, d), where it was given
    q: np.ndarray  # (T, d)
    k: np.ndarray  # (T, d)
    v: np.ndarray  # (T, d)
    allowed: np.ndarray  # (T, T) of 0 and 1: may row i look at column j?
    heads: int  # H
    d_head: int  # d / H
    head_q: np.ndarray  # (H, T, d_h)
    head_k: np.ndarray  # (H, T, d_h)
    head_v: np.ndarray  # (H, T, d_h)
    concatenated: np.ndarray  # (T, d)
    output: np.ndarray  # (T, d)


def attention_step(
    x: Any,
    wq: Any,
    wk: Any,
    wv: Any,
    heads: Any = 1,
    mask: Any = "none",
    wo: Any = None,
    decimals: int | None = None,
) -> Trace:
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

    Raises:
        InputError: naming the argument that was refused.
    """
    x = array("x", x, (TOKENS, DIM), LARGEST)
    T, d = x.shape
    wq, wk, wv = (array(n, w, (d, d), LARGEST) for n, w in (("wq", wq), ("wk", wk), ("wv", wv)))
    heads = read_heads(heads, d)
    allowed = allowed_pairs(mask, T)
    if wo is not None:
        wo = array("wo", wo, (d, d), LARGEST)
    r = checked_rounder(decimals, 0, 12)
    q, k, v = (r(x @ w) for w in (wq, wk, wv))  # (T, d) each
    of_q, of_k, of_v = (split(a, heads) for a in (q, k, v))  # (H, T, d / H) each
    attended = attend(of_q, of_k, of_v, allowed, r)
    joined = join(attended["contexts"])  # (T, d)
    trace: Trace = {
        **attended,
        "x": x,
        "wq": wq,
        "wk": wk,
        "wv": wv,
        "q": q,
        "k": k,
        "v": v,
        "heads": heads,
        "d_head": d // heads,
        "head_q": of_q,
        "head_k": of_k,
        "head_v": of_v,
        "allowed": allowed.astype(float),
        "concatenated": joined,
        "output": joined if wo is None else r(joined @ wo),
    }
    if wo is not None:
        trace["wo"] = wo
    return trace


def attend(q: np.ndarray, k: np.ndarray, v: np.ndarray, allowed: np.ndarray, r: Round) -> Heads:
    """Compute scores, weights and contexts of several heads.

    Args:
        q: (H, T, d_h).
        k: (H, S, d_h).
        v: (H, S, d_h).
        allowed: (T, S) booleans, at least one of each row true.
        r: rounds every result.
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


def read_heads(heads: Any, d: int) -> int:
    """Read the number of heads, which divides d.

    Raises:
        InputError: it does not.
    """
    heads = integer("heads", heads, 1, MOST_HEADS)
    if d % heads:
        divisors = ", ".join(str(n) for n in range(1, d + 1) if d % n == 0)
        raise InputError("choice", field="heads", got=heads, allowed=divisors)
    return heads


def allowed_pairs(mask: Any, T: int) -> np.ndarray:
    """Return (T, T) booleans: may row i look at column j?

    Raises:
        InputError: the mask is no known name and no list of T booleans with a false in it.
    """
    if isinstance(mask, str):
        choice("mask", mask, MASKS)
        everything = np.ones((T, T), dtype=bool)
        return np.tril(everything) if mask == "causal" else everything
    words = '"none", "causal", a list of true/false'
    if not isinstance(mask, (list, tuple, np.ndarray)):
        raise InputError("choice", field="mask", got=describe(mask), allowed=words)
    if len(mask) != T:
        raise InputError("shape", field="mask", got=len(mask), allowed=T)
    for i, padding in enumerate(mask):
        if not isinstance(padding, (bool, np.bool_)):
            got = f"{padding!r:.40}"
            raise InputError("choice", field=f"mask[{i}]", got=got, allowed="true, false")
    kept = ~np.asarray(mask, dtype=bool)
    if not kept.any():
        some = f"{T} true/false with a false among them: a token that is no padding"
        raise InputError("list", field="mask", got="true throughout", allowed=some)
    return np.tile(kept, (T, 1))
