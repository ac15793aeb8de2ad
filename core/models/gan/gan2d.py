"""A GAN in the plane whose whole run is a value: a state goes in, a later one comes out.

    x̃ = G(z),  z (B, 1 or 2),  uniform on [−1, 1] or N(0, 1)         G, D: layers of w units with
    a step: d_steps updates of D on fresh batches, then one of G     max(0.2 a, a), linear ends
    losses: core.models.gan.losses; updates: core.models.flat.optimizers
    pack    D sees `pack` points of the same kind at once, (B / pack, 2 pack)   PacGAN, Lin 2018
    noise   N(0, noise²) on all that D sees, in training        Sønderby 2017, Arjovsky 2017
    clip    |w| ≤ clip after every update of D, biases too: "wasserstein"
    penalty λ of "wgan-gp"

State: {"g", "d": (P,) weights, layer by layer, a layer's matrix row by row and then its bias;
"g.m", "g.v", "d.m", "d.v": the optimizer's moments, those that it has; "counts": int64 (3,): steps
done, and updates of D and of G since their moments began}. Float32. Nothing is kept anywhere else:
every draw of step k comes from a generator that is seeded by (seed, k), so the state and the
settings decide all that follows, and a run goes on alike whether it was stopped or not.

Papers: Goodfellow et al. 2014, arXiv 1406.2661; PacGAN, 1712.04086; 1701.04862; 1610.04490.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from typing_extensions import TypedDict

from core.inputs import choice, integer
from core.models.flat import runs
from core.models.flat.nets import forward, layout, unfold
from core.models.flat.optimizers import MOMENTS, update
from core.models.flat.settings import target
from core.models.gan.gan2d_settings import Settings
from core.models.gan.gan2d_state import State
from core.models.gan.losses import discriminator_loss, generator_loss, gradient_penalty

WHICH = ("both", "d", "g")
MOST_STEPS = 500  # of one call
LARGEST = 1e6  # magnitude of a weight beyond which a run has diverged
FAR = 1e3  # of a generated point, in the plane's units


class Step(TypedDict):
    """Measurements of one step on its batches, before each update; None: no such update."""

    step: int  # from 1
    d_loss: float | None  # of the last update of D, with its penalty
    g_loss: float | None
    accuracy: float | None  # of D on real and generated points, 0 to 1; None of a critic, too
    d_grad: float | None  # norm of dL_D/d weights
    g_grad: float | None  # norm of dL_G/d weights
    push: float | None  # mean norm of a generated point's −∂L_G/∂x, its own term of L_G


# ---- both nets


def generate(state: State, settings: Settings, z: Tensor) -> Tensor:
    """Return G(z), (B, 2), of latents (B, latent)."""
    return forward(unfold(state["g"], settings.sizes("g")), z)


def discriminate(layers: list[Tensor], x: Tensor, pack: int) -> Tensor:
    """Return D's raw output (B / pack,) for x (B, 2): neighbours in x are one pack."""
    return forward(layers, x.reshape(-1, 2 * pack))[:, 0]


# ---- draws


def draws(settings: Settings, *what: str | int) -> torch.Generator:
    """Return the generator of the draws named by `what`: alike for the same seed and name."""
    return runs.draws(settings.seed, *what)


def latents(settings: Settings, n: int, generator: torch.Generator) -> Tensor:
    """Return z (n, latent) from the prior."""
    if settings.prior == "normal":
        return torch.randn(n, settings.latent, generator=generator)
    return 2 * torch.rand(n, settings.latent, generator=generator) - 1


def first_weights(net: str, settings: Settings, step: int = 0) -> Tensor:
    """Return first weights (P,) of net "g" or "d": uniform in ±1/√inputs, as torch.nn.Linear."""
    generator = draws(settings, "weights", net, step)
    parts = []
    for rows, columns in layout(settings.sizes(net)):
        raw = torch.rand(rows * (columns + 1), generator=generator)
        parts.append((2 * raw - 1) / math.sqrt(columns))
    return torch.cat(parts)


# ---- a run


def begin(settings: Settings) -> State:
    """Return the state before the first step."""
    state = {"counts": torch.zeros(3, dtype=torch.int64)}
    for net in "gd":
        state |= _begin(net, settings, 0)
    return state


def _begin(net: str, settings: Settings, step: int) -> State:
    weights = first_weights(net, settings, step)
    moments = {f"{net}.{m}": torch.zeros_like(weights) for m in MOMENTS[settings.optimizer]}
    return {net: weights, **moments}


def advance(
    state: State, settings: Settings, steps: int = 1, which: str = "both"
) -> tuple[State, list[Step]]:
    """Train; the given state stays as it is.

    Args:
        state: from `begin`, `advance`, `adapt` or `check`.
        settings: as the state was made for (`adapt` changes it to others).
        steps: 1 to 500.
        which: "both", "d" (only D's updates, d_steps of them a step) or "g".

    Returns:
        The new state, and the measures of every step. D counts as right where its raw output is
        above or below the middle of its aims: 0, for least-squares ½. Where a number stops being
        finite, or a weight exceeds 10⁶, the run stops before that step, and the list is shorter
        than `steps`.

    Raises:
        InputError: steps or which are not that.
    """
    steps = integer("steps", steps, 1, MOST_STEPS)
    which = choice("which", which, WHICH)
    seen: list[Step] = []
    for _ in range(steps):
        after, measured = _step(state, settings, which)
        if not (_is_finite(measured) and _is_held(after)):
            break
        state = after
        seen.append(measured)
    return dict(state), seen


