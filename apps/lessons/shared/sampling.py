"""Draw from the trained nets, for all tabs: on a machine of one's own, or on a lent GPU.

    Own     a page's chain goes on by a piece a request and stays in this process between them
    Lent    a GPU that is lent for one call (ZeroGPU) cannot stay: the whole chain is computed at
            the first request, and the pieces are read out of it

One of the two is chosen when this module is imported; `moments`, `sample`, `images` and `place` are
its methods.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from apps.stage.server.gpu import heavy, is_zero_gpu
from core import device, weights
from core.device import Moment
from core.measure import comparison, drawing
from core.measure.comparison import Family

if TYPE_CHECKING:
    from torch import Tensor, nn

HEAVY = ("ddpm-mnist", "ebm-mnist", "flow-mnist")  # the others draw a digit in milliseconds


# ---- what is sent to a lent GPU: pure, found by spaces at import, models by their cards' names


def walk_card(name: str, way: str, *given: Any, **options: Any) -> list[Moment]:
    """Return all moments of a card's chain; arguments as of `core.device.walk_to_the_end`."""
    return device.walk_to_the_end(weights.load(name), way, *given, **options)


walk_card = heavy(walk_card, 90)  # a thousand steps of a net


@heavy
def sample_card(name: str, n: int, seed: int, options: dict[str, Any]) -> Tensor:
    """Return a card's samples (n, 1, 28, 28)."""
    return device.sample(weights.load(name), n, seed, **options)


@heavy
def draw_card(name: str, seed: int, first: int, end: int) -> list[np.ndarray]:
    """Return images `first` to `end` − 1 of the comparison."""
    return _draw(weights.load(name), comparison.BY_NAME[name], seed, first, end)


def _draw(model: nn.Module, family: Family, seed: int, first: int, end: int) -> list[np.ndarray]:
    there = device.on_device(model) if family.card in HEAVY else model
    return list(drawing.draw(there, family, seed, first, end - first)) if end > first else []


# ---- the two ways


class Own:
    """Heavy sampling of the cards' nets, on this machine's own device, in pieces."""

    def moments(
        self,
        name: str,
        model: nn.Module,
        way: str,
        *given: Any,
        seed: int,
        keep: Container[int],
        always: Container[str] = (),
        **options: Any,
    ) -> Iterator[Moment]:
        """Yield the moments one by one, computed on demand."""
        return device.walk(model, way, *given, seed=seed, **options)

    def sample(self, name: str, model: nn.Module, n: int, seed: int, **options: Any) -> Tensor:
        """Return samples (n, 1, 28, 28) of a seed; `model` is the card's."""
        return device.sample(model, n, seed, **options)

    def images(
        self, family: Family, model: nn.Module, seed: int, first: int, end: int
    ) -> list[np.ndarray]:
        """Return images `first` to `end` − 1 of a seed as the comparison draws them."""
        return _draw(model, family, seed, first, end)

    def place(self) -> None:
        """Put the heavy models where they run, before the server starts: here the first request
        moves a model.
        """


class Lent(Own):
    """Sampling in one call of a ZeroGPU; light work stays in this process."""

    def moments(
        self, name: str, model: nn.Module, way: str, *given: Any, **options: Any
    ) -> Iterator[Moment]:
        """Yield the moments of a chain that one call has computed whole."""
        return iter(walk_card(name, way, *given, **options))

    def sample(self, name: str, model: nn.Module, n: int, seed: int, **options: Any) -> Tensor:
        """Return samples, drawn in one call."""
        return sample_card(name, n, seed, options)

    def images(
        self, family: Family, model: nn.Module, seed: int, first: int, end: int
    ) -> list[np.ndarray]:
        """Return images of the comparison, a heavy family's drawn in one call."""
        if family.card in HEAVY:
            return draw_card(family.card, seed, first, end)
        return super().images(family, model, seed, first, end)

    def place(self) -> None:
        """Put the heavy models on the GPU before the server starts, as ZeroGPU wants it."""
        for name in HEAVY:
            device.on_device(weights.load(name))


sampler = Lent() if is_zero_gpu() else Own()
moments, sample, images, place = sampler.moments, sampler.sample, sampler.images, sampler.place
