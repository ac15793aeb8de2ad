"""A flow in the plane whose whole run is a value: a state goes in, a later one comes out.

    flow      core.models.flow: actnorm, then couplings of dense nets with two hidden layers
    a step    w ← Adam(w, ∇ −1/B Σ log p(x_b)),  x_b fresh points of the target
    clip      g ← g · min(1, 10 / ‖g‖): where the target is sharp a few points' gradients are huge

State: {"w": (P,) all weights in the order of `Flow.parameters()`; "m", "v": Adam's moments, (P,);
"counts": int64 (2,): steps done, and updates since the moments began}. Float32. Nothing is kept
anywhere else: every draw of step k comes from a generator seeded by (seed, k), so state and
settings decide all that follows, and a run goes on alike whether it was stopped or not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.data.densities import NAMES
from core.inputs import choice, integer, number
from core.models.flat.optimizers import update
from core.models.flat.runs import State, check_state, draws
from core.models.flat.settings import hold, target
from core.models.flow.layers import ActNorm
from core.models.flow.real_nvp import MASKS, Config, Flow, loss

TARGETS = (*NAMES, "drawn")
MOST_STEPS = 500  # of one call
CLIP = 10.0
SIGMAS = (0.02, 0.5)  # narrower, and the entropy's cells are wider than a point
INTEGERS = {"couplings": (2, 16), "width": (8, 64), "batch": (16, 512), "seed": (0, 2**31 - 1)}


@dataclass(frozen=True)
class Settings:
    """All that a run depends on; every field is checked.

    Attributes:
        target: one of TARGETS.
        points: ((x, y), …) of a drawn target, 3 to 400 from −4 to 4; else ignored.
        sigma: width of a drawn target's points, 0.02 to 0.5.
        couplings: 2 to 16.
        width: units a hidden layer of a coupling's net, 8 to 64.
        masks: "alternate", or "fixed": the first number is never changed by a coupling.
        batch: points a step, 16 to 512.
        rate: learning rate, 0 to 0.1.
        seed: of every draw.

    Raises:
        InputError: with the name of the field.
    """

    target: str = "moons"
    points: tuple[tuple[float, float], ...] = ()
    sigma: float = 0.1
    couplings: int = 6
    width: int = 32
    masks: str = "alternate"
    batch: int = 128
    rate: float = 0.005
    seed: int = 0

    def __post_init__(self) -> None:
        found: dict[str, Any] = {k: integer(k, getattr(self, k), *INTEGERS[k]) for k in INTEGERS}
        found["target"] = choice("target", self.target, TARGETS)
        found["masks"] = choice("masks", self.masks, MASKS)
        found["sigma"] = number("sigma", self.sigma, *SIGMAS)
        found["rate"] = number("rate", self.rate, 0, 0.1)
        hold(self, found)

    def config(self) -> Config:
        """Return the flow's architecture."""
        return Config(couplings=(self.couplings,), width=(self.width,), masks=self.masks)

    def size(self) -> int:
        """Return P, how many weights the flow has."""
        w = self.width
        return 4 + self.couplings * (2 * w + w * (w + 1) + 2 * (w + 1))


def flow(state: State, settings: Settings) -> Flow:
    """Return a state as an independent Flow in eval mode; changing it changes no state."""
    model = Flow(settings.config())
    _view(model, state["w"].clone())
    return model.eval().requires_grad_(False)


def _view(model: Flow, flat: Tensor) -> None:
    """Let the model's parameters be pieces of a flat vector (P,)."""
    start = 0
    for parameter in model.parameters():
        end = start + parameter.numel()
        parameter.data = flat[start:end].view(parameter.shape)
        start = end


# ---- a run


def begin(settings: Settings) -> State:
    """Return the state before the first step.

    Weights uniform in ±1/√inputs as torch.nn.Linear, those of the last layers zero; the actnorm
    centres and scales 1000 points of the target.
    """
    model = Flow(settings.config())
    generator = draws(settings.seed, "weights")
    for name, parameter in model.named_parameters():
        if ".layers.0." in name or ".layers.2." in name:
            inputs = 1 if ".layers.0." in name else settings.width
            raw = torch.rand(parameter.shape, generator=generator)
            parameter.data = (2 * raw - 1) / math.sqrt(inputs)
    first = model.layers[0]
    assert isinstance(first, ActNorm)
    first.settle(target(settings).sample(1000, draws(settings.seed, "settle")).float())
    flat = torch.cat([p.detach().flatten() for p in model.parameters()])
    counts = torch.zeros(2, dtype=torch.int64)
    return {"w": flat, "m": torch.zeros_like(flat), "v": torch.zeros_like(flat), "counts": counts}


def advance(
    state: State, settings: Settings, steps: int = 1
) -> tuple[State, list[dict[str, float]]]:
    """Train a flow for some steps; the given state stays as it is.

    Args:
        state: from `begin`, `advance`, `adapt` or `check`.
        settings: as the state was made for (`adapt` changes it to others).
        steps: 1 to 500.

    Returns:
        The new state, and for every step what was measured on its batch before the update: step
        (1 for the first), nll in nats, grad (‖∇‖ before clipping). Where a number stops being
        finite the run stops before that step, and the list is shorter than `steps`.

    Raises:
        InputError: steps are not that.
    """
    steps = integer("steps", steps, 1, MOST_STEPS)
    model, density = Flow(settings.config()), target(settings)
    flat, moments = state["w"].clone(), {"m": state["m"], "v": state["v"]}
    done, count = state["counts"].tolist()
    _view(model, flat)  # from now on the model follows `flat`
    parameters, seen = list(model.parameters()), []
    for _ in range(steps):
        x = density.sample(settings.batch, draws(settings.seed, done + 1)).float()
        value = loss(model, x)
        grads = torch.autograd.grad(value, parameters, allow_unused=True, materialize_grads=True)
        grad = torch.cat([part.flatten() for part in grads])
        norm = grad.norm().item()
        if not (math.isfinite(value.item()) and math.isfinite(norm)):
            break
        grad *= min(1.0, CLIP / max(norm, 1e-12))
        new, moments = update("adam", flat, grad, moments, count + 1, settings.rate, 0.9)
        flat.copy_(new)
        done, count = done + 1, count + 1
        seen.append({"step": done, "nll": value.item(), "grad": norm})
    return {"w": flat, **moments, "counts": torch.tensor([done, count])}, seen


def adapt(state: State, old: Settings, new: Settings) -> State:
    """Return the state with which the run goes on under other settings.

    Another number of couplings, width or masks starts the flow anew from step 0; another target,
    batch, rate or seed leaves the weights as they are.
    """
    return dict(state) if new.config() == old.config() else begin(new)


def check(state: Any, settings: Settings) -> State:
    """Return a state that came from elsewhere, if it is one for these settings.

    Raises:
        InputError: names, shapes or kinds of number are others, or a number is not finite.
    """
    weights = (settings.size(),)
    return check_state(state, {"w": weights, "m": weights, "v": weights, "counts": (2,)})
