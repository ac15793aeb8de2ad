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

import torch
from torch import Tensor

from core.inputs import choice, integer
from core.models.flat import runs
from core.models.flat.nets import forward, layout, unfold
from core.models.flat.optimizers import MOMENTS, update
from core.models.gan.gan2d_settings import Settings, target
from core.models.gan.gan2d_state import State
from core.models.gan.losses import discriminator_loss, generator_loss, gradient_penalty

WHICH = ("both", "d", "g")
MOST_STEPS = 500  # of one call


# ---- both nets


def generate(state: State, settings: Settings, z: Tensor) -> Tensor:
    """Return G(z), (B, 2), of latents (B, latent)."""
    return forward(unfold(state["g"], settings.sizes("g")), z)


def judge(layers: list[Tensor], x: Tensor, pack: int) -> Tensor:
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


def fresh(net: str, settings: Settings, step: int = 0) -> Tensor:
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
        state |= _first(net, settings, 0)
    return state


def _first(net: str, settings: Settings, step: int) -> State:
    weights = fresh(net, settings, step)
    moments = {f"{net}.{m}": torch.zeros_like(weights) for m in MOMENTS[settings.optimizer]}
    return {net: weights, **moments}


def advance(
    state: State, settings: Settings, steps: int = 1, which: str = "both"
) -> tuple[State, list[dict]]:
    """Train; the given state stays as it is.

    Args:
        state: from `begin`, `advance`, `adapt` or `check`.
        settings: as the state was made for (`adapt` changes it to others).
        steps: 1 to 500.
        which: "both", "d" (only D's updates, d_steps of them a step) or "g".

    Returns:
        The new state, and for every step what was measured on its batches, before each update:
        step (1 for the first), d_loss, g_loss; accuracy (D's, of real and generated, 0 to 1, right
        where the raw output is above or below the middle of its aims: 0, for least-squares ½);
        d_grad and g_grad, the norms of dL/d weights; push, the mean norm of a generated point's
        −∂L_G/∂x, its own term of L_G. None for what did not happen. Where a number stops being
        finite the run stops before that step, and the list is shorter than `steps`.

    Raises:
        InputError: steps or which are not that.
    """
    steps = integer("steps", steps, 1, MOST_STEPS)
    which = choice("which", which, WHICH)
    seen = []
    for _ in range(steps):
        after, told = _step(state, settings, which)
        if not all(value is None or math.isfinite(value) for value in told.values()):
            break
        state = after
        seen.append(told)
    return dict(state), seen


def _step(state: State, settings: Settings, which: str) -> tuple[State, dict]:
    k = int(state["counts"][0]) + 1
    generator = draws(settings, k)
    told = dict.fromkeys(("step", "d_loss", "g_loss", "accuracy", "d_grad", "g_grad", "push"))
    if which != "g":
        for _ in range(settings.d_steps):
            state, seen = _discriminate(state, settings, generator)
        told |= seen
    if which != "d":
        state, seen = _deceive(state, settings, generator)
        told |= seen
    counts = state["counts"].clone()
    counts[0] = k
    return {**state, "counts": counts}, told | {"step": k}


def _discriminate(state: State, settings: Settings, generator: torch.Generator) -> tuple:
    """Do one update of D."""
    real, fake = batches(state, settings, generator)
    flat = state["d"].detach().requires_grad_()
    layers = unfold(flat, settings.sizes("d"))
    n = len(real) // settings.pack
    out = judge(layers, torch.cat([real, fake]), settings.pack)
    loss = discriminator_loss(settings.loss, out[:n], out[n:])
    if settings.loss == "wgan-gp":
        pairs = real.reshape(n, -1), fake.reshape(n, -1)
        penalty = gradient_penalty(lambda x: forward(layers, x), pairs[0], pairs[1], generator)
        loss = loss + settings.penalty * penalty
    (grad,) = torch.autograd.grad(loss, flat)
    new = _update("d", state, settings, grad)
    if settings.loss == "wasserstein":
        new["d"].clamp_(-settings.clip, settings.clip)
    told = {"d_loss": loss.item(), "d_grad": grad.norm().item()}
    return new, told | {"accuracy": accuracy(settings.loss, out[:n], out[n:])}


def _deceive(state: State, settings: Settings, generator: torch.Generator) -> tuple:
    """Do one update of G."""
    flat = state["g"].detach().requires_grad_()
    n = settings.batch - settings.batch % settings.pack
    fake = forward(unfold(flat, settings.sizes("g")), latents(settings, n, generator))
    seen = blurred(fake, settings, generator)
    out = judge(unfold(state["d"], settings.sizes("d")), seen, settings.pack)
    loss = generator_loss(settings.loss, out)
    grad, push = torch.autograd.grad(loss, [flat, fake])
    told = {"g_loss": loss.item(), "g_grad": grad.norm().item()}
    told["push"] = push.norm(dim=1).mean().item() * len(out)  # L_G is a mean over packs
    return _update("g", state, settings, grad), told


def batches(state: State, settings: Settings, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return what D sees in one update: real and generated points, (B, 2) each, with noise."""
    n = settings.batch - settings.batch % settings.pack
    real = target(settings).sample(n, generator).float()
    with torch.no_grad():
        fake = generate(state, settings, latents(settings, n, generator))
    return blurred(real, settings, generator), blurred(fake, settings, generator)


def blurred(x: Tensor, settings: Settings, generator: torch.Generator) -> Tensor:
    """Return x (B, 2) with the noise of the settings on it."""
    if not settings.noise:
        return x
    return x + settings.noise * torch.randn(x.shape, generator=generator)


def accuracy(loss: str, real: Tensor, fake: Tensor) -> float | None:
    """Return which share D has on its right side; None for a critic, which has no sides."""
    if loss.startswith("w"):
        return None
    middle = 0.5 if loss == "least-squares" else 0.0
    return (torch.cat([real > middle, fake < middle])).float().mean().item()


def _update(net: str, state: State, settings: Settings, grad: Tensor) -> State:
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
            made = _first(net, new, step)
        elif new.optimizer != old.optimizer:
            made = {
                net: state[net],
                **{f"{net}.{m}": torch.zeros_like(state[net]) for m in moments},
            }
        else:
            continue
        state["counts"][{"d": 1, "g": 2}[net]] = 0
        state = {k: v for k, v in state.items() if not k.startswith(f"{net}.")} | made
    return state
