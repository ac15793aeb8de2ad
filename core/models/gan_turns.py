"""A discriminator and a generator of hand size that learn by turns: numpy float64, every number
computed as in `gan_step`.

    a round     w ← w − rate · (∂(−log D(x)) / ∂w + ∂(−log(1 − D(G(u)))) / ∂w)   d_steps times
                v ← v − rate · ∂L_G / ∂v,  L_G minimax or non-saturating         g_steps times

This is algorithm 1 of Goodfellow et al. 2014 (arXiv 1406.2661) on a minibatch of one real x and one
latent u, both always the same; k there is d_steps here. With g_steps = 0 only the discriminator
learns, as if trained to its optimum before the generator moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.inputs import InputError, choice, integer, number
from core.models.gan_step import (
    LOSSES,
    check_discriminator,
    check_generator,
    gan_backward,
    generator_step,
)
from core.models.rnn import sigmoid

MOST_ROUNDS = 500
MOST_STEPS = 10  # of one net in a round


def take_turns(
    x: Any,
    u: Any,
    v1: Any,
    v2: Any,
    w1: Any,
    w2: Any,
    loss: str = "non-saturating",
    rate: float = 1.0,
    rounds: int = 60,
    d_steps: int = 1,
    g_steps: int = 1,
) -> Iterator[dict[str, Any]]:
    """Yield the state before the first round and after each.

    Args:
        x: the real example (n,), or a number.
        u: the latent (m,), or a number.
        v1: as in `gan_step.generator_step`, like v2, w1 and w2.
        v2: see there.
        w1: see there.
        w2: see there.
        loss: of the generator, one of `LOSSES`.
        rate: of both nets, 0 to 100.
        rounds: 0 to 500.
        d_steps: updates of the discriminator in a round, 0 to 10.
        g_steps: updates of the generator after them, 0 to 10.

    Yields:
        round; x (n,) = G(u); D_real = D of the real x, D_fake = D(G(u)); d_loss = −log D_real
        − log(1 − D_fake), g_loss; reach: under each of `LOSSES`, ‖∂L_G/∂(v1, v2)‖; v1, v2, w1, w2.

    Raises:
        InputError: with the name of the field.
    """
    loss, rate = choice("loss", loss, LOSSES), number("rate", rate, 0, 100)
    rounds = integer("rounds", rounds, 0, MOST_ROUNDS)
    d_steps = integer("d_steps", d_steps, 0, MOST_STEPS)
    g_steps = integer("g_steps", g_steps, 0, MOST_STEPS)
    x, w1, w2 = check_discriminator(x, w1, w2)
    u, v1, v2 = check_generator(u, v1, v2)
    if len(v2) != len(x):
        raise InputError("shape", field="v2", got=f"{len(v2)} x {len(v1)}", allowed=f"{len(x)} x K")
    return _rounds(x, u, (v1, v2), (w1, w2), loss, rate, rounds, d_steps, g_steps)


def _rounds(
    x: np.ndarray,
    u: np.ndarray,
    v: tuple[np.ndarray, np.ndarray],
    w: tuple[np.ndarray, np.ndarray],
    loss: str,
    rate: float,
    rounds: int,
    d_steps: int,
    g_steps: int,
) -> Iterator[dict[str, Any]]:
    yield _state(0, x, u, v, w, loss)
    for k in range(rounds):
        for _ in range(d_steps):
            w = discriminator_turn(x, generator_step(u, *v, *w)["x"], w, rate)
        for _ in range(g_steps):
            done = generator_step(u, *v, *w, loss, rate)
            v = done["new_v1"], done["new_v2"]
        yield _state(k + 1, x, u, v, w, loss)


def discriminator_turn(
    real: np.ndarray, fake: np.ndarray, w: tuple[np.ndarray, np.ndarray], rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the discriminator's weights (w1, w2) after one update on a real x and a generated."""
    up, down = gan_backward(real, *w, 1), gan_backward(fake, *w, 0)
    w1 = w[0] - rate * (up["dw1"] + down["dw1"])  # (H, n)
    return w1, w[1] - rate * (up["dw2"] + down["dw2"])  # (H,)


def verdicts(xs: np.ndarray, w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """Return D (N,) of many x (N, n) at once, w1 (H, n), w2 (H,)."""
    return sigmoid(sigmoid(xs @ w1.T) @ w2)


def _state(
    k: int,
    x: np.ndarray,
    u: np.ndarray,
    v: tuple[np.ndarray, np.ndarray],
    w: tuple[np.ndarray, np.ndarray],
    loss: str,
) -> dict[str, Any]:
    real = gan_backward(x, *w, 1)
    both = {name: generator_step(u, *v, *w, name) for name in LOSSES}
    now = both[loss]
    slopes = {n: np.append(step["dv1"], step["dv2"]) for n, step in both.items()}
    return {
        "round": k,
        "x": now["x"],
        "D_real": float(real["D"]),
        "D_fake": float(now["D"]),
        "d_loss": real["loss"] + now["before"]["d_loss"],
        "g_loss": now["loss"],
        "reach": {n: float(np.linalg.norm(slope)) for n, slope in slopes.items()},
        "v1": v[0],
        "v2": v[1],
        "w1": w[0],
        "w2": w[1],
    }