def _step(state: State, settings: Settings, which: str) -> tuple[State, Step]:
    k = int(state["counts"][0]) + 1
    generator = draws(settings, k)
    names = ("d_loss", "g_loss", "accuracy", "d_grad", "g_grad", "push")
    measured: dict[str, Any] = {"step": k, **dict.fromkeys(names)}
    if which != "g":
        for _ in range(settings.d_steps):
            state, seen = _update_d(state, settings, generator)
            measured |= seen
    if which != "d":
        state, seen = _update_g(state, settings, generator)
        measured |= seen
    counts = state["counts"].clone()
    counts[0] = k
    return {**state, "counts": counts}, Step(**measured)


def _is_finite(measured: Step) -> bool:
    numbers = (measured[name] for name in ("d_loss", "g_loss", "d_grad", "g_grad", "push"))
    return all(value is None or math.isfinite(value) for value in numbers)


def _is_held(state: State) -> bool:
    return all(float(state[net].abs().max()) <= LARGEST for net in "gd")  # NaN is not


@torch.no_grad()
def has_diverged(state: State, settings: Settings) -> bool:
    """Return whether a run has blown up: its next step is not finite or too large, or a generated
    point is out of all proportion to the plane.
    """
    z = latents(settings, MOST_STEPS, draws(settings, "shown latents"))
    near = bool((generate(state, settings, z).abs() <= FAR).all())  # NaN is not
    with torch.enable_grad():
        return not near or not advance(state, settings)[1]


def _update_d(
    state: State, settings: Settings, generator: torch.Generator
) -> tuple[State, dict[str, float | None]]:
    """Do one update of D."""
    real, fake = batches(state, settings, generator)
    flat = state["d"].detach().requires_grad_()
    layers = unfold(flat, settings.sizes("d"))
    n = len(real) // settings.pack
    out = discriminate(layers, torch.cat([real, fake]), settings.pack)
    loss = discriminator_loss(settings.loss, out[:n], out[n:])
    if settings.loss == "wgan-gp":
        pairs = real.reshape(n, -1), fake.reshape(n, -1)
        penalty = gradient_penalty(lambda x: forward(layers, x), pairs[0], pairs[1], generator)
        loss = loss + settings.penalty * penalty
    (grad,) = torch.autograd.grad(loss, flat)
    new = _apply("d", state, settings, grad)
    if settings.loss == "wasserstein":
        new["d"].clamp_(-settings.clip, settings.clip)
    right = accuracy(settings.loss, out[:n], out[n:])
    return new, {"d_loss": loss.item(), "d_grad": grad.norm().item(), "accuracy": right}


def _update_g(
    state: State, settings: Settings, generator: torch.Generator
) -> tuple[State, dict[str, float | None]]:
    """Do one update of G."""
    flat = state["g"].detach().requires_grad_()
    n = settings.batch - settings.batch % settings.pack
    fake = forward(unfold(flat, settings.sizes("g")), latents(settings, n, generator))
    seen = add_noise(fake, settings, generator)
    out = discriminate(unfold(state["d"], settings.sizes("d")), seen, settings.pack)
    loss = generator_loss(settings.loss, out)
    grad, push = torch.autograd.grad(loss, [flat, fake])
    return _apply("g", state, settings, grad), {
        "g_loss": loss.item(),
        "g_grad": grad.norm().item(),
        "push": push.norm(dim=1).mean().item() * len(out),  # L_G is a mean over packs
    }


def batches(state: State, settings: Settings, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw the batches of one update of D: real and generated points, (B, 2) each, with noise."""
    n = settings.batch - settings.batch % settings.pack
    real = target(settings).sample(n, generator).float()
    with torch.no_grad():
        fake = generate(state, settings, latents(settings, n, generator))
    return add_noise(real, settings, generator), add_noise(fake, settings, generator)


def add_noise(x: Tensor, settings: Settings, generator: torch.Generator) -> Tensor:
    """Add the noise of the settings to x (B, 2)."""
    if not settings.noise:
        return x
    return x + settings.noise * torch.randn(x.shape, generator=generator)


def accuracy(loss: str, real: Tensor, fake: Tensor) -> float | None:
    """Return the share of outputs on their right side; None for a critic, which has no sides."""
    if loss.startswith("w"):
        return None
    middle = 0.5 if loss == "least-squares" else 0.0
    return (torch.cat([real > middle, fake < middle])).float().mean().item()


def _apply(net: str, state: State, settings: Settings, grad: Tensor) -> State:
    """Return the state after one update of a net."""
    counts = state["counts"].clone()
    at = {"d": 1, "g": 2}[net]
    counts[at] += 1
    names = MOMENTS[settings.optimizer]
    rate = settings.d_rate if net == "d" else settings.g_rate
    weights, moments = update(
        settings.optimizer,
        state[net],
        grad,
        {m: state[f"{net}.{m}"] for m in names},
        int(counts[at]),
        rate,
        settings.momentum,
    )
    return {
        **state,
        net: weights,
        **{f"{net}.{m}": v for m, v in moments.items()},
        "counts": counts,
    }


# ---- changing a run


def adapt(state: State, old: Settings, new: Settings) -> State:
    """Return the state with which the run goes on under other settings.

    A net whose layers change starts anew, alone; a changed optimizer starts its moments anew; all
    else goes on as it is. The first step under the new settings is the next one.
    """
    state, step = dict(state), int(state["counts"][0])
    state["counts"] = state["counts"].clone()
    for net in "gd":
        moments = MOMENTS[new.optimizer]
        if new.sizes(net) != old.sizes(net):
            anew = _begin(net, new, step)
        elif new.optimizer != old.optimizer:
            anew = {
                net: state[net],
                **{f"{net}.{m}": torch.zeros_like(state[net]) for m in moments},
            }
        else:
            continue
        state["counts"][{"d": 1, "g": 2}[net]] = 0
        state = {k: v for k, v in state.items() if not k.startswith(f"{net}.")} | anew
    return state
