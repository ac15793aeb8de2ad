"""Chains out of noise: computed a piece a request, kept for who asks next with the same settings.

A board's `points` counts steps of the net over all chains of the scene. Who asks for a piece finds
the chains where the last request left them; chains that were dropped start again, in pieces.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.ddpm import models as m
from apps.lessons.shared import sampling
from apps.stage import board as b
from core.inputs import integer, number

WORK = 160  # images that the net sees in one answer
MOST_SHOWN = 51  # moments of a chain that are kept
HEAD = 4  # moments at its beginning that are checked
CLOSE, EXACT = 1e-5, 2e-4  # float32: one step; the whole net
STEPS = (5, 10, 20, 50, 100, 250, 1000)
MOST_POINTS = 20_000
MOST_GUIDANCE = 10.0

Make = Callable[[], Iterator[dict[str, Any]]]


class Chain:
    """A chain that goes on when somebody asks for more; the shown moments as arrays.

    One lock a chain: who asks while it is computed waits, and finds it done.
    """

    def __init__(self, make: Make, length: int, eta: float, seed: int, film: bool):
        self.moments: Iterator[dict[str, Any]] = make()
        self.eta, self.seed = eta, seed
        self.took: list[float] = []  # seconds that each moment took here
        self.first: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        self.length = length  # moments, the start and the end included
        self.done = 0
        self.shown: dict[int, dict[str, Any]] = {}  # moment number -> t, x, eps_hat, x0_hat
        self.wanted = wanted(length, film)

    def upto(self, count: int) -> None:
        """Go on until `count` moments are there."""
        with self.lock:
            while self.done < min(count, self.length):
                start = time.perf_counter()
                state = next(self.moments)
                self.took.append(state.get("seconds", time.perf_counter() - start))
                if len(self.first) < HEAD:
                    self.first.append(state)
                if self.done in self.wanted:
                    self.shown[self.done] = {
                        "t": int(state["t"]),
                        **{k: state[k][:, 0].numpy().copy() for k in ("x", "eps_hat", "x0_hat")},
                    }
                self.done += 1

    def moments_so_far(self) -> list[dict[str, Any]]:
        """Return the shown moments that are there, in order, each with its number "k"."""
        return [{"k": k, **self.shown[k]} for k in sorted(self.shown)]

    def head(self) -> list[dict[str, Any]]:
        """Return the first moments as the net's tensors, at least two."""
        self.upto(2)
        return self.first[:HEAD]

    def rewound(self) -> Any:
        """Return the generator as it was before the first ξ: after the noise that x_T is."""
        import torch

        generator = torch.Generator().manual_seed(self.seed)
        torch.randn(self.head()[0]["x"].shape, generator=generator)
        return generator

    @property
    def end(self) -> np.ndarray | None:
        """The images (n, 28, 28) in [0, 1] at the end, None until it is there."""
        last = self.shown.get(self.length - 1)
        return None if last is None else m.shades(last["x"])


def shown(length: int) -> list[int]:
    """Return which of a chain's moments are kept: all, or some evenly, the ends among them."""
    count = min(length, MOST_SHOWN)
    return sorted({round(k * (length - 1) / max(1, count - 1)) for k in range(count)})


def wanted(length: int, film: bool) -> set[int]:
    """Return the numbers of the moments that are kept, of a film or of its two ends."""
    return set(shown(length)) if film else {0, length - 1}


def moments(
    way: str, *given: Any, seed: int, length: int, film: bool = True, **options: Any
) -> Iterator[dict[str, Any]]:
    """Return the net's way ("sampling", "redraw", "complete") from the noise of a seed."""
    keep = wanted(length, film) | set(range(HEAD))
    return sampling.moments(m.NAME, m.model(), way, *given, seed=seed, keep=keep, **options)


@lru_cache(maxsize=32)
def _kept(net: int, key: Hashable) -> list[Chain]:
    return []


