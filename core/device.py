"""Run heavy sampling on the GPU if there is one, else on the processor; chosen once a process.

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

Moment = dict[str, Any]  # a state of a chain by the names that its model gives, mostly tensors

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


def on_device(model: nn.Module) -> nn.Module:
    """Return the model on the device, a copy made once; on a processor the model itself."""
    where = device()
    if where.type == "cpu":
        return model
    if model not in _copies:
        _copies[model] = copy.deepcopy(model).to(where)
    return _copies[model]


def walk(model: nn.Module, way: str, *given: Any, seed: int, **options: Any) -> Iterator[Moment]:
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
    for moment in getattr(on_device(model), way)(*given, generator=draw, **options):
        yield {k: v.cpu() if isinstance(v, torch.Tensor) else v for k, v in moment.items()}


def walk_to_the_end(
    model: nn.Module,
    way: str,
    *given: Any,
    seed: int,
    keep: Container[int],
    always: Container[str] = (),
    **options: Any,
) -> list[Moment]:
    """Return all moments of a chain, each with the "seconds" that it took.

    Args:
        model: as of `walk`, like the next three.
        way: the method.
        *given: its arguments.
        seed: of all its noise.
        keep: numbers of the moments that come with everything.
        always: names that the other moments come with.
        **options: of the method.
    """
    found, start = [], time.perf_counter()
    for k, moment in enumerate(walk(model, way, *given, seed=seed, **options)):
        some = moment if k in keep else {key: moment[key] for key in moment if key in always}
        found.append({**some, "seconds": time.perf_counter() - start})
        start = time.perf_counter()
    return found


def sample(model: nn.Module, n: int, seed: int, **options: Any) -> Tensor:
    """Return n samples of a seed by the model's `sample`, computed on the device, moved back."""
    import torch

    there: Any = on_device(model)
    return there.sample(n, generator=torch.Generator().manual_seed(seed), **options).cpu()
