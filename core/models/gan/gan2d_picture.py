"""The picture of a moment of the GAN in the plane, and its measures: pure functions of a state.

    surface    σ(D(x)), the probability of being real, for "minimax" and "non-saturating"; the raw
               D(x) for the others. With packs: the mean raw output over 8 packs that x makes with
               generated points, and then σ
    warp       lines of constant latent, mapped by G: the plane's grid as G bends it (a curve for a
               one-dimensional latent). They span [−1, 1], or ±2 for a normal latent
    push       −∂L_G/∂x at generated points, each its own term of L_G: where G is told to move them;
               its norm vanishes where D is sure and the loss is "minimax"
    slope      ‖∂D/∂x‖ of the raw output there, 1 where a penalised critic is at its aim

The latents and the real points shown depend on the seed alone, so points move continuously from
moment to moment.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from typing_extensions import TypedDict

from core.data.densities import grid
from core.inputs import integer
from core.measure import points as plane
from core.models.flat.nets import forward, unfold
from core.models.flat.settings import target
from core.models.gan.gan2d import discriminate, draws, generate, latents
from core.models.gan.gan2d_settings import Settings
from core.models.gan.gan2d_state import State
from core.models.gan.losses import generator_loss

PROBABILITY = ("minimax", "non-saturating")
MEASURED = 2048  # generated points behind KL, JS and the modes
PAIRS = 256  # points behind W₁
PARTNERS = 8  # packs that a point's score is a mean over


class Picture(TypedDict):
    """One moment as float32 arrays."""

    z: np.ndarray  # (n, latent)
    fake: np.ndarray  # (n, 2), G(z)
    real: np.ndarray  # (n, 2)
    surface: np.ndarray  # (side, side), rows from the top, at the middles of cells
    surface_is: str  # "probability" or "score"
    bounds: tuple[float, float, float, float]  # x0, x1, y0, y1
    warp: np.ndarray  # (lines, points, 2)
    at: np.ndarray  # (arrows, 2), the first of the generated points
    push: np.ndarray  # (arrows, 2), −∂L_G/∂x there
    slope: np.ndarray  # (arrows,), ‖∂D/∂x‖ there


class Measures(TypedDict):
    """How near G is to its target; see core.measure.points."""

    kl: float  # nats
    js: float  # nats
    w1: float  # in units of the plane, between 256 points and as many real ones
    modes: dict[str, Any] | None  # as core.measure.points.modes; None without modes
    push: float  # mean norm over 256 generated points
    slope: float  # mean over these


def describe(
    state: State, settings: Settings, n: int = 256, side: int = 40, arrows: int = 60
) -> Picture:
    """Return the picture of one moment.

    Args:
        state: checked.
        settings: those of the state.
        n: generated and real points shown, 64 to 512, a multiple of 4.
        side: cells a side of D's surface, 8 to 80.
        arrows: of the generated points, how many get one, 0 to 64.

    Raises:
        InputError: n, side or arrows are not that.
    """
    n, side = 4 * integer("n", n / 4, 16, 128), integer("side", side, 8, 80)
    arrows = integer("arrows", arrows, 0, 64)
    z, fake, real = sample_points(state, settings, n)
    push, slope = pushes(state, settings, fake)
    probability = settings.loss in PROBABILITY
    score = scores(state, settings, grid(target(settings).bounds, side).float(), fake)
    surface = (torch.sigmoid(score) if probability else score).reshape(side, side)
    return {
        "z": z.numpy(),
        "fake": fake.numpy(),
        "real": real.numpy(),
        "surface": surface.numpy(),
        "surface_is": "probability" if probability else "score",
        "bounds": target(settings).bounds,
        "warp": warp(state, settings).numpy(),
        "at": fake[:arrows].numpy(),
        "push": push[:arrows].numpy(),
        "slope": slope[:arrows].numpy(),
    }


def measure(state: State, settings: Settings, n: int = MEASURED) -> Measures:
    """Measure how near G is to its target, and the gradient that D gives it.

    Args:
        state: checked.
        settings: those of the state.
        n: generated points behind kl, js and modes, 256 to 8192, a multiple of 4.
    """
    n = 4 * integer("n", n / 4, 64, 2048)
    _, fake, real = sample_points(state, settings, n)
    push, slope = pushes(state, settings, fake[:PAIRS])
    near = plane.divergences(fake, target(settings))
    return {
        "kl": near["kl"],
        "js": near["js"],
        "w1": plane.wasserstein(fake[:PAIRS], real[:PAIRS]),
        "modes": plane.modes(fake, target(settings)),
        "slope": slope.mean().item(),
        "push": push.norm(dim=1).mean().item(),
    }


def sample_points(state: State, settings: Settings, n: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return n latents, their images G(z) and n real points: the same draws at every moment."""
    z = latents(settings, n, draws(settings, "shown latents"))
    real = target(settings).sample(n, draws(settings, "shown points")).float()
    with torch.no_grad():
        return z, generate(state, settings, z), real


@torch.no_grad()
def scores(state: State, settings: Settings, x: Tensor, fake: Tensor) -> Tensor:
    """Return D's raw output (N,) at points (N, 2); a pack is filled up from `fake`."""
    layers = unfold(state["d"], settings.sizes("d"))
    if settings.pack == 1:
        return discriminate(layers, x, 1)
    others = settings.pack - 1
    total = torch.zeros(len(x))
    for k in range(PARTNERS):
        partners = fake[k * others : (k + 1) * others].reshape(1, -1).expand(len(x), -1)
        total += forward(layers, torch.cat([x, partners], 1))[:, 0]
    return total / PARTNERS


def pushes(state: State, settings: Settings, fake: Tensor) -> tuple[Tensor, Tensor]:
    """Return −∂L_G/∂x (N, 2) and ‖∂D/∂x‖ (N,) at generated points (N, 2), N a multiple of pack;
    without the noise of training.
    """
    x = fake.detach().requires_grad_()
    out = discriminate(unfold(state["d"], settings.sizes("d")), x, settings.pack)
    (steep,) = torch.autograd.grad(out.sum(), x, retain_graph=True)
    (down,) = torch.autograd.grad(generator_loss(settings.loss, out), x)
    return -down * len(out), steep.norm(dim=1)  # L_G is a mean over len(out) packs


def warp(state: State, settings: Settings, lines: int = 11, points: int = 41) -> Tensor:
    """Return G of lines in the latent space: (2 · lines, points, 2), or (1, 8 · points, 2)."""
    far = 2.0 if settings.prior == "normal" else 1.0
    if settings.latent == 1:
        z = torch.linspace(-far, far, 8 * points).reshape(1, -1, 1)
    else:
        fixed, along = torch.linspace(-far, far, lines), torch.linspace(-far, far, points)
        across = torch.stack(torch.meshgrid(fixed, along, indexing="ij"), 2)  # (lines, points, 2)
        z = torch.cat([across, across.flip(2)])
    with torch.no_grad():
        return generate(state, settings, z.reshape(-1, settings.latent)).reshape(*z.shape[:2], 2)
