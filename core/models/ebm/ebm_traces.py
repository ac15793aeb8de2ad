"""The traces of core.models.ebm: every number of a step, with its shape.

B particles of D coordinates, n chains of images.
"""

from __future__ import annotations

from torch import Tensor
from typing_extensions import TypedDict


class Moment(TypedDict):
    """Particles under Langevin dynamics at one step."""

    x: Tensor  # (B, D)
    energy: Tensor  # (B,), nats
    gradient: Tensor  # (B, D), ∇E(x)
    drift: Tensor  # (B, D), −ε/2 ∇E/T; 0 where not taken
    noise: Tensor  # (B, D), n √ε ξ; 0 where not taken
    lost: Tensor  # (B,) booleans: beyond 1000, or E is not finite
    taken: Tensor  # (B,) booleans: not lost, nor refused by Metropolis


class LangevinStep(TypedDict):
    """One Langevin step of one particle, term by term, as a table has it."""

    x: list[float]  # D numbers, 1 to 8
    gradient: list[float]  # D, ∇E(x)
    noise: list[float]  # D, ξ
    half_step: float  # ε/2
    root_step: float  # √ε
    drift: list[float]  # D, −ε/2 ∇E
    noise_term: list[float]  # D, √ε ξ
    x_next: list[float]  # D, x + drift + noise_term


class ChainState(TypedDict):
    """The images of some chains at one step."""

    x: Tensor  # (n, 1, 28, 28) in [0, 1]
    energy: Tensor  # (n,)
    gradient: Tensor  # (n, 1, 28, 28), before clipping


class LossParts(TypedDict):
    """The parts of the contrastive loss over digits."""

    data: Tensor  # (), mean E(x⁺)
    chains: Tensor  # (), mean E(x⁻)
    gap: Tensor  # (), their difference


class Description(TypedDict):
    """What the page draws of an energy in the plane, and its numbers."""

    bounds: tuple[float, float, float, float]  # x0, x1, y0, y1
    surface: Tensor  # (side, side), E at the cells' middles, top row first
    exact: Tensor  # (side, side), −log p of the target less log Z; inf where p is 0
    arrows_at: Tensor  # (arrows², 2)
    arrows: Tensor  # (arrows², 2), ∇E there
    particles: Tensor  # (B, 2)
    data: Tensor  # (B, 2), those of the next step
    energy_data: float  # nats, like the next five
    energy_particles: float
    loss: float
    log_z: float
    nll: float
    entropy: float  # of the target: the floor of nll
    step: int  # from 0
    finite: bool  # false once the run has diverged, and its numbers mean nothing