def chain(
    key: Hashable, make: Make, length: int, eta: float, seed: int, film: bool = True
) -> Chain:
    """Return the chain of these settings, begun only once; another net, another chain.

    Args:
        key: the settings.
        make: begins it; what it draws comes from a generator of the seed, x_T first.
        length: moments, the start and the end included.
        eta: η.
        seed: of its generator.
        film: whether the moments between start and end are kept too.
    """
    kept = _kept(id(m.model()), (key, film))
    with _beginning:
        if not kept:
            kept.append(Chain(make, length, eta, seed, film))
    return kept[0]


_beginning = threading.Lock()


def run(chains: Sequence[Chain], inputs: dict[str, Any], work: int) -> dict[str, Any]:
    """Take chains as far as this request asks, one after the other.

    Args:
        chains: of the scene, in the order in which they are computed.
        inputs: of the scene, "points" among them.
        work: images that the net sees in one step.

    Returns:
        What makes the page ask for the next piece: {"input", "next", "done", "of"}.
    """
    piece = max(1, WORK // work)
    whole = sum(one.length for one in chains)
    asked = integer("points", inputs.get("points", 0), 0, MOST_POINTS)
    there = sum(one.done for one in chains)
    goal = min(whole, max(asked, piece, there))
    if asked > there + piece:  # dropped meanwhile: from the beginning, in pieces
        goal = min(whole, there + piece)
    left = goal
    for one in chains:
        one.upto(left)
        left -= min(left, one.length)
    return {"input": "points", "next": min(whole, goal + piece), "done": goal, "of": whole}


def pair(labels: Any, guidance: float) -> int:
    """Return how many images the net sees for one: guidance asks with and without the label."""
    return 1 if labels is None or guidance in (0, 1) else 2


def free(
    n: int,
    seed: int,
    labels: Sequence[int] | None,
    guidance: float,
    steps: int,
    eta: float,
    film: bool = True,
) -> Chain:
    """Return the chain of n images from the noise of a seed."""
    import torch

    asked = None if labels is None else tuple(labels)

    def make() -> Iterator[dict[str, Any]]:
        given = None if asked is None else torch.tensor(asked)
        options = {"labels": given, "guidance": guidance, "steps": steps, "eta": eta}
        return moments("sampling", n, seed=seed, length=steps + 1, film=film, **options)

    return chain((n, seed, asked, guidance, steps, eta), make, steps + 1, eta, seed, film)


def guidance(inputs: dict[str, Any]) -> float:
    """Return w, how strongly the label guides."""
    return number("guidance", inputs.get("guidance", 2), 0, MOST_GUIDANCE)


def eta(inputs: dict[str, Any]) -> float:
    """Return η: 0 is DDIM, 1 is DDPM."""
    return number("eta", inputs.get("eta", 1), 0, 1)


def steps(inputs: dict[str, Any], usual: int = 50) -> int:
    """Return into how many steps the way from noise to image is cut."""
    return integer("steps", inputs.get("steps", usual), 2, 1000)


# ---- checks


def step_check(one: Chain) -> dict[str, Any]:
    """Return the check of a chain's first steps: Bayes' rule or DDIM's, from the same ξ."""
    from core.models.ddpm.check import chain_delta

    found = chain_delta(one.head(), m.model().schedule, one.eta, one.rewound())
    return b.check(found["delta"], found["against"], CLOSE)


def fit_check(one: Chain) -> dict[str, Any]:
    """Return the check that x̂_0 and ε̂ make up x_t, at a chain's first moments."""
    from core.models.ddpm.check import guess_delta

    found = guess_delta(one.head(), m.model().schedule)
    return b.check(found["delta"], found["against"], CLOSE)


def net_check(x: Any, t: int, label: int | None, w: float) -> dict[str, Any]:
    """Return the check of the net's ε̂ at one x_t (1, 1, 28, 28), its guidance with it."""
    import torch

    from core.models.ddpm.check import net_delta

    labels = None if label is None else torch.tensor([label])
    found = net_delta(m.model(), torch.as_tensor(x)[:1], t, labels, w)
    return b.check(found["delta"], found["against"], EXACT)
