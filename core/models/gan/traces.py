"""The traces of core.models.gan.by_hand: every number of a step, with its shape.

n entries of x, H hidden units of D, m entries of u, K hidden units of G.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from typing_extensions import TypedDict


class Judgement(TypedDict):
    """D(x) and every product and sum on the way."""

    x: np.ndarray  # (n,)
    w1x: np.ndarray  # (H, n), the products whose sums are h
    h: np.ndarray  # (H,)
    a: np.ndarray  # (H,)
    w2a: np.ndarray  # (H,), the products whose sum is z
    z: float
    D: float


class Back(TypedDict):
    """Gradients of a loss from D's output down to its input."""

    dw2: np.ndarray  # (H,)
    da: np.ndarray  # (H,)
    slope: np.ndarray  # (H,), a * (1 − a)
    dh: np.ndarray  # (H,)
    dw1: np.ndarray  # (H, n)
    dx: np.ndarray  # (n,)


class DiscriminatorTrace(Judgement, Back):
    """A discriminator's loss on one example and all its gradients."""

    loss: float  # nats
    dz: float


class After(TypedDict):
    """The same x before the new weights."""

    D: float
    loss: float


class DiscriminatorStep(DiscriminatorTrace):
    """A discriminator's loss, gradients and update."""

    new_w1: np.ndarray  # (H, n)
    new_w2: np.ndarray  # (H,)
    after: After


class Forward(Judgement):
    """x = G(u), then D(x)."""

    u: np.ndarray  # (m,)
    q: np.ndarray  # (K,)
    t: np.ndarray  # (K,)


class GeneratorBack(TypedDict):
    """Gradients of a loss from x down to G's weights."""

    dv2: np.ndarray  # (n, K)
    dt: np.ndarray  # (K,)
    dq: np.ndarray  # (K,)
    dv1: np.ndarray  # (K, m)


class End(TypedDict):
    """One u before or after the update."""

    x: np.ndarray  # (n,)
    D: float
    d_loss: float  # −log(1 − D)
    g_loss: float


class GeneratorStep(Forward, Back, GeneratorBack):
    """A generator's loss, gradients and update."""

    loss: float  # nats
    factors: dict[str, float]  # dz under each of LOSSES
    dz: float
    new_v1: np.ndarray  # (K, m)
    new_v2: np.ndarray  # (n, K)
    before: End
    after: End


class Finding(TypedDict):
    """A printed quantity beside the right one."""

    quantity: str
    slide: Any  # a number or a list
    exact: Any
    rounded: Any  # from D = 0.62
    finding: Literal["rounded", "named-dw2", "wrong"]
