"""Chains over digits on the trained energy, and the energies of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from apps.lessons.ebm.inputs import MOST_STEPS, Inputs
from apps.lessons.shared import chains, nets, sampling
from apps.lessons.shared.pictures import batch
from apps.stage import board as b
from apps.stage.contract import Check, More

if TYPE_CHECKING:
    from core.models.ebm.energy import EBM

NAME = "ebm-mnist"
FIRST, PIECE = 20, 60  # steps in the first answer, and in each that follows
SHOWN = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 125, 150, 175, 200, 250, 300)
KEPT = frozenset({*SHOWN, *range(0, MOST_STEPS + 1, 50)})

USUAL = {"eta": 2.5, "sigma": 0.0025}  # of the net's card, and of the scenes' presets

Moment = tuple[np.ndarray, np.ndarray | None]  # energies (n,); images (n, 28, 28) of shown steps
Chain = chains.Chain[Moment]


def model() -> EBM:
    """Return the trained energy.

    Raises:
        WeightError: it cannot be had here; the error says why.
    """
    return nets.model(NAME)


def energies(images: np.ndarray) -> np.ndarray:
    """Return E of pictures (B, 28, 28), (B,)."""
    return model().energy(batch(images)).numpy().astype(float)


def chain(n: int, inputs: Inputs, start: np.ndarray | None = None) -> tuple[Chain, More]:
    """Return n chains from noise or from pictures (n, 28, 28) as far as this request takes them."""
    options = {"step_size": inputs.eta, "noise": inputs.sigma}
    found = chain_of("sampling", n, inputs.seed, start, options)
    return found, go_on(found, inputs.steps, inputs.points)


def three_chains(
    n: int, inputs: Inputs, start: np.ndarray | None, eta: float
) -> tuple[list[Chain], More]:
    """Return n chains from one start thrice, as far as this request takes them: without noise,
    with the usual noise, and at the temperature that the page asks for, in steps of `eta`.
    """
    step = USUAL["eta"]
    found = [
        chain_of("sampling", n, inputs.seed, start, {"step_size": step, "noise": sigma})
        for sigma in (0.0, USUAL["sigma"])
    ]
    warm = {"step_size": eta, "temperature": inputs.heat}
    found.append(chain_of("tempered_chains", n, inputs.seed, start, warm))
    told = [go_on(one, 300, inputs.points) for one in found]
    return found, min(told, key=lambda more: more["done"])


def chain_of(
    way: str, n: int, seed: int, start: np.ndarray | None, options: dict[str, float]
) -> Chain:
    """Return chains of a method of the net, kept if they were begun before."""
    net, first = model(), None if start is None else start.astype(np.float32)

    def states() -> Iterator[chains.State]:
        picture = None if first is None else batch(first)
        return sampling.moments(
            NAME, net, way, n, seed=seed, keep=KEPT, always=("energy",),
            start=picture, steps=MOST_STEPS, **options,
        )  # fmt: skip

    def read(t: int, state: chains.State) -> Moment:
        images = state["x"][:, 0].numpy().copy() if t in KEPT else None
        return state["energy"].numpy().astype(float), images

    def make() -> Chain:
        return chains.Chain(states, MOST_STEPS + 1, range(MOST_STEPS + 1), read)

    start_key = None if first is None else first.tobytes()
    key = (NAME, id(net), way, n, seed, *sorted(options.items()), start_key)
    return chains.chain(key, make)


def go_on(one: Chain, steps: int, asked: int) -> More:
    """Take a chain as far as a request asks, at most to `steps`; see chains.go_on."""
    there = max(0, one.done - 1)  # the start is no step
    done = min(steps, max(asked, FIRST))
    if asked > there + PIECE:  # dropped meanwhile: from the beginning, in pieces
        done = min(steps, there + PIECE)
    one.up_to(done + 1)
    return {"input": "points", "next": min(steps, done + PIECE), "done": done, "of": steps}


def images(one: Chain, t: int) -> np.ndarray:
    """Return the images (n, 28, 28) of a shown step."""
    found = one.shown[t][1]
    assert found is not None, f"step {t} is not kept"
    return found


def traces(one: Chain, done: int) -> np.ndarray:
    """Return the energies of the steps 0 to `done`, (done + 1, n)."""
    return np.array([one.shown[t][0] for t in range(done + 1)])


def frame_steps(steps: int, done: int) -> list[int]:
    """Return the steps of a chain that have a frame."""
    return sorted(t for t in KEPT if t <= min(steps, done))


@lru_cache(maxsize=1)
def usual_energy() -> float:
    """Return the mean E of the 10,000 test digits, as it ships."""
    from core.measure import anomaly

    return float(anomaly.shipped_energies(anomaly.FILE)[0]["test"].double().mean())


def step_check(pictures: np.ndarray, eta: float) -> Check:
    """Return the check of E and of a step of η without noise on pictures (B, 28, 28)."""
    from core.models.ebm import energy
    from core.models.ebm.check import image_step_delta

    net, x = model(), batch(pictures)
    value, gradient = net.slope(x)
    after = energy.follow(x, gradient, eta, 0.0, net.config.clip)[:, 0]
    weights = {name: one.numpy() for name, one in net.state_dict().items()}
    return b.delta_check(
        image_step_delta(weights, pictures, value, after, eta, net.config.clip), 1e-4
    )
