"""A diffusion in the plane whose whole run is a value: a state goes in, a later one comes out.

    noise     x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε,   x_0 fresh points of the target, T = 1000
    net       v̂(x, φ): a dense net with SiLU on x, sin kx, cos kx (k = 1, 2, 4) and
              sin jφ, cos jφ (j = 1 … 4),   φ = arccos √ᾱ_t
    a step    w ← Adam(w, ∇ mean (v − v̂)²),   v = √ᾱ_t ε − √(1 − ᾱ_t) x_0
    average   w̄ ← d w̄ + (1 − d) w,   d = min(0.995, (1 + k) / (10 + k)): which samples are drawn by
    guesses   ε̂ = √ᾱ_t v̂ + √(1 − ᾱ_t) x,   score ∇ log p_t ≈ −ε̂ / √(1 − ᾱ_t)

State: {"w": (P,) all weights, layer by layer; "m", "v": Adam's moments, "average": w̄, (P,) each;
"counts": int64 (2,): steps done, and updates since the moments began}. Float32. Nothing is held
anywhere else: every draw of step k comes from a generator seeded by (seed, k), so state and
settings decide all that follows, and a run goes on alike whether it was stopped or not.

The process is the one of the digits (core.models.ddpm.samplers walks it back). Papers: Ho et al.
2020, arXiv 2006.11239; Song et al. 2021, 2011.13456 (score, reverse SDE, probability-flow ODE).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.densities import NAMES
from core.inputs import choice, integer, number
from core.models.ddpm.forward import add_noise
from core.models.ddpm.samplers import Predict
from core.models.ddpm.schedule import KINDS, STEPS, Schedule
from core.models.flat.nets import size, unfold
from core.models.flat.optimizers import update
from core.models.flat.runs import State, afresh, check_state, draws
from core.models.flat.settings import hold, target

TARGETS = (*NAMES, "drawn")
MOST_STEPS = 500  # of one call
EMA = 0.995
WAVES = (1.0, 2.0, 4.0)  # k
TURNS = 4  # j
SEEN = 2 + 4 * len(WAVES) + 2 * TURNS
INTEGERS = {"width": (8, 128), "depth": (1, 4), "batch": (16, 1024), "seed": (0, 2**31 - 1)}


@dataclass(frozen=True)
class Settings:
    """The settings of a run, all that it depends on; every field is checked.

    Attributes:
        target: one of TARGETS.
        points: ((x, y), …) of a drawn target, 3 to 400 from −4 to 4; else ignored.
        sigma: width of a drawn target's points, 0.03 to 1.
        schedule: one of core.models.ddpm.schedule.KINDS.
        bends: points (u, ᾱ) of a "bent" schedule; else ignored.
        width: units a hidden layer, 8 to 128.
        depth: hidden layers, 1 to 4.
        batch: points a step, 16 to 1024.
        rate: learning rate, 0 to 0.1.
        seed: of every draw.

    Raises:
        InputError: with the name of the field.
    """

    target: str = "moons"
    points: tuple[tuple[float, float], ...] = ()
    sigma: float = 0.1
    schedule: str = "cosine"
    bends: tuple[tuple[float, float], ...] = ()
    width: int = 64
    depth: int = 3
    batch: int = 256
    rate: float = 0.003
    seed: int = 0

    def __post_init__(self) -> None:
        found: dict[str, object] = {"sigma": number("sigma", self.sigma, 0.03, 1)}
        found |= {name: integer(name, getattr(self, name), *INTEGERS[name]) for name in INTEGERS}
        found["target"] = choice("target", self.target, TARGETS)
        found["schedule"] = choice("schedule", self.schedule, KINDS)
        found["rate"] = number("rate", self.rate, 0, 0.1)
        found["bends"] = Schedule(self.schedule, STEPS, self.bends).points
        hold(self, found)

    def sizes(self) -> tuple[int, ...]:
        """Return the widths of the net from its input to its output."""
        return (SEEN, *[self.width] * self.depth, 2)

    def plan(self) -> Schedule:
        """Return the schedule; the same object for the same one."""
        return _schedule(self.schedule, self.bends)


FIELDS = tuple(field.name for field in fields(Settings))


@lru_cache(maxsize=32)
def _schedule(kind: str, bends: tuple) -> Schedule:
    return Schedule(kind, STEPS, bends)


# ---- the net


def velocity(layers: list[Tensor], x: Tensor, alpha_bar: Tensor) -> Tensor:
    """Compute the net's v̂, (B, 2).

    Args:
        layers: weight, bias, weight, … (`core.models.flat.nets.unfold` of w or w̄).
        x: x_t, (B, 2).
        alpha_bar: ᾱ_t, (B,).
    """
    phi = alpha_bar.clamp(0, 1).sqrt().acos()[:, None]  # (B, 1)
    waves = torch.cat([k * x for k in WAVES], 1)  # (B, 6)
    turns = phi * torch.arange(1, TURNS + 1)  # (B, 4)
    h = torch.cat([x, waves.sin(), waves.cos(), turns.sin(), turns.cos()], 1)  # (B, 22)
    last = len(layers) - 2
    for k in range(0, last, 2):
        h = F.silu(F.linear(h, layers[k], layers[k + 1]))  # (B, width)
    return F.linear(h, layers[last], layers[last + 1])


def predictor(state: State, settings: Settings, average: bool = True) -> Predict:
    """Return (x_t (B, 2), t) -> (ε̂, x̂_0) of a state's net, as samplers.chain takes it.

    Args:
        state: of `begin` or `advance`.
        settings: its own.
        average: by w̄; else by w.
    """
    layers = unfold(state["average" if average else "w"], settings.sizes())
    plan = settings.plan()

    @torch.no_grad()
    def predict(x: Tensor, t: int) -> tuple[Tensor, Tensor]:
        alpha_bar = plan.alpha_bar[t].item()
        v = velocity(layers, x, torch.full((len(x),), alpha_bar))
        signal, sigma = math.sqrt(alpha_bar), math.sqrt(1 - alpha_bar)
        return signal * v + sigma * x, signal * x - sigma * v

    return predict


# ---- a run


def begin(settings: Settings) -> State:
    """Return the state before the first step: weights as torch.nn.Linear, the last layer's zero."""
    generator, parts = draws(settings.seed, "weights"), []
    sizes = settings.sizes()
    for inputs, outputs in zip(sizes, sizes[1:-1]):
        raw = torch.rand(outputs * (inputs + 1), generator=generator)
        parts.append((2 * raw - 1) / math.sqrt(inputs))
    flat = torch.cat([*parts, torch.zeros(2 * (sizes[-2] + 1))])
    none, counts = torch.zeros_like(flat), torch.zeros(2, dtype=torch.int64)
    return {"w": flat, "m": none, "v": none.clone(), "average": flat.clone(), "counts": counts}


