"""The chain rule and masks on a few pixels, number by number: numpy float64.

    chain rule   P(x₁, x₂, x₃) = P(x₁) P(x₂ | x₁) P(x₃ | x₁, x₂)
    3x3 image    logit_i = b + Σ_k m_k w_k x_(i+k),  k over a 3x3 window, x = 0 outside
                 log q(x) = Σ_i log P(x_i),  P(x_i = 1) = σ(logit_i)
    mask A       m = 1 for the window's cells before the middle in reading order
    mask B       the middle too: right for every layer but the first
    leak         where m lets the pixel itself or a later one through, Σ_x q(x) is not 1, and the
                 loss −Σ_x p(x) log q(x) may be less than the entropy −Σ_x p(x) log p(x)
    any order    P(x₁, x₂, x₃) = P(x₃) P(x₂ | x₃) P(x₁ | x₂, x₃) too: a later conditional is a ratio
                 of sums of P over what is not yet known

Paper: van den Oord et al. 2016, arXiv 1601.06759.
"""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np

from core.inputs import InputError, array, binary, choice, integer, number
from core.models.rounding import checked_rounder

SIDE = 3  # of the image that is read by hand
LARGEST = 50.0  # magnitude of a weight: σ is a float's 0 or 1 beyond 37


class Chain(TypedDict):
    """All eight images of three pixels."""

    images: np.ndarray  # (8, 3), 000, 001, … 111
    factors: np.ndarray  # (8, 3), P(x₁), P(x₂ | x₁), P(x₃ | x₁, x₂) of the image's own values
    p: np.ndarray  # (8,), their products
    nats: np.ndarray  # (8,), −log P; infinite where P is 0
    total: float  # Σ p


class Image(TypedDict):
    """One 3x3 image under a masked window."""

    mask: np.ndarray  # (3, 3), 0 and 1
    leaks: np.ndarray  # (3, 3), true where the mask lets the pixel itself or a later one through
    windows: np.ndarray  # (9, 3, 3), what lies under the window at each pixel
    logits: np.ndarray  # (3, 3)
    p_one: np.ndarray  # (3, 3), P(x_i = 1)
    p: np.ndarray  # (3, 3), P of the pixel's own value
    nats: np.ndarray  # (3, 3), −log P
    total: float  # Σ nats = −log q(x)


class AllImages(TypedDict):
    """All 512 images of 3x3 pixels under a masked window, against the truth under mask A."""

    p: np.ndarray  # (512,), the truth: of the same weights under mask A; bit 8 is the first pixel
    q: np.ndarray  # (512,), under the given mask
    total: float  # Σ q
    entropy: float  # −Σ p log p, in nats
    loss: float  # −Σ p log q, in nats


def chain(p1: Any, p2: Any, p3: Any, decimals: int | None = None) -> Chain:
    """Compute the probability of every image of three binary pixels by the chain rule.

    Args:
        p1: P(x₁ = 1).
        p2: P(x₂ = 1 | x₁) for x₁ = 0, 1.
        p3: P(x₃ = 1 | x₁, x₂) for x₁x₂ = 00, 01, 10, 11.
        decimals: round every result to so many places, 0 to 12, as by hand; None: not at all.

    Raises:
        InputError: an input that is not that.
    """
    r = checked_rounder(decimals, 0, 12)
    first = number("p1", p1, 0, 1)
    second, third = _shares("p2", p2, 2), _shares("p3", p3, 4)
    images = _images(3)  # (8, 3)
    a, b, _ = images.T
    one = np.stack([np.full(8, first), second[a], third[2 * a + b]], 1)  # P of a 1, (8, 3)
    factors = r(np.where(images == 1, one, 1 - one))
    p = r(factors.prod(1))
    with np.errstate(divide="ignore"):
        nats = r(-np.log(p))
    return {"images": images, "factors": factors, "p": p, "nats": nats, "total": float(r(p.sum()))}


def in_order(p: Any, order: Any, decimals: int | None = None) -> np.ndarray:
    """Factor the probabilities of all images of n binary pixels by the chain rule in any order.

    Args:
        p: (2^n,) probabilities, 000, 001, … 111 for n = 3, that sum to 1.
        order: the pixels, from 0, in the order in which they become known.
        decimals: as in `chain`.

    Returns:
        (2^n, n), the factor of the pixel that is known k-th, given those before it; not a number
        where what is given has probability 0.

    Raises:
        InputError: an input that is not that.
    """
    r = checked_rounder(decimals, 0, 12)
    n = len(array("order", order, ((1, SIDE * SIDE),), SIDE * SIDE))
    if sorted(order) != list(range(n)):
        raise InputError(
            "choice", field="order", got=list(order), allowed=f"0 … {n - 1}, each once"
        )
    shares = _shares("p", p, 2**n).reshape((2,) * n)
    left = [shares.sum(tuple(order[k:]), keepdims=True) for k in range(n + 1)]  # Σ over the rest
    with np.errstate(invalid="ignore", divide="ignore"):
        factors = [np.broadcast_to(b / a, shares.shape) for a, b in zip(left, left[1:])]
    return r(np.stack([one.ravel() for one in factors], 1))  # (2^n, n)


