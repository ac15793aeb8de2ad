"""Where heavy sampling runs: the GPU if there is one, else the processor; chosen once a process.

Everything that answers at once (boards, checks, live runs) stays on the processor, whose models
`core.weights.load` shares. Chains of hundreds of steps run on a copy of the model on the device.
Their noise is drawn on the processor from the seed and then moved: a seed gives the same images on
every machine, up to the rounding of float32 (TF32, which rounds to 11 bits, is not used).
"""

from __future__ import annotations

import copy
import time
from collections.abc import Container, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

_copies: WeakKeyDictionary[nn.Module, nn.Module] = WeakKeyDictionary()


@lru_cache(maxsize=1)
def device() -> torch.device:
    """Return where heavy sampling runs."""
    import torch

    if not torch.cuda.is_available():
        return torch.device("cpu")
    torch.backends.cuda.matmul.fp32_precision = "ieee"
    torch.backends.cudnn.conv.fp32_precision = "ieee"  # type: ignore[attr-defined]
    return torch.device("cuda")


def placed(model: nn.Module) -> nn.Module:
    """Return the model on the device, a copy made once; on a processor the model itself."""
    where = device()
    if where.type == "cpu":
        return model
    if model not in _copies:
        _copies[model] = copy.deepcopy(model).to(where)
    return _copies[model]


def walk(
    model: nn.Module, way: str, *given: Any, seed: int, **options: Any
) -> Iterator[dict[str, Any]]:
    """Yield the moments of a chain on the device, their tensors on the processor.

    Args:
        model: with a method `way` that yields dictionaries, such as "sampling".
        way: the method.
        *given: its arguments.
        seed: of all its noise.
        **options: of the method.
    """
    import torch

    draw = torch.Generator().manual_seed(seed)
    for moment in getattr(placed(model), way)(*given, generator=draw, **options):
        yield {k: v.cpu() if isinstance(v, torch.Tensor) else v for k, v in moment.items()}


def whole(
    name: str,
    way: str,
    *given: Any,
    seed: int,
    keep: Container[int],
    always: Container[str] = (),
    **options: Any,
) -> list[dict[str, Any]]:
    """Return all moments of a card's chain; each tells how many "seconds" it took.

    Args:
        name: of the card.
        way: as of `walk`, like the next three.
        *given: its arguments.
        seed: of all its noise.
        keep: numbers of the moments that come with everything.
        always: what the other moments come with.
        **options: of the method.
    """
    from core import weights

    found, start = [], time.perf_counter()
    for k, moment in enumerate(walk(weights.load(name), way, *given, seed=seed, **options)):
        kept = moment if k in keep else {key: moment[key] for key in moment if key in always}
        found.append({**kept, "seconds": time.perf_counter() - start})
        start = time.perf_counter()
    return found


def sample(model: nn.Module, n: int, seed: int, **options: Any) -> Tensor:
    """Return what the model's `sample` makes of a seed on the device, on the processor."""
    import torch

    there: Any = placed(model)
    return there.sample(n, generator=torch.Generator().manual_seed(seed), **options).cpu()
