"""Dream beside reality: M goes on by itself from where it was told the truth, same actions.

warm    t < w: M reads V's codes of real frames, h_t = GRU([z_t, a_{t−1}], h_{t−1})
dream   t ≥ w: z_{t+1} ~ p(z | h_t, a_t) at temperature τ, read back into h; the actions are
        those of the real game
apart   Σ |dream's pixels − real frame|: grows with t even for a perfect model, since the future
        is drawn; so a second real future from the same state stands beside it
blur    Σ |dream's pixels − the frame that it is read as|, dust left out: 0 for a clear picture
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.data import gap
from core.models.world.memory import Forecast, Memory
from core.models.world.vision import Vision


@dataclass(frozen=True)
class Moment:
    """One moment of N dreams."""

    z: Tensor  # (N, Z): V's code of the real frame, or the dreamed one
    h: Tensor  # (N, H), after z
    alive: Tensor  # (N,) bool: whether the dream has let the player live so far
    forecast: Forecast | None  # that z was drawn from; None while the frames are real


@torch.no_grad()
def dream_on(
    memory: Memory,
    codes: Sequence[Tensor],
    actions: Sequence[Tensor],
    temperature: float,
    generator: torch.Generator | None = None,
) -> list[Moment]:
    """Return the moments of N dreams, one more than there are actions.

    Args:
        memory: M.
        codes: of the real frames that it is told first, at least one, (N, Z) each.
        actions: after each moment, (N,) of -1, 0, 1 each.
        temperature: above 0.
        generator: of the dream.
    """
    h, z = memory.begin(len(codes[0])), codes[0]
    alive = torch.ones(len(z), dtype=torch.bool)
    h = memory.remember(z, None, h)
    out = [Moment(z, h, alive, None)]
    for t, action in enumerate(actions, start=1):
        seen = None
        if t < len(codes):
            z = codes[t]
        else:
            seen = memory.forecast(h, action)
            z, dies = seen.draw(temperature, generator)
            alive = alive & ~dies
        h = memory.remember(z, action, h)
        out.append(Moment(z, h, alive, seen))
    return out


def apart(images: Tensor, others: Tensor) -> Tensor:
    """Return how many pixels two pictures (N, 1, 16, 16) differ by, dust left out, (N,)."""
    return (images - others)[:, :, gap.EDGE :].abs().sum((1, 2, 3))


@torch.no_grad()
def blur(vision: Vision, z: Tensor) -> Tensor:
    """Return how far the pictures of codes (N, Z) are from the frames they are read as, (N,)."""
    images = vision.decode(z)
    return apart(images, gap.frames(gap.read(images)))


@dataclass(frozen=True)
class Horizon:
    """How far dreams come from reality, by the steps since the last real frame."""

    dream: list[float]  # mean pixels between dream and real frame
    other: list[float]  # mean pixels between a second real future and the real frame
    blur: list[float]  # mean pixels between the dream and the frame it is read as


@torch.no_grad()
def horizon(
    vision: Vision,
    memory: Memory,
    games: int,
    warm: int,
    steps: int,
    temperature: float,
    generator: torch.Generator,
) -> Horizon:
    """Measure dreams of `games` games at random actions, whoever dies goes on."""
    state = gap.start(games, generator)
    states, actions = [state], []
    for _ in range(warm - 1 + steps):
        action = torch.randint(3, (games,), generator=generator) - 1
        state, _ = gap.step(state, action, generator)
        states, actions = [*states, state], [*actions, action]
    codes = [vision.encode(gap.frames(one))[0] for one in states[:warm]]
    dreams = dream_on(memory, codes, actions, temperature, generator)[warm - 1 :]
    other, found = states[warm - 1], Horizon([], [], [])
    for n, moment in enumerate(dreams):
        real = gap.frames(states[warm - 1 + n])
        found.dream.append(apart(vision.decode(moment.z), real).mean().item())
        found.other.append(apart(gap.frames(other), real).mean().item())
        found.blur.append(blur(vision, moment.z).mean().item())
        if n < steps:
            other, _ = gap.step(other, actions[warm - 1 + n], generator)
    return found
