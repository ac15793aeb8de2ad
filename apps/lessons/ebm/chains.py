"""Chains over digits: computed a piece a request, kept for who asks next with the same settings."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.lessons.shared import sampling
from core.inputs import integer, number

if TYPE_CHECKING:
    from core.models.ebm.energy import EBM

NAME = "ebm-mnist"
MOST_STEPS = 500  # of a chain on the page
PIECE = 60  # steps in one answer
SHOWN = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 125, 150, 175, 200, 250, 300)
KEPT = {*SHOWN, *range(0, MOST_STEPS + 1, 50)}
MAX_SEED = 2**31 - 1
SIDE, PIXELS = 28, 784


def model() -> EBM:
    """Return the trained energy, shared by all; a WeightError says why it cannot be had."""
    from core import weights

    return weights.load(NAME)  # type: ignore[return-value]


def have() -> bool:
    """Return whether the trained energy can be had."""
    from core.weights import WeightError

    try:
        model()
    except WeightError:
        return False
    return True


def batch(images: np.ndarray) -> Any:
    """Return pictures (B, 28, 28) as a float32 tensor (B, 1, 28, 28)."""
    import torch

    return torch.as_tensor(images, dtype=torch.float32).reshape(-1, 1, SIDE, SIDE)


def energies(images: np.ndarray) -> np.ndarray:
    """Return E of pictures (B, 28, 28), (B,)."""
    return model().energy(batch(images)).numpy().astype(float)


def stated(metric: str) -> float | None:
    """Return a figure from the card, or None."""
    from core.weights.card import cards

    card = cards().get(NAME)
    return card.metrics[metric]["value"] if card and metric in card.metrics else None


class Chain:
    """Chains that go on when somebody asks for more: images of the shown steps, E of every step.

    One lock a chain: who asks while it is computed waits, and finds it done.
    """

    def __init__(self, n: int, seed: int, size: float, noise: float, start: bytes | None):
        first = None
        if start is not None:
            first = batch(np.frombuffer(start, np.float32).copy())
        options = {"steps": MOST_STEPS, "step_size": size, "noise": noise, "start": first}
        self.states: Iterator[dict[str, Any]] = sampling.moments(
            NAME, model(), "sampling", n, seed=seed, keep=KEPT, always=("energy",), **options
        )
        self.lock = threading.Lock()
        self.images: dict[int, np.ndarray] = {}
        self.energies: list[np.ndarray] = []

    def upto(self, steps: int) -> None:
        """Go on until the state after `steps` steps is there."""
        with self.lock:
            while len(self.energies) <= steps:
                state = next(self.states)
                t = len(self.energies)
                if t in KEPT:
                    self.images[t] = state["x"][:, 0].numpy().copy()  # (n, 28, 28)
                self.energies.append(state["energy"].numpy().astype(float))


@lru_cache(maxsize=32)
def _chain(key: int, *settings: Any) -> Chain:
    return Chain(*settings)


def chain(
    n: int, inputs: dict[str, Any], start: np.ndarray | None = None
) -> tuple[Chain, int, int]:
    """Return chains from noise or from a picture (28, 28) as far as this request takes them.

    Returns:
        The chains, how many steps they have gone, and how many were asked for.
    """
    usual = model().config
    steps = integer("steps", inputs.get("steps", usual.steps), 1, MOST_STEPS)
    size = number("eta", inputs.get("eta", usual.step_size), 0, 100)
    noise = number("sigma", inputs.get("sigma", usual.noise), 0, 1)
    seed = integer("seed", inputs.get("seed", 0), 0, MAX_SEED)
    asked = integer("points", inputs.get("points", 0), 0, MOST_STEPS)
    first = None if start is None else start.astype(np.float32).tobytes()
    found = _chain(id(model()), n, seed, size, noise, first)  # another net, another chain
    done = min(steps, max(asked, PIECE))
    if asked > len(found.energies) + PIECE:  # a chain that was dropped starts again, in pieces
        done = min(steps, len(found.energies) + PIECE)
    found.upto(done)
    return found, done, steps


def more(done: int, steps: int) -> dict[str, Any]:
    """Return what makes the page ask for the next piece."""
    return {"input": "points", "next": min(steps, done + PIECE), "done": done, "of": steps}


def shown(steps: int, done: int) -> list[int]:
    """Return the steps of a chain that have a frame."""
    return sorted(t for t in KEPT if t <= min(steps, done))


@lru_cache(maxsize=1)
def usual_energy() -> float:
    """Return the mean E of the 100 test digits that ship."""
    from apps.lessons.vae.models import digits

    return float(energies(digits()[0]).mean())


def step_check(images: np.ndarray) -> dict[str, Any]:
    """Return the check of one step, with torch's optimiser."""
    from apps.stage import board as b
    from core.models.ebm.check import image_step_delta

    found = image_step_delta(model(), batch(images))
    return b.check(found["delta"], found["against"], 1e-4)
