"""One step of a discriminator and of its generator, on nets that a person can compute: numpy
float64, no automatic differentiation.

    discriminator   h = w1 x,  a = σ(h),  z = w2·a,  D = σ(z)           x (n,), w1 (H, n), w2 (H,)
                    L = −log D for a real x (label 1),  −log(1 − D) for a generated one (label 0)
        backward    dz = D − label,  dw2 = dz a,  da = dz w2,  dh = da * a * (1 − a)
                    dw1 = dh xᵀ,  dx = w1ᵀ dh
    generator       q = v1 u,  t = tanh(q),  x = v2 t                   u (m,), v1 (K, m), v2 (n, K)
        "minimax"           L = log(1 − D(x)),   dz = −D        → 0 where D sees through G
        "non-saturating"    L = −log D(x),       dz = D − 1     → −1 there
        backward    through D as above to dx; then dv2 = dx tᵀ,  dt = v2ᵀ dx,
                    dq = dt * (1 − t²),  dv1 = dq uᵀ
    update          w ← w − rate · dw

s(z) = log(1 + e^z) is the softplus: −log D = s(−z), −log(1 − D) = s(z). Losses, D − label and
a(1 − a) are taken from z and h, not from a rounded D or a: 1 − D keeps no digits where D is near 1.
Only where every line is rounded as on paper (`decimals`) they come from what is written down. The
page calls z the logit s and u the code z.

Every net goes down its own loss. The discriminator's is the same under both names; they differ in
what the generator goes down (Goodfellow et al. 2014, arXiv 1406.2661, section 3). No biases; one
example. A worked one stands in core.models.gan.slide.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.inputs import array, choice, integer, number
from core.models.gan.traces import (
    Back,
    DiscriminatorStep,
    DiscriminatorTrace,
    End,
    Forward,
    GeneratorBack,
    GeneratorStep,
    Judgement,
)
from core.models.rounding import Round, checked_rounder, dot, exact

LOSSES = ("minimax", "non-saturating")
MOST_INPUTS = 4  # entries of x and of u
MOST_UNITS = 8  # hidden units of either net
LARGEST = 100.0  # magnitude of a weight or an input


def sigmoid(a: Any) -> Any:
    """Compute the logistic function of any shape, from 0 where e^a is too small for a float."""
    return np.exp(-np.logaddexp(0.0, -a))


def softplus(t: float) -> float:
    """Compute log(1 + e^t)."""
    return float(np.logaddexp(0.0, t))


def through_discriminator(x: np.ndarray, w1: np.ndarray, w2: np.ndarray, r: Round) -> Judgement:
    """Compute D(x) of x (n,): every product and sum on the way."""
    h = dot(w1, x, r)  # (H,)
    a = r(sigmoid(h))
    w2a = r(w2 * a)
    z = r(w2a.sum())
    return {"x": x, "w1x": r(w1 * x), "h": h, "a": a, "w2a": w2a, "z": z, "D": r(sigmoid(z))}


def back_through_discriminator(
    now: Judgement, dz: float, w1: np.ndarray, w2: np.ndarray, r: Round
) -> Back:
    """Go back from dz = ∂L/∂z to the weights and the input of D."""
    da = r(dz * w2)  # (H,)
    slope = sigmoid(now["h"]) * sigmoid(-now["h"])  # σ' at h, a (1 − a)
    if r is not exact:
        slope = r(now["a"] * r(1 - now["a"]))
    dh = r(da * slope)
    return {
        "dw2": r(dz * now["a"]),  # (H,)
        "da": da,
        "slope": slope,
        "dh": dh,
        "dw1": r(np.outer(dh, now["x"])),  # (H, n)
        "dx": dot(w1.T, dh, r),  # (n,)
    }


def minus_log(p: float, logit: float) -> float:
    """Return −log p, where p = σ(logit) as written down; from the logit where p is 0 or 1."""
    return float(-np.log(p)) if 0 < p < 1 else softplus(-logit)


def losses(z: float, D: float, r: Round) -> dict[str, float]:
    """Return every loss of one D(x): "real", "fake" of the discriminator, both of a generator."""
    real, fake = softplus(-z), softplus(z)
    if r is not exact:
        real, fake = minus_log(D, z), minus_log(1 - D, -z)
    named = {"real": real, "fake": fake, "minimax": -fake, "non-saturating": real}
    return {name: float(r(value)) for name, value in named.items()}


def error(z: float, D: float, label: int, r: Round) -> float:
    """Return D − label, ∂L/∂z of the discriminator's loss."""
    if r is not exact:
        return r(D - label)
    return float(-sigmoid(-z) if label else sigmoid(z))


def gan_backward(
    x: Any, w1: Any, w2: Any, label: int, loss: str = "minimax", decimals: int | None = None
) -> DiscriminatorTrace:
    """Compute the discriminator's loss on one example and all its gradients.

    Args:
        x: a number or up to 4 of them.
        w1: (H, n), or (H,) where n is 1; H from 1 to 8.
        w2: (H,).
        label: 1 for a real x, 0 for a generated one.
        loss: one of `LOSSES`; the discriminator's is the same under both.
        decimals: None is exact; 2 to 8: every intermediate value is rounded at once, and the next
            line goes on from what is written down.

    Raises:
        InputError: with the name of the field.
    """
    choice("loss", loss, LOSSES)
    x, w1, w2 = check_discriminator(x, w1, w2)
    label, r = integer("label", label, 0, 1), check_decimals(decimals)
    now = through_discriminator(x, w1, w2, r)
    lost = losses(now["z"], now["D"], r)["real" if label else "fake"]
    dz = error(now["z"], now["D"], label, r)
    back = back_through_discriminator(now, dz, w1, w2, r)
    return {**now, "loss": lost, "dz": dz, **back}