def mask_of(kind: str, size: int = SIDE) -> np.ndarray:
    """Return mask "A" or "B" of a window, (size, size) of 0 and 1.

    Raises:
        InputError: another kind, or size is not odd or not within 1 to 29.
    """
    choice("kind", kind, ("A", "B"))
    size = integer("size", size, 1, 29)
    if size % 2 == 0:
        raise InputError("choice", field="size", got=size, allowed="1, 3, 5, … 29")
    middle = size * size // 2 + (kind == "B")
    return (np.arange(size * size) < middle).astype(int).reshape(size, size)


def leaks(mask: Any) -> np.ndarray:
    """Return where a 3x3 mask of a first layer lets the pixel itself or a later one through."""
    return (_mask(mask) == 1) & (mask_of("A") == 0)


def image(
    x: Any, kernel: Any, bias: Any = 0.0, mask: Any = None, decimals: int | None = None
) -> Image:
    """Compute the probability of one 3x3 image under a masked window, every number on the way.

    Args:
        x: 3x3 of 0 and 1.
        kernel: 3x3 weights, −50 to 50.
        bias: −50 to 50.
        mask: 3x3 of 0 and 1; None: mask A.
        decimals: as in `chain`.

    Raises:
        InputError: an input that is not that.
    """
    r = checked_rounder(decimals, 0, 12)
    x, w, b, m = _bits("x", x), *_weights(kernel, bias), _mask(mask)
    windows = _windows(x[None].astype(float))[0]  # (9, 3, 3)
    logits = r((windows * (w * m)).sum((1, 2)) + b).reshape(SIDE, SIDE)
    p_one = r(1 / (1 + np.exp(-logits)))
    p = r(np.where(x == 1, p_one, 1 - p_one))
    sign = np.where(x == 1, -1.0, 1.0)
    nats = r(np.logaddexp(0, sign * logits))  # −log σ(±logit), exact where σ is nearly 1
    return {
        "mask": m,
        "leaks": leaks(m),
        "windows": windows,
        "logits": logits,
        "p_one": p_one,
        "p": p,
        "nats": nats,
        "total": float(r(nats.sum())),
    }


def all_images(kernel: Any, bias: Any = 0.0, mask: Any = None) -> AllImages:
    """Compute q(x) of all 512 images of 3x3 pixels under a mask, and the loss on the truth.

    The truth p is the same weights under mask A. Under mask A the loss is the entropy; under a mask
    that leaks it may be less, which no honest model can do.

    Args:
        kernel: 3x3 weights, −50 to 50.
        bias: −50 to 50.
        mask: 3x3 of 0 and 1; None: mask A.

    Raises:
        InputError: an input that is not that.
    """
    w, b, m = *_weights(kernel, bias), _mask(mask)
    log_p, log_q = _log_q(w * mask_of("A"), b), _log_q(w * m, b)
    p, q = np.exp(log_p), np.exp(log_q)
    return {
        "p": p,
        "q": q,
        "total": float(q.sum()),
        "entropy": float(-(p * log_p).sum()),
        "loss": float(-(p * log_q).sum()),
    }


def _log_q(weights: np.ndarray, bias: float) -> np.ndarray:
    """Return log q of the 512 images, (512,), for weights that are masked already."""
    x = _images(SIDE * SIDE).reshape(-1, SIDE, SIDE)
    logits = (_windows(x.astype(float)) * weights).sum((2, 3)) + bias  # (512, 9)
    sign = np.where(x.reshape(-1, SIDE * SIDE) == 1, -1.0, 1.0)
    return -np.logaddexp(0, sign * logits).sum(1)


def _images(n: int) -> np.ndarray:
    """Return all images of n binary pixels, (2^n, n), counted up: the first pixel is bit n − 1."""
    return (np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1)) & 1


def _windows(x: np.ndarray) -> np.ndarray:
    """Return the 3x3 window at each pixel, 0 outside: (N, 3, 3) to (N, 9, 3, 3)."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    found = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
    return found.reshape(len(x), SIDE * SIDE, 3, 3)


def _weights(kernel: Any, bias: Any) -> tuple[np.ndarray, float]:
    return array("kernel", kernel, (SIDE, SIDE), LARGEST), number("bias", bias, -LARGEST, LARGEST)


def _mask(mask: Any) -> np.ndarray:
    return mask_of("A") if mask is None else _bits("mask", mask)


def _bits(field: str, value: Any) -> np.ndarray:
    """Return 3x3 of 0 and 1."""
    return binary(field, value, (SIDE, SIDE)).astype(int)


def _shares(field: str, value: Any, n: int) -> np.ndarray:
    """Return n probabilities."""
    found = array(field, value, (n,), 1)
    for share in found:
        number(field, share, 0, 1)
    return found
