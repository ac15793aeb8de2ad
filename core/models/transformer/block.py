"""A Transformer's block by hand, every number on the way, and what becomes of tokens in a stack.

    n  = LN x,           LN x = (x − m) / √(v + ε), m and v of one token's entries, ε = 10⁻⁵
    o  = attention of n  = softmax(Q Kᵀ / √d_h) V W_O: the one part in which tokens see each other
    x′ = x + o           the residual connection
    h  = max(0, LN(x′) W₁),   f = h W₂         the MLP, of each token by itself
    y  = x′ + f

Without its residual connections a block gives x′ = o and y = f; without norms LN z = z.

Papers: Vaswani et al. 2017, arXiv 1706.03762; Xiong et al. 2020, 2002.04745 (LN before each part);
Dong et al. 2021, 2103.03404 (tokens grow alike without residual connections). We deviate in that
there are no biases and LN has no scale of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from typing_extensions import TypedDict

from core.models.transformer.attention import attend, join, split

EPSILON = 1e-5


@dataclass(frozen=True)
class Weights:
    """The matrices of a block of width d, float64; a token is a row and stands left of them."""

    wq: np.ndarray  # (d, d)
    wk: np.ndarray  # (d, d)
    wv: np.ndarray  # (d, d)
    wo: np.ndarray  # (d, d)
    w1: np.ndarray  # (d, hidden)
    w2: np.ndarray  # (hidden, d)


class Block(TypedDict):
    """Every number of a block of T tokens, float64."""

    x: np.ndarray  # (T, d)
    mean: np.ndarray  # m of each token of x, (T, 1)
    variance: np.ndarray  # v of each token of x, (T, 1)
    normed: np.ndarray  # n, (T, d)
    values: np.ndarray  # V, (T, d)
    weights: np.ndarray  # (H, T, T)
    attended: np.ndarray  # o, (T, d)
    middle: np.ndarray  # x′, (T, d)
    middle_normed: np.ndarray  # LN x′, (T, d)
    hidden: np.ndarray  # h, (T, hidden)
    net: np.ndarray  # f, (T, d)
    output: np.ndarray  # y, (T, d)


def layer_norm(x: np.ndarray) -> np.ndarray:
    """Return each row (…, d) with mean 0 and variance 1, up to ε."""
    spread = x.var(axis=-1, keepdims=True) + EPSILON
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(spread)


def block_step(
    x: np.ndarray, given: Weights, heads: int = 1, residual: bool = True, norm: bool = True
) -> Block:
    """Compute a block of T tokens (T, d) with every intermediate.

    Args:
        x: the tokens.
        given: the block's matrices.
        heads: of the attention; they divide d.
        residual: whether a part's result is added to what it was computed from, or replaces it.
        norm: whether LN stands before each part.
    """
    n = layer_norm(x) if norm else x
    everyone = np.ones((len(x), len(x)), dtype=bool)
    q, k, v = (split(n @ w, heads) for w in (given.wq, given.wk, given.wv))  # (H, T, d / H)
    looked = attend(q, k, v, everyone, lambda a: a)
    attended = join(looked["contexts"]) @ given.wo
    middle = x + attended if residual else attended
    again = layer_norm(middle) if norm else middle
    hidden = np.maximum(0, again @ given.w1)
    net = hidden @ given.w2
    return {
        "x": x,
        "mean": x.mean(axis=-1, keepdims=True),
        "variance": x.var(axis=-1, keepdims=True),
        "normed": n,
        "values": n @ given.wv,
        "weights": looked["weights"],
        "attended": attended,
        "middle": middle,
        "middle_normed": again,
        "hidden": hidden,
        "net": net,
        "output": middle + net if residual else net,
    }


def draw_weights(rng: np.random.Generator, d: int, hidden: int) -> Weights:
    """Return a block's matrices as they are before any training: normal, scaled to keep sizes."""
    q, k, v, o = rng.normal(size=(4, d, d)) / np.sqrt(d)
    w1, w2 = rng.normal(size=(d, hidden)) * np.sqrt(2 / d), rng.normal(size=(hidden, d))
    return Weights(q, k, v, o, w1, w2 / np.sqrt(hidden))


def stack(
    x: np.ndarray, blocks: list[Weights], heads: int, residual: bool = True, norm: bool = True
) -> list[np.ndarray]:
    """Return the tokens (T, d) before the first block and after each."""
    out = [x]
    for given in blocks:
        out.append(block_step(out[-1], given, heads, residual, norm)["output"])
    return out


def likeness(x: np.ndarray) -> float:
    """Return the mean cosine between two different tokens of x (T, d): 1 where all point alike."""
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    pairs = ~np.eye(len(x), dtype=bool)
    return float((unit @ unit.T)[pairs].mean())


def size(x: np.ndarray) -> float:
    """Return the root mean square of the entries of x (T, d)."""
    return float(np.sqrt((x**2).mean()))