def discriminator_step(
    x: Any,
    w1: Any,
    w2: Any,
    label: int,
    loss: str = "minimax",
    rate: float = 1.0,
    decimals: int | None = None,
) -> DiscriminatorStep:
    """Do `gan_backward`, then one update at `rate` (0 to 100).

    Raises:
        InputError: with the name of the field.
    """
    rate = number("rate", rate, 0, 100)
    back, r = gan_backward(x, w1, w2, label, loss, decimals), check_decimals(decimals)
    _, w1, w2 = check_discriminator(x, w1, w2)
    new_w1, new_w2 = r(w1 - r(rate * back["dw1"])), r(w2 - r(rate * back["dw2"]))
    then = through_discriminator(back["x"], new_w1, new_w2, r)
    lost = losses(then["z"], then["D"], r)["real" if label else "fake"]
    return {**back, "new_w1": new_w1, "new_w2": new_w2, "after": {"D": then["D"], "loss": lost}}


def generator_step(
    u: Any,
    v1: Any,
    v2: Any,
    w1: Any,
    w2: Any,
    loss: str = "non-saturating",
    rate: float = 1.0,
    decimals: int | None = None,
) -> GeneratorStep:
    """Generate x = G(u), send the gradient back through D into G's weights, and update them.

    Args:
        u: the latent, a number or up to 4 of them.
        v1: (K, m), or (K,) where m is 1; K from 1 to 8.
        v2: (n, K), or (K,) where n is 1; n up to 4.
        w1: (H, n), or (H,) where n is 1; the discriminator, which stays as it is.
        w2: (H,).
        loss: one of `LOSSES`.
        rate: of the update, 0 to 100.
        decimals: as in `gan_backward`.

    Raises:
        InputError: with the name of the field.
    """
    loss, rate = choice("loss", loss, LOSSES), number("rate", rate, 0, 100)
    u, v1, v2 = check_generator(u, v1, v2)
    _, w1, w2 = check_discriminator([0.0] * len(v2), w1, w2)
    r = check_decimals(decimals)
    now = forward(u, v1, v2, w1, w2, r)
    factors = {"minimax": r(-now["D"]), "non-saturating": error(now["z"], now["D"], 1, r)}
    dz = factors[loss]
    back = back_through_discriminator(now, dz, w1, w2, r)
    grads = back_through_generator(now, back["dx"], v2, r)
    new_v1, new_v2 = r(v1 - r(rate * grads["dv1"])), r(v2 - r(rate * grads["dv2"]))
    then = forward(u, new_v1, new_v2, w1, w2, r)
    return {
        **now,
        "loss": losses(now["z"], now["D"], r)[loss],
        "factors": factors,
        "dz": dz,
        **back,
        **grads,
        "new_v1": new_v1,
        "new_v2": new_v2,
        "before": _end(now, loss, r),
        "after": _end(then, loss, r),
    }


def forward(u: np.ndarray, v1: Any, v2: Any, w1: Any, w2: Any, r: Round) -> Forward:
    """Compute G(u), then D of it."""
    q = dot(v1, u, r)  # (K,)
    t = r(np.tanh(q))
    x = dot(v2, t, r)  # (n,)
    return {"u": u, "q": q, "t": t, **through_discriminator(x, w1, w2, r)}


def back_through_generator(now: Forward, dx: np.ndarray, v2: np.ndarray, r: Round) -> GeneratorBack:
    """Go back from dx = ∂L/∂x to the weights of G."""
    dt = dot(v2.T, dx, r)  # (K,)
    slope = 4 * sigmoid(2 * now["q"]) * sigmoid(-2 * now["q"])  # 1 − t²
    if r is not exact:
        slope = r(1 - r(now["t"] ** 2))
    dq = r(dt * slope)
    return {"dv2": r(np.outer(dx, now["t"])), "dt": dt, "dq": dq, "dv1": r(np.outer(dq, now["u"]))}


def check_discriminator(x: Any, w1: Any, w2: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Check D's input and weights; return x (n,), w1 (H, n) and w2 (H,)."""
    x = array("x", np.atleast_1d(x) if np.isscalar(x) else x, ((1, MOST_INPUTS),), LARGEST)
    w1 = array("w1", _columns(w1), ((1, MOST_UNITS), len(x)), LARGEST)
    return x, w1, array("w2", w2, (len(w1),), LARGEST)


def check_generator(u: Any, v1: Any, v2: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Check G's latent and weights; return u (m,), v1 (K, m) and v2 (n, K)."""
    u = array("u", np.atleast_1d(u) if np.isscalar(u) else u, ((1, MOST_INPUTS),), LARGEST)
    v1 = array("v1", _columns(v1), ((1, MOST_UNITS), len(u)), LARGEST)
    row = isinstance(v2, (list, tuple, np.ndarray)) and len(v2) > 0 and np.isscalar(v2[0])
    return u, v1, array("v2", [v2] if row else v2, ((1, MOST_INPUTS), len(v1)), LARGEST)


def check_decimals(decimals: Any) -> Round:
    """Return the rounding to `decimals` places, 2 to 8, or none."""
    return checked_rounder(decimals, 2, 8)


def _end(now: Judgement, loss: str, r: Round) -> End:
    lost = losses(now["z"], now["D"], r)
    return {"x": now["x"], "D": now["D"], "d_loss": lost["fake"], "g_loss": lost[loss]}


def _columns(w: Any) -> Any:
    """Return (H,) as (H, 1); anything else as it came."""
    flat = isinstance(w, (list, tuple, np.ndarray)) and len(w) > 0 and np.isscalar(w[0])
    return [[v] for v in w] if flat else w
