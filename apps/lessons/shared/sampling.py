"""Heavy sampling, for all tabs: in pieces on a machine of one's own, in one call on a lent GPU.

A chain of a page goes on by a piece a request and stays in this process between them. A GPU that
is lent for one call cannot stay: there the whole chain is computed at the first request, and the
pieces are read out of it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Any

from apps.stage.server.gpu import heavy, lent
from core import device

if TYPE_CHECKING:
    from core.measure.comparison import Family

HEAVY = ("ddpm-mnist", "ebm-mnist", "flow-mnist")  # the others draw a digit in milliseconds

whole = heavy(device.whole, 90)  # a thousand steps of a net


@heavy
def sampled(name: str, n: int, seed: int, options: dict[str, Any]) -> Any:
    """Return a card's samples (n, 1, 28, 28)."""
    from core import weights

    return device.sample(weights.load(name), n, seed, **options)


@heavy
def drawn(name: str, seed: int, first: int, end: int) -> list[Any]:
    """Return images `first` to `end` − 1 of the comparison."""
    from core import weights
    from core.measure import comparison

    model, family = device.placed(weights.load(name)), comparison.BY_NAME[name]
    return [comparison.draw(model, family, seed, index) for index in range(first, end)]


def moments(
    name: str,
    model: Any,
    way: str,
    *given: Any,
    seed: int,
    keep: Container[int],
    always: Container[str] = (),
    **options: Any,
) -> Iterator[dict[str, Any]]:
    """Yield a chain's moments; arguments as of `core.device.walk` and `whole`.

    A moment may tell how many "seconds" it took, where it was computed before it is asked for; one
    that is not in `keep` may come with no more than `always`.
    """
    if not lent():
        return device.walk(model, way, *given, seed=seed, **options)
    return iter(whole(name, way, *given, seed=seed, keep=keep, always=always, **options))


def sample(name: str, model: Any, n: int, seed: int, **options: Any) -> Any:
    """Return samples (n, 1, 28, 28) of a seed; `model` is the card's."""
    return sampled(name, n, seed, options) if lent() else device.sample(model, n, seed, **options)


def images(family: Family, model: Any, seed: int, first: int, end: int) -> list[Any]:
    """Return images `first` to `end` − 1 of a seed as the comparison draws them, each alone."""
    if lent() and family.card in HEAVY:
        return drawn(family.card, seed, first, end)
    from core.measure import comparison

    there = device.placed(model) if family.card in HEAVY else model
    return [comparison.draw(there, family, seed, index) for index in range(first, end)]


def place() -> None:
    """Put the heavy models on the GPU before the server starts, as ZeroGPU wants it."""
    if not lent():
        return
    from core import weights

    for name in HEAVY:
        device.placed(weights.load(name))
