"""Chains out of noise: the shared chains for a diffusion's moments, and the checks of its steps."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import TypedDict

from apps.lessons.ddpm import models as m
from apps.lessons.shared import chains, sampling
from apps.stage import board as b
from apps.stage.contract import Check, More

if TYPE_CHECKING:
    import torch

WORK = 160  # images that the net sees in one answer
MOST_SHOWN = 51  # moments of a chain that are kept
CLOSE, EXACT = 1e-5, 2e-4  # float32: one step; the whole net

Begin = Callable[[], Iterator[chains.State]]


class Moment(TypedDict):
    """A moment that is shown, in the process's units."""

    k: int  # its number, steps of the net before it
    t: int
    x: np.ndarray  # x_t, (n, 28, 28)
    eps_hat: np.ndarray  # (n, 28, 28)
    x0_hat: np.ndarray  # (n, 28, 28)


def read(k: int, state: chains.State) -> Moment:
    """Return a moment as it is kept: its numbers, and its tensors as arrays."""
    x, eps_hat, x0_hat = (state[key][:, 0].numpy().copy() for key in ("x", "eps_hat", "x0_hat"))
    return {"k": k, "t": int(state["t"]), "x": x, "eps_hat": eps_hat, "x0_hat": x0_hat}


class Way(chains.Chain[Moment]):
    """A way from noise to n images.

    Attributes:
        eta: η that it is walked with.
        seed: of its generator, from which x_T is drawn first.
    """

    def __init__(self, begin: Begin, steps: int, eta: float, seed: int, film: bool):
        """Prepare a way.

        Args:
            begin: starts the sampler.
            steps: how often the net is asked.
            eta: η.
            seed: of its generator.
            film: whether the moments between start and end are kept too.
        """
        super().__init__(begin, steps + 1, to_keep(steps + 1, film), read)
        self.eta, self.seed = eta, seed

    def moments(self) -> list[Moment]:
        """Return the shown moments that are there, in order."""
        return [self.shown[k] for k in sorted(self.shown)]

    def fresh_generator(self) -> torch.Generator:
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


def film_of(length: int) -> list[int]:
    """Return which of a chain's moments are kept: all, or some evenly, the ends among them."""
    count = min(length, MOST_SHOWN)
    return sorted({round(k * (length - 1) / max(1, count - 1)) for k in range(count)})


def to_keep(length: int, film: bool) -> set[int]:
    """Return the numbers of the moments that are kept, of a film or of its two ends."""
    return set(film_of(length)) if film else {0, length - 1}


def way(
    key: Hashable,
    method: str,
    *given: Any,
    steps: int,
    eta: float,
    seed: int,
    film: bool = True,
    **options: Any,
) -> Way:
    """Return the way of these settings, begun only once; another net, another way.

    Args:
        key: all settings that are not named below.
        method: of the net: "sampling", "redraw" or "complete".
        *given: its arguments.
        steps: how often the net is asked on this way.
        eta: η.
        seed: of its generator, from which x_T is drawn first.
        film: whether the moments between start and end are kept too.
        **options: of the method.
    """
    net = m.model()
    keep = to_keep(steps + 1, film) | set(range(chains.HEAD))

    def begin() -> Iterator[chains.State]:
        asked = {"steps": steps, "eta": eta, **options}
        return sampling.moments(m.NAME, net, method, *given, seed=seed, keep=keep, **asked)

    whole = (id(net), key, steps, eta, seed, film)
    return chains.chain(whole, lambda: Way(begin, steps, eta, seed, film))


def free(
    n: int,
    seed: int,
    labels: Sequence[int] | None,
    guidance: float,
    steps: int,
    eta: float,
    film: bool = True,
) -> Way:
    """Return the way to n images from the noise of a seed."""
    import torch

    key = ("free", n, None if labels is None else tuple(labels), guidance)
    options = {
        "labels": None if labels is None else torch.tensor(labels),
        "guidance": guidance,
    }
    return way(key, "sampling", n, steps=steps, eta=eta, seed=seed, film=film, **options)


def go_on(ways: Sequence[Way], points: int, work: int) -> More:
    """Take ways as far as this request asks, one after the other.

    Args:
        ways: of the scene, in the order in which they are computed.
        points: steps of the net over all of them, as the page asks.
        work: images that the net sees in one step.
    """
    return chains.go_on(ways, points, max(1, WORK // work))


def per_image(labels: Any, guidance: float) -> int:
    """Return how many images the net sees for one: guidance asks with and without the label."""
    return 1 if labels is None or guidance in (0, 1) else 2


# ---- checks


def step_check(one: Way) -> Check:
    """Check a way's first steps: Bayes' rule or DDIM's, from the same ξ."""
    from core.models.ddpm.check import chain_delta

    head: Any = one.head()
    return b.delta_check(
        chain_delta(head, m.model().schedule, one.eta, one.fresh_generator()), CLOSE
    )


def said_check(one: Way, label: int | None, w: float, k: int = 0) -> Check:
    """Check ε̂ and x̂_0 of a way's first picture at moment k, one of its first."""
    from core.models.ddpm.check import net_delta

    now = one.head()[k]
    said = [now[name][:1] for name in ("eps_hat", "x0_hat")]
    labels = None if label is None else [label]
    found = net_delta(m.model(), now["x"][:1], int(now["t"]), labels, w, said, clip=True)
    return b.delta_check(found, EXACT)


def net_check(x: Any, t: int, label: int | None, w: float) -> Check:
    """Check the net's ε̂ and x̂_0 at one x_t (1, 1, 28, 28), its guidance with it."""
    import torch

    from core.models.ddpm.check import net_delta

    labels = None if label is None else torch.tensor([label])
    return b.delta_check(net_delta(m.model(), torch.as_tensor(x)[:1], t, labels, w), EXACT)
