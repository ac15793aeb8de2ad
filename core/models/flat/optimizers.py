"""Update a flat vector of weights by a pure function: SGD, momentum, RMSprop, Adam.

    g the gradient, η the rate, μ the momentum, all entry by entry; new values from old ones:

    sgd        w − η g
    momentum   m = μ m + g                       w − η m                           (Polyak 1964)
    rmsprop    v = 0.99 v + 0.01 g²              w − η g / (√v + ε)                (Hinton 2012)
    adam       m = μ m + (1 − μ) g               w − η m̂ / (√v̂ + ε)               (Kingma & Ba 2015)
               v = 0.999 v + 0.001 g²            m̂ = m / (1 − μᵗ), v̂ = v / (1 − 0.999ᵗ)

ε = 1e-8. The same numbers as torch.optim, which changes its weights in place and has state that
lives with them; a run that can go back to any earlier moment needs the old vector to stay.
"""

from __future__ import annotations

from torch import Tensor

from core.inputs import choice

OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")
MOMENTS = {"sgd": "", "momentum": "m", "rmsprop": "v", "adam": "mv"}  # what each one keeps
SLOW = {"rmsprop": 0.99, "adam": 0.999}
EPSILON = 1e-8


def update(
    optimizer: str,
    weights: Tensor,
    grad: Tensor,
    moments: dict[str, Tensor],
    count: int,
    rate: float,
    momentum: float,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the new weights (P,) and the new moments; nothing is changed in place.

    Args:
        optimizer: one of `OPTIMIZERS`.
        weights: (P,).
        grad: (P,).
        moments: those in `MOMENTS`, (P,) each; zeros before the first update.
        count: which update this is, from 1.
        rate: η.
        momentum: μ of "momentum" and "adam", 0 up to but not 1.
    """
    choice("optimizer", optimizer, OPTIMIZERS)
    if optimizer == "sgd":
        return weights.add(grad, alpha=-rate), {}
    if optimizer == "momentum":
        m = moments["m"].mul(momentum).add_(grad)
        return weights.add(m, alpha=-rate), {"m": m}
    slow = SLOW[optimizer]
    v = moments["v"].mul(slow).addcmul_(grad, grad, value=1 - slow)
    if optimizer == "rmsprop":
        return weights.addcdiv(grad, v.sqrt().add_(EPSILON), value=-rate), {"v": v}
    m = moments["m"].mul(momentum).add_(grad, alpha=1 - momentum)
    below = (v / (1 - slow**count)).sqrt_().add_(EPSILON)
    return weights.addcdiv(m, below, value=-rate / (1 - momentum**count)), {"m": m, "v": v}