def loss(layers: list[Tensor], settings: Settings, draw: torch.Generator) -> Tensor:
    """Compute mean (v − v̂)² of a fresh batch; t is stratified, one in each of B parts of 1 … T."""
    plan, B = settings.plan(), settings.batch
    x0 = target(settings).sample(B, draw).float()
    u = (torch.arange(B) + torch.rand(B, generator=draw)) / B
    alpha_bar = plan.alpha_bar[1 + (u * plan.steps).long().clamp(max=plan.steps - 1)]
    noise = torch.randn(B, 2, generator=draw)
    x = add_noise(x0, alpha_bar, noise)
    signal, sigma = (part.float()[:, None] for part in (alpha_bar.sqrt(), (1 - alpha_bar).sqrt()))
    return (velocity(layers, x, alpha_bar.float()) - (signal * noise - sigma * x0)).square().mean()


def advance(
    state: State, settings: Settings, steps: int = 1
) -> tuple[State, list[dict[str, float]]]:
    """Train a run by some steps; the given state stays as it is.

    Args:
        state: from `begin`, `advance`, `adapt` or `check`.
        settings: as the state was made for (`adapt` changes it to others).
        steps: 1 to 500.

    Returns:
        The new state, and for every step the figures of its batch before the update: step (1 for
        the first), loss, grad (‖∇‖). Where a number stops being finite the run stops before
        that step, and the list is shorter than `steps`.

    Raises:
        InputError: steps are not that.
    """
    steps = integer("steps", steps, 1, MOST_STEPS)
    flat, average, moments = state["w"], state["average"], {"m": state["m"], "v": state["v"]}
    done, count = state["counts"].tolist()
    seen: list[dict[str, float]] = []
    for _ in range(steps):
        at = flat.detach().requires_grad_(True)
        with torch.enable_grad():
            value = loss(unfold(at, settings.sizes()), settings, draws(settings.seed, done + 1))
            (grad,) = torch.autograd.grad(value, at)
        norm = grad.norm().item()
        if not (math.isfinite(value.item()) and math.isfinite(norm)):
            break
        flat, moments = update("adam", flat.detach(), grad, moments, count + 1, settings.rate, 0.9)
        average = average.lerp(flat, 1 - min(EMA, (1 + count) / (10 + count)))
        done, count = done + 1, count + 1
        seen.append({"step": done, "loss": value.item(), "grad": norm})
    counts = torch.tensor([done, count])
    return {"w": flat, **moments, "average": average, "counts": counts}, seen


def adapt(state: State, old: Settings, new: Settings) -> State:
    """Return the state with which the run goes on under other settings.

    Another width or depth starts the net anew, its steps counted on; another target, schedule,
    batch, rate or seed leaves the weights as they are.
    """
    if new.sizes() == old.sizes():
        return dict(state)
    return afresh(begin(new), state)


def check(state: Any, settings: Settings) -> State:
    """Return a state that came from elsewhere, if it is one for these settings.

    Raises:
        InputError: names, shapes or kinds of number are others, or a number is not finite.
    """
    return check_state(state, _shapes(settings))


def _shapes(settings: Settings) -> dict[str, tuple[int, ...]]:
    flat = (size(settings.sizes()),)
    return {"w": flat, "m": flat, "v": flat, "average": flat, "counts": (2,)}
